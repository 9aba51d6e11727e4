"""Do the hidden layers have the width asked for?"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from grader.checks.base import Check, Finding, Outcome, Params, without_value
from grader.checks.wording import counted
from grader.evidence import Evidence

Units = Annotated[int, Field(ge=1)]


class HiddenUnitsParams(Params):
    """How wide the hidden layers are.

    Attributes:
        minimum: Each has at least this many units, inclusive.
        maximum: Each has at most this many, inclusive; no limit if left out.
        exact: Instead of bounds: the width of each hidden layer, in order.
    """

    minimum: Units = 1
    maximum: Units | None = None
    exact: tuple[Units, ...] = ()

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            message = f"maximum: must not be below minimum ({self.minimum}), got {self.maximum}"
            raise ValueError(message)
        if self.exact and (self.minimum > 1 or self.maximum is not None):
            message = "exact: give either exact or minimum and maximum, not both"
            raise ValueError(message)
        return self


def hidden_units(evidence: Evidence, params: HiddenUnitsParams) -> Finding:
    """Compare the width of every hidden layer with the bounds.

    What it checks:
        Each hidden layer lies within the bounds, or the widths are exactly those listed.

    Why it matters:
        A layer that is too narrow cannot carry what the next ones need.

    Passes:
        ``Linear(2, 16), ReLU(), Linear(16, 8), ReLU(), Linear(8, 1)`` with ``minimum = 8``.

    Fails:
        The same with ``minimum = 16``; a model without a hidden layer.

    Does not detect:
        Units that are always 0.

    Args:
        evidence: Uses ``model.hidden_layers``.
        params: Bounds, or the exact widths.

    Returns:
        Undetermined if the layers could not be told.
    """
    if params.exact:
        expected = f"hidden layers of {_listed(params.exact)} units"
        advice = f"Give the hidden layers {_listed(params.exact)} units, in this order."
    else:
        expected = f"at least {counted(params.minimum, 'unit')} in each hidden layer"
        advice = f"Give each hidden layer at least {counted(params.minimum, 'unit')}."
        if params.maximum is not None:
            expected = f"{params.minimum} to {params.maximum} units in each hidden layer"
            advice = f"Give each hidden layer {params.minimum} to {params.maximum} units."
    layers = evidence.model.hidden_layers
    if not layers.is_known:
        return without_value(
            layers, "how wide the hidden layers are", expected=expected, advice=advice
        )

    widths = tuple(layer.units for layer in layers.known_value)
    if not widths:
        seen = "the model has no hidden layer"
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=layers.provenance)
    seen = f"{'a hidden layer' if len(widths) == 1 else 'hidden layers'} of {_listed(widths)} units"
    if params.exact:
        right = widths == params.exact
    else:
        most = params.maximum if params.maximum is not None else max(widths)
        right = all(params.minimum <= width <= most for width in widths)
    if right:
        return Finding(Outcome.PASSED, seen, expected, provenance=layers.provenance)
    return Finding(Outcome.FAILED, seen, expected, advice, provenance=layers.provenance)


def _listed(widths: tuple[int, ...]) -> str:
    return ", ".join(map(str, widths))


CHECK = Check(
    id="hidden-units",
    title="The hidden layers have the width asked for",
    params=HiddenUnitsParams,
    run=hidden_units,
    requires=("was-trained",),
)
