"""Does the model have as many hidden layers as asked for?"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from grader.checks.base import Check, Finding, Outcome, Params, without_value
from grader.checks.wording import counted
from grader.evidence import Evidence


class HiddenLayersParams(Params):
    """How many hidden layers.

    Attributes:
        minimum: At least this many, inclusive.
        maximum: At most this many, inclusive; no limit if left out.
    """

    minimum: Annotated[int, Field(ge=0)] = 1
    maximum: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            message = f"maximum: must not be below minimum ({self.minimum}), got {self.maximum}"
            raise ValueError(message)
        return self


def hidden_layers(evidence: Evidence, params: HiddenLayersParams) -> Finding:
    """Count the layers with weights before the last one.

    What it checks:
        The number of hidden layers in the computation, not in the list of layer objects.

    Why it matters:
        Without a hidden layer a network draws one straight line, whatever else it holds.

    Passes:
        ``Linear(2, 16), ReLU(), Linear(16, 1)`` where one hidden layer is asked for.

    Fails:
        ``Dense(1, activation="sigmoid")`` alone; a second layer that ``forward`` never calls.

    Does not detect:
        Layers with nothing between them: ``hidden-activation`` does.

    Args:
        evidence: Uses ``model.hidden_layers``.
        params: Bounds.

    Returns:
        Undetermined if the layers could not be told.
    """
    least, most = params.minimum, params.maximum
    if most is None:
        expected = f"at least {counted(least, 'hidden layer')}"
    elif most == least:
        expected = f"exactly {counted(least, 'hidden layer')}"
    else:
        expected = f"{least} to {counted(most, 'hidden layer')}"
    layers = evidence.model.hidden_layers
    advice = "Add hidden layers: layers with weights before the last one."
    if not layers.is_known:
        return without_value(
            layers, "how many hidden layers the model has", expected=expected, advice=advice
        )

    count = len(layers.known_value)
    seen = counted(count, "hidden layer")
    if count:
        seen += f" ({', '.join(str(layer.units) for layer in layers.known_value)} units)"
    if count < least:
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=layers.provenance)
    if most is not None and count > most:
        advice = "Take hidden layers away: fewer are enough here."
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=layers.provenance)
    return Finding(Outcome.PASSED, seen, expected, provenance=layers.provenance)


CHECK = Check(
    id="hidden-layers",
    title="The model has the hidden layers asked for",
    params=HiddenLayersParams,
    run=hidden_layers,
    requires=("was-trained",),
)
