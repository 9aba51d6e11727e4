"""Does the model have as many outputs as the task needs?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from grader.checks.base import Check, Finding, Outcome, Params, without_value
from grader.checks.wording import counted
from grader.evidence import Evidence, ExerciseBrief, Fact, Task, known, unknown


class OutputShapeParams(Params):
    """Which numbers of outputs count.

    Attributes:
        units: Exactly this many outputs; without it, whatever suits the task.
        allow_extra: More outputs than classes are fine; they are never trained and harmless.
    """

    units: Annotated[int, Field(ge=1)] | None = None
    allow_extra: bool = False


def output_shape(evidence: Evidence, params: OutputShapeParams) -> Finding:
    """Compare the number of outputs with the number of classes.

    What it checks:
        Each row gives one number or two for a binary task, one for each class or label
        otherwise.

    Why it matters:
        With fewer outputs than classes some classes can never be named.

    Passes:
        ``Dense(1)``, ``Linear(8, 2)`` and ``Linear(8, 1)`` with ``squeeze`` for two classes.

    Fails:
        ``Linear(8, 4)`` for three classes; outputs of shape ``(None, 28, 10)``, where a
        ``Flatten`` is missing.

    Does not detect:
        What the outputs mean: see ``output-activation``.

    Args:
        evidence: Uses ``brief`` and ``model.output_shape``.
        params: A prescribed number of outputs, or leave for extra ones.

    Returns:
        Undetermined if the output shape is unknown.
    """
    right = (params.units,) if params.units is not None else _suitable(evidence.brief)
    one_of = " or ".join(map(str, right))
    expected = f"{one_of} output{'' if right == (1,) else 's'} for each row"
    if params.allow_extra:
        expected += ", or more"
    shape = evidence.model.output_shape
    advice = f"Give the last layer {one_of} unit{'' if right == (1,) else 's'}."
    if not shape.is_known:
        return without_value(
            shape, "how many outputs the model has", expected=expected, advice=advice
        )

    sizes = shape.known_value[1:]
    units = output_units(shape).value
    if len(sizes) > 1 or units is None:
        listed = ", ".join("any" if size is None else str(size) for size in sizes)
        seen = f"the model gives an array of shape ({listed}) for each row"
        advice = "Flatten before the last layer, so that each row gives one line of numbers."
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=shape.provenance)
    seen = f"the model gives {counted(units, 'output')} for each row"
    if units in right or (params.allow_extra and units > min(right)):
        return Finding(Outcome.PASSED, seen, expected, provenance=shape.provenance)
    return Finding(Outcome.FAILED, seen, expected, advice, provenance=shape.provenance)


def output_units(shape: Fact[tuple[int | None, ...]]) -> Fact[int]:
    """Read the number of outputs of the last layer from an output shape.

    Args:
        shape: ``(None, C)``, or ``(None,)`` for one output that was squeezed.

    Returns:
        The last size; without a value where the shape has none.
    """
    if not shape.is_known:
        return Fact[int](state=shape.state, reason=shape.reason, provenance=shape.provenance)
    last = shape.known_value[-1] if len(shape.known_value) > 1 else 1
    if last is None:
        return unknown("the number of outputs is not fixed", provenance=shape.provenance)
    return known(last, provenance=shape.provenance)


def _suitable(brief: ExerciseBrief) -> tuple[int, ...]:
    return (1, 2) if brief.task is Task.BINARY else (len(brief.classes),)


CHECK = Check(
    id="output-shape",
    title="The number of outputs suits the task",
    params=OutputShapeParams,
    run=output_shape,
    requires=("was-trained",),
)
