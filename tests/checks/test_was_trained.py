"""Was the model trained at all?"""

from __future__ import annotations

import pytest

from grader.checks.base import Outcome
from grader.checks.was_trained import WasTrainedParams, was_trained
from grader.evidence import LossPoint, Provenance, absent, unknown
from grader.testing import binary_evidence


def test_changed_parameters_pass_and_rest_on_what_was_recorded() -> None:
    finding = was_trained(binary_evidence(), WasTrainedParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == "the model's parameters were changed by training, in 500 steps"
    assert finding.provenance is Provenance.RECORDED


def test_steps_without_change_fail_and_name_the_steps() -> None:
    evidence = binary_evidence(is_trained=False, training={"steps": 20})

    finding = was_trained(evidence, WasTrainedParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "no parameter of the model changed in 20 steps"
    assert "learning rate" in finding.advice


def test_an_optimizer_with_other_parameters_is_named_as_the_cause() -> None:
    evidence = binary_evidence(
        is_trained=False, training={"steps": 0}, optimizer={"holds_parameters": False}
    )

    finding = was_trained(evidence, WasTrainedParams())

    assert finding.outcome is Outcome.FAILED
    assert "holds parameters of something else" in finding.seen
    assert "Create the optimizer after the model" in finding.advice


def test_gradient_descent_by_hand_counts_as_training() -> None:
    evidence = binary_evidence(training={"steps": 0, "gradients": 40})

    once = was_trained(evidence, WasTrainedParams())
    enough = was_trained(evidence, WasTrainedParams(minimum_steps=40))
    too_few = was_trained(evidence, WasTrainedParams(minimum_steps=41))

    assert once.outcome is enough.outcome is Outcome.PASSED
    assert too_few.outcome is Outcome.FAILED
    assert too_few.seen.endswith("in 40 steps")


def test_an_unknown_number_of_steps_matters_only_where_many_are_asked_for() -> None:
    evidence = binary_evidence(
        training={"steps": unknown("the hook was lost"), "gradients": unknown("the hook was lost")}
    )

    assert was_trained(evidence, WasTrainedParams()).outcome is Outcome.PASSED
    asked = was_trained(evidence, WasTrainedParams(minimum_steps=100))
    assert asked.outcome is Outcome.UNDETERMINED
    assert "the hook was lost" in asked.seen


def test_unobserved_training_is_undetermined() -> None:
    evidence = binary_evidence(is_trained=unknown("the recorder did not start"))

    assert was_trained(evidence, WasTrainedParams()).outcome is Outcome.UNDETERMINED


def test_a_crash_before_training_fails_with_its_reason() -> None:
    evidence = binary_evidence(is_trained=absent("cell 3 failed before anything was trained"))

    finding = was_trained(evidence, WasTrainedParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "cell 3 failed before anything was trained"


def test_less_than_one_step_is_no_minimum() -> None:
    with pytest.raises(ValueError, match="minimum_steps"):
        WasTrainedParams(minimum_steps=0)


def test_gradients_without_a_step_point_to_the_missing_call() -> None:
    evidence = binary_evidence(
        is_trained=False, training={"steps": 0, "gradients": 300, "curve": ()}
    )

    finding = was_trained(evidence, WasTrainedParams())

    assert finding.outcome is Outcome.FAILED
    assert "gradients were computed 300 times" in finding.seen
    assert "optimizer.step()" in finding.advice


def test_a_loss_that_fell_without_any_change_is_a_contradiction_for_a_person() -> None:
    curve = (LossPoint(step=1, loss=0.7), LossPoint(step=50, loss=0.1))
    evidence = binary_evidence(is_trained=False, training={"steps": 50, "curve": curve})

    assert was_trained(evidence, WasTrainedParams()).outcome is Outcome.UNDETERMINED


def test_a_loss_that_only_wavers_is_no_contradiction() -> None:
    curve = (LossPoint(step=1, loss=0.70), LossPoint(step=50, loss=0.66))
    evidence = binary_evidence(is_trained=False, training={"steps": 50, "curve": curve})

    assert was_trained(evidence, WasTrainedParams()).outcome is Outcome.FAILED
