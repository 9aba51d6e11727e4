"""Does the loss suit the task, and does it take what the model emits?"""

from __future__ import annotations

import pytest

from grader.checks.base import NoParams, Outcome
from grader.checks.loss import LossParams, loss
from grader.checks.loss_matches_output import loss_matches_output
from grader.evidence import LossFamily, ScoreKind, TargetEncoding, unknown
from grader.testing import binary_evidence, multiclass_evidence, multilabel_evidence


def test_a_right_loss_is_shown_with_outputs_and_labels() -> None:
    finding = loss(multiclass_evidence(), LossParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == (
        "CrossEntropyLoss (categorical cross-entropy) over 3 outputs, labels written as class index"
    )


def test_binary_cross_entropy_on_one_hot_is_a_remark_unless_another_is_prescribed() -> None:
    evidence = multiclass_evidence(
        loss={
            "family": LossFamily.BINARY_CROSS_ENTROPY,
            "name": "binary_crossentropy",
            "target_encoding": TargetEncoding.ONE_HOT,
        }
    )

    free = loss(evidence, LossParams())
    prescribed = loss(evidence, LossParams(allowed=(LossFamily.CATEGORICAL_CROSS_ENTROPY,)))
    allowed = loss(evidence, LossParams(allowed=(LossFamily.BINARY_CROSS_ENTROPY,)))

    assert free.outcome is allowed.outcome is Outcome.PASSED
    assert free.seen.endswith("categorical cross-entropy is the usual choice")
    assert "usual choice" not in allowed.seen
    assert prescribed.outcome is Outcome.FAILED
    assert prescribed.expected == "categorical cross-entropy"


@pytest.mark.parametrize("family", [LossFamily.MEAN_SQUARED_ERROR, LossFamily.MEAN_ABSOLUTE_ERROR])
def test_a_regression_loss_fails_unless_the_rubric_allows_it(family: LossFamily) -> None:
    evidence = binary_evidence(loss={"family": family, "name": "MSELoss"})

    assert loss(evidence, LossParams()).outcome is Outcome.FAILED
    assert loss(evidence, LossParams(allowed=(family,))).outcome is Outcome.PASSED


@pytest.mark.parametrize("family", [LossFamily.HINGE, LossFamily.OTHER])
def test_a_loss_that_cannot_be_judged_is_undetermined(family: LossFamily) -> None:
    evidence = binary_evidence(loss={"family": family, "name": "FocalLoss"})

    finding = loss(evidence, LossParams())

    assert finding.outcome is Outcome.UNDETERMINED
    assert "FocalLoss" in finding.seen
    assert loss(evidence, LossParams(allowed=(family,))).outcome is Outcome.PASSED


def test_a_prescribed_family_rejects_hinge_but_not_the_unknown() -> None:
    only_bce = LossParams(allowed=(LossFamily.BINARY_CROSS_ENTROPY,))

    hinge = loss(binary_evidence(loss={"family": LossFamily.HINGE}), only_bce)
    other = loss(binary_evidence(loss={"family": LossFamily.OTHER}), only_bce)

    assert hinge.outcome is Outcome.FAILED
    assert other.outcome is Outcome.UNDETERMINED


def test_what_is_needed_but_unknown_is_undetermined() -> None:
    no_family = binary_evidence(loss={"family": unknown("a loss by hand")})
    no_units = binary_evidence(model={"output_shape": unknown("never called")})
    no_labels = multiclass_evidence(
        loss={
            "family": LossFamily.BINARY_CROSS_ENTROPY,
            "target_encoding": unknown("labels were not recorded"),
        }
    )
    odd_labels = binary_evidence(loss={"target_encoding": TargetEncoding.OTHER})

    for evidence in (no_family, no_units, no_labels, odd_labels):
        assert loss(evidence, LossParams()).outcome is Outcome.UNDETERMINED


def test_unknown_labels_do_not_matter_where_only_one_encoding_can_train() -> None:
    evidence = binary_evidence(loss={"target_encoding": unknown("labels were not recorded")})

    assert loss(evidence, LossParams()).outcome is Outcome.PASSED


def test_multilabel_needs_no_number_of_outputs() -> None:
    evidence = multilabel_evidence(model={"output_shape": unknown("never called")})

    assert loss(evidence, LossParams()).outcome is Outcome.PASSED


def test_softmax_before_cross_entropy_fails_and_names_both_sides() -> None:
    evidence = multiclass_evidence(
        model={"output_activation": "softmax"}, loss={"receives": ScoreKind.PROBABILITIES}
    )

    finding = loss_matches_output(evidence, NoParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "the model emits probabilities; CrossEntropyLoss expects logits"
    assert "applies it itself" in finding.advice


def test_an_activation_outside_the_model_is_part_of_the_pairing() -> None:
    evidence = binary_evidence(
        loss={"outside_activation": "sigmoid", "receives": ScoreKind.PROBABILITIES}
    )

    finding = loss_matches_output(evidence, NoParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == (
        "after sigmoid outside the model, the loss receives probabilities; "
        "BCEWithLogitsLoss expects logits"
    )


def test_what_the_framework_repaired_still_fails_and_is_told() -> None:
    evidence = multiclass_evidence(
        loss={"receives": ScoreKind.PROBABILITIES, "repaired_by_framework": True}
    )

    finding = loss_matches_output(evidence, NoParams())

    assert finding.outcome is Outcome.FAILED
    assert "Keras noticed and repaired it" in finding.seen


def test_log_softmax_before_cross_entropy_is_harmless() -> None:
    evidence = multiclass_evidence(loss={"receives": ScoreKind.LOG_PROBABILITIES})

    finding = loss_matches_output(evidence, NoParams())

    assert finding.outcome is Outcome.PASSED
    assert "harmless" in finding.seen


def test_labels_given_to_a_loss_fail() -> None:
    evidence = binary_evidence(loss={"receives": ScoreKind.LABELS})

    finding = loss_matches_output(evidence, NoParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.advice == "Make the output give logits, or choose another loss."


def test_an_unknown_side_is_undetermined() -> None:
    gives = binary_evidence(loss={"receives": unknown("a lambda layer")})
    takes = binary_evidence(loss={"expects": unknown("a loss by hand")})
    computes = multiclass_evidence(
        loss={"receives": ScoreKind.LOG_PROBABILITIES, "family": unknown("a loss by hand")}
    )

    for evidence in (gives, takes, computes):
        assert loss_matches_output(evidence, NoParams()).outcome is Outcome.UNDETERMINED
