"""Is the loss one for this kind of classification and for labels written like these?"""

from __future__ import annotations

from grader.checks.base import Check, Finding, Outcome, Params, undetermined, weakest, without_value
from grader.checks.loss_needs import BINARY, OVER_CLASSES, REGRESSION, fault_of
from grader.checks.output_shape import output_units
from grader.checks.wording import counted
from grader.evidence import Evidence, LossFamily, TargetEncoding, Task


class LossParams(Params):
    """Which losses count.

    Attributes:
        allowed: Families that the exercise prescribes: ``binary cross-entropy``, ``categorical
            cross-entropy``, ...; empty for every family that suits the task.
    """

    allowed: tuple[LossFamily, ...] = ()


def loss(evidence: Evidence, params: LossParams) -> Finding:
    """Compare what the loss computes with the task, the outputs and the labels.

    What it checks:
        Binary cross-entropy for one output and for labels; categorical cross-entropy or negative
        log-likelihood for several outputs of which one is right; labels encoded for it.

    Why it matters:
        The squared error hardly punishes confident mistakes; softmax over one unit is constant.

    Passes:
        ``BCEWithLogitsLoss`` for one output; ``CrossEntropyLoss`` for several; binary
        cross-entropy on one-hot labels, with a remark, unless the rubric prescribes another.

    Fails:
        ``MSELoss``; ``categorical_crossentropy`` with one unit; softmax losses for multilabel;
        one-hot labels in a sparse loss.

    Does not detect:
        Whether it gets logits or probabilities: ``loss-matches-output`` does.

    Args:
        evidence: Uses ``loss.family``, ``loss.name``, ``loss.target_encoding`` and
            ``model.output_shape``.
        params: Families prescribed.

    Returns:
        Undetermined if the family is unknown, or not one that can be judged here.
    """
    story, units = evidence.loss, output_units(evidence.model.output_shape)
    expected = _expected(evidence.brief.task, units.value, params.allowed)
    advice = f"Train with {expected}."
    if not story.family.is_known:
        return without_value(
            story.family, "what the loss computes", expected=expected, advice=advice
        )

    family = story.family.known_value
    name = story.name.value
    seen = f"{name} ({family})" if name and name != family else str(family)
    provenance = story.family.provenance
    if family not in params.allowed:
        if family is LossFamily.OTHER or (family is LossFamily.HINGE and not params.allowed):
            reason = f"{seen} cannot be judged without a look at the code"
            what = "whether the loss suits the task"
            return undetermined(what, reason=reason, expected=expected)
        if params.allowed or family in REGRESSION:
            return Finding(Outcome.FAILED, seen, expected, advice, provenance=provenance)
    if family not in (BINARY, *OVER_CLASSES):
        return Finding(Outcome.PASSED, seen, expected, provenance=provenance)

    encoding, single_label = story.target_encoding, evidence.brief.task is not Task.MULTILABEL
    if single_label and not units.is_known:
        what = "how many outputs the loss compares"
        return without_value(units, what, expected=expected, advice=advice)
    one_against_rest = family is BINARY and single_label and units.value != 1
    if encoding.value is TargetEncoding.OTHER or (one_against_rest and not encoding.is_known):
        reason = encoding.reason or "their form is not one that is known here"
        what = "whether the loss suits the labels as they were written"
        return undetermined(what, reason=reason, expected=expected)

    if single_label:
        seen += f" over {counted(units.value or 0, 'output')}"
        provenance = weakest(story.family, units)
    if encoding.is_known:
        seen += f", labels written as {encoding.value}"
    fault = fault_of(evidence, family, units.value)
    if fault:
        seen += f": {fault}"
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=provenance)
    if one_against_rest and not params.allowed:
        seen += "; this trains, but categorical cross-entropy is the usual choice"
    return Finding(Outcome.PASSED, seen, expected, provenance=provenance)


def _expected(task: Task, units: int | None, allowed: tuple[LossFamily, ...]) -> str:
    if allowed:
        return " or ".join(allowed)
    if task is Task.MULTILABEL:
        return "binary cross-entropy on one 0 or 1 for each label"
    if task is Task.BINARY and units == 1:
        return "binary cross-entropy on labels 0 and 1"
    several = "categorical cross-entropy or negative log-likelihood, with labels encoded for it"
    if task is Task.BINARY and units is None:
        return f"binary cross-entropy for one output, or for two {several}"
    return several


CHECK = Check(
    id="loss",
    title="The loss suits the task and its labels",
    params=LossParams,
    run=loss,
    requires=("was-trained",),
)
