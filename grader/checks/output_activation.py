"""Is the activation behind the last layer one that suits the task?"""

from __future__ import annotations

from grader.checks.activations import (
    FOR_EACH_OUTPUT,
    LINEAR,
    RECOGNISED,
    canonical,
    final_activation,
    is_linear,
)
from grader.checks.base import (
    Check,
    Finding,
    NoParams,
    Outcome,
    undetermined,
    weakest,
    without_value,
)
from grader.checks.output_needs import fault_of
from grader.checks.output_shape import output_units
from grader.evidence import Evidence, Task


def output_activation(evidence: Evidence, params: NoParams) -> Finding:
    """Judge what is applied to the last layer, in the model or between it and the loss.

    What it checks:
        One output has no activation or a sigmoid; several outputs for one class have none, a
        softmax, a log-softmax or sigmoids; several labels have none or sigmoids.

    Why it matters:
        A softmax over one unit is always 1, a softmax over labels lets only one be true, a ReLU
        takes away half of what the last layer could say.

    Passes:
        ``Linear(8, 1)`` alone, with a sigmoid in the model, or with a sigmoid in the training
        loop; ``Dense(2, activation="softmax")`` for two classes.

    Fails:
        ``Dense(1, activation="softmax")``; softmax for multilabel; ``ReLU`` behind the last layer;
        a sigmoid applied twice.

    Does not detect:
        Whether the loss expects it: ``loss-matches-output`` asks that.

    Args:
        evidence: Uses ``model.output_activation``, ``model.output_shape``, ``model.operations``
            and ``loss``.
        params: None.

    Returns:
        Undetermined if the activation is unknown, or unknown to us.
    """
    units = output_units(evidence.model.output_shape)
    task = evidence.brief.task
    expected = _expected(task, units.value)
    advice = f"Use {expected}, with the loss that belongs to it."
    activation = final_activation(evidence)
    if not activation.is_known:
        what = "which activation the outputs have"
        return without_value(activation, what, expected=expected, advice=advice)

    name = canonical(activation.known_value)
    seen = _seen(evidence, activation.known_value)
    provenance = activation.provenance
    if name in RECOGNISED - {LINEAR} and task is not Task.MULTILABEL:
        if not units.is_known:
            what = "how many outputs the activation is applied to"
            return without_value(units, what, expected=expected, advice=advice)
        provenance = weakest(activation, units)
    fault = fault_of(name, evidence, units.value)
    if fault:
        seen = f"{seen}: {fault}"
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=provenance)
    if name not in RECOGNISED:
        reason = f"{activation.known_value} is not one of the activations known here"
        return undetermined("whether the activation suits", reason=reason, expected=expected)
    if name in FOR_EACH_OUTPUT and task is not Task.MULTILABEL and units.value != 1:
        seen += "; this works, though a softmax is the usual choice for classes"
    return Finding(Outcome.PASSED, seen, expected, provenance=provenance)


def _expected(task: Task, units: int | None) -> str:
    if task is Task.MULTILABEL:
        return "no activation or a sigmoid for each label"
    if units is None and task is Task.BINARY:
        return "no activation, a sigmoid on one output or a softmax over two"
    if units == 1 and task is Task.BINARY:
        return "no activation or a sigmoid"
    return "no activation, a softmax or a log-softmax"


def _seen(evidence: Evidence, activation: str) -> str:
    outside = evidence.loss.outside_activation
    if outside.is_known and not is_linear(outside.known_value):
        return f"the training code applies {outside.known_value} to what the model gives"
    if is_linear(activation):
        return "the model ends without an activation"
    return f"the model ends in {activation}"


CHECK = Check(
    id="output-activation",
    title="The output activation suits the task",
    params=NoParams,
    run=output_activation,
    requires=("was-trained",),
)
