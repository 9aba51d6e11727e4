"""What an activation behind the last layer does to the outputs of each task."""

from __future__ import annotations

from grader.checks.activations import (
    ACROSS_OUTPUTS,
    FOR_EACH_OUTPUT,
    NO_SCORES,
    RECOGNISED,
    canonical,
)
from grader.checks.loss_needs import OVER_CLASSES
from grader.evidence import Evidence, ScoreKind, Task


def fault_of(name: str, evidence: Evidence, units: int | None) -> str:
    """Say what is wrong with a final activation; empty if nothing is.

    Args:
        name: Canonical name of what stands between the last layer and the loss.
        evidence: Uses ``brief``, ``model`` and ``loss``.
        units: Number of outputs; ``None`` if unknown, which matters to no multilabel task.
    """
    inside, outside = evidence.model.output_activation, evidence.loss.outside_activation
    first, second = canonical(inside.value or ""), canonical(outside.value or "")
    several = evidence.brief.task is Task.MULTILABEL
    if name in NO_SCORES or first in NO_SCORES:
        return "what it leaves are neither scores without bounds nor probabilities"
    if name == f"{first}and{second}" and {first, second} <= RECOGNISED:
        return f"together with {inside.known_value} in the model that is one activation too many"
    if name in ACROSS_OUTPUTS and several:
        return "it lets only one label be true, but several can be"
    if name in ACROSS_OUTPUTS and units == 1:
        return "over a single output it is always the same number"
    if first in ACROSS_OUTPUTS and _normalised_axis(evidence) not in (None, -1):
        return "it compares the rows of a batch with each other instead of the classes of a row"
    if name in FOR_EACH_OUTPUT and not several and units != 1:
        family, expects = evidence.loss.family.value, evidence.loss.expects.value
        if family in OVER_CLASSES and expects is ScoreKind.PROBABILITIES:
            return f"{family} wants probabilities of the classes that add up to 1"
    return ""


def _normalised_axis(evidence: Evidence) -> int | None:
    operations = evidence.model.operations.value or ()
    axes = [step.axis for step in operations if canonical(step.activation or "") in ACROSS_OUTPUTS]
    return axes[-1] if axes else None
