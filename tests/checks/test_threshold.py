"""Metrics on hidden data against their bounds: shares, wording, students' view."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.checks import CHECKS
from grader.checks.base import Outcome
from grader.checks.beats_majority import BeatsMajorityParams, beats_majority
from grader.checks.hidden_accuracy import hidden_accuracy
from grader.checks.hidden_f1 import hidden_f1
from grader.checks.hidden_precision import hidden_precision
from grader.checks.hidden_recall import hidden_recall
from grader.checks.run import run_check
from grader.checks.threshold import AveragedParams, ThresholdParams, exact, shown
from grader.evidence import AveragedScores, Evidence, HiddenProblem, Provenance, absent, unknown
from grader.testing import binary_evidence, measurement, multiclass_evidence

CIRCLES = {"average": "macro", "minimum": 0.90, "full": 0.97, "at_minimum": 0.5}


def with_value(value: float, **changes: object) -> Evidence:
    return binary_evidence(hidden=measurement(value, **changes))


@pytest.mark.parametrize(
    ("value", "outcome", "share"),
    [
        (0.8999, Outcome.FAILED, "0"),
        (0.90, Outcome.PARTIAL, "0.5"),
        (0.935, Outcome.PARTIAL, "0.75"),
        (0.9699, Outcome.PARTIAL, "0.999"),
        (0.97, Outcome.PASSED, "0"),
        (1.0, Outcome.PASSED, "0"),
    ],
)
def test_the_share_rises_linearly_from_minimum_to_full(
    value: float, outcome: Outcome, share: str
) -> None:
    finding = run_check("hidden-f1", CIRCLES, with_value(value), CHECKS)

    assert finding.outcome is outcome
    assert round(finding.share, 3) == Decimal(share)
    assert finding.provenance is Provenance.MEASURED


def test_the_middle_of_the_way_is_exact_in_decimals() -> None:
    params = AveragedParams.model_validate(CIRCLES)

    assert params.share_of(Decimal("0.935")) == Decimal("0.75")


def test_without_full_the_minimum_earns_everything() -> None:
    params = ThresholdParams.model_validate({"minimum": 0.9})

    assert hidden_accuracy(with_value(0.9), params).outcome is Outcome.PASSED
    assert hidden_accuracy(with_value(0.8999), params).outcome is Outcome.FAILED


@pytest.mark.parametrize("right", range(1, 2001, 97))
def test_a_share_that_equals_the_minimum_on_paper_meets_it(right: int) -> None:
    params = ThresholdParams(minimum=Decimal(right) / 2000)

    met = hidden_accuracy(with_value(right / 2000), params)
    noisy = hidden_accuracy(with_value(right / 2000 - 1e-16), params)
    missed = hidden_accuracy(with_value((right - 1) / 2000), params)

    assert met.outcome is noisy.outcome is Outcome.PASSED
    assert missed.outcome is Outcome.FAILED


def test_a_student_sees_two_decimals_and_that_rounding_hides_the_failure() -> None:
    params = ThresholdParams.model_validate({"minimum": 0.9})

    finding = hidden_accuracy(with_value(0.8964), params)

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "accuracy on hidden data: 0.8964"
    assert finding.seen_by_student == (
        "accuracy on hidden data: 0.90 after rounding, just below the minimum"
    )
    assert finding.expected == "accuracy on hidden data of at least 0.9 (inclusive)"


@pytest.mark.parametrize(
    ("value", "bounds", "places", "text"),
    [
        ("0.93", ("0.9", "0.97"), 2, "0.93"),
        ("0.9", ("0.9",), 2, "0.90"),
        ("0.8999", ("0.9",), 2, "0.90 after rounding, just below the minimum"),
        ("0.89996", ("0.9",), 4, "0.9000 after rounding, just below the minimum"),
        ("0.9041", ("0.904",), 2, "0.90 after rounding, just above the minimum"),
        ("0.9655", ("0.9", "0.97"), 2, "0.97 after rounding, just below the bound of 0.97"),
        ("0.895", ("0.9",), 2, "0.90 after rounding, just below the minimum"),
    ],
)
def test_rounding_that_crosses_a_bound_is_said(
    value: str, bounds: tuple[str, ...], places: int, text: str
) -> None:
    assert shown(Decimal(value), [Decimal(bound) for bound in bounds], places) == text


def test_partial_credit_is_explained() -> None:
    finding = run_check("hidden-f1", CIRCLES, with_value(0.93), CHECKS)

    assert finding.expected == (
        "macro F1 on hidden data of at least 0.9 (inclusive), which earns 50 % of the points; "
        "all of them from 0.97 (inclusive)"
    )
    assert finding.advice


def test_a_model_with_one_answer_is_told_so() -> None:
    finding = run_check(
        "hidden-f1", {"minimum": 0.9}, with_value(0.33, predicted_classes=1), CHECKS
    )

    assert "every row the same class" in finding.advice


@pytest.mark.parametrize("average", ["binary", "macro", "micro", "weighted"])
def test_each_check_reads_its_own_metric_and_average(average: str) -> None:
    averages = {
        name: AveragedScores(precision=0.1 + place, recall=0.2 + place, f1=0.3 + place)
        for name, place in (("binary", 0.0), ("macro", 0.2), ("micro", 0.4), ("weighted", 0.6))
    }
    evidence = with_value(0.5, averages=averages)
    params = AveragedParams.model_validate({"minimum": 0.99, "average": average})

    shown_values = [
        check(evidence, params).seen.rsplit(" ", 1)[-1]
        for check in (hidden_precision, hidden_recall, hidden_f1)
    ]

    scores = averages[average]
    assert shown_values == [
        f"{value:.4f}" for value in (scores.precision, scores.recall, scores.f1)
    ]


def test_the_class_that_counts_is_named() -> None:
    outer = AveragedScores(precision=0.7, recall=0.8, f1=0.75)
    inner = AveragedScores(precision=0.9, recall=0.9, f1=0.9)
    evidence = with_value(
        0.5,
        per_class={"outer": outer, "inner": inner},
        averages={"binary": inner},
    )

    default = AveragedParams.model_validate({"minimum": 0.5, "average": "binary"})
    other = AveragedParams.model_validate(
        {"minimum": 0.5, "average": "binary", "positive": "outer"}
    )

    assert hidden_recall(evidence, default).seen == (
        "recall of the class inner on hidden data: 0.9000"
    )
    assert hidden_recall(evidence, other).seen == "recall of the class outer on hidden data: 0.8000"


def test_an_average_that_does_not_fit_the_task_is_the_instructors_error() -> None:
    binary = AveragedParams.model_validate({"minimum": 0.5, "average": "binary"})
    stranger = AveragedParams.model_validate(
        {"minimum": 0.5, "average": "binary", "positive": "purple"}
    )

    with pytest.raises(ValueError, match="does not exist for a multiclass task"):
        hidden_f1(multiclass_evidence(), binary)
    with pytest.raises(ValueError, match='"purple" is none of the classes outer, inner'):
        hidden_f1(binary_evidence(), stranger)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"minimum": 62}, "minimum"),
        ({"minimum": -0.1}, "minimum"),
        ({"minimum": "nan"}, "minimum"),
        ({}, "minimum"),
        ({"minimum": 0.9, "full": 0.9, "at_minimum": 0.5}, "full: must be above minimum"),
        ({"minimum": 0.9, "full": 1.1, "at_minimum": 0.5}, "full"),
        ({"minimum": 0.9, "full": 0.97}, "at_minimum: say which share"),
        ({"minimum": 0.9, "full": 0.97, "at_minimum": 1.5}, "at_minimum"),
        ({"minimum": 0.9, "at_minimum": 0.5}, "at_minimum: has no meaning without full"),
        ({"minimum": 0.9, "average": "samples"}, "average"),
        ({"minimum": 0.9, "positive": "outer"}, "positive: belongs to"),
    ],
)
def test_bad_bounds_are_refused_when_built(params: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AveragedParams.model_validate(params)


def test_what_could_not_be_measured_waits_and_names_the_remedy() -> None:
    params = ThresholdParams.model_validate({"minimum": 0.9})

    no_route = hidden_accuracy(binary_evidence(hidden=unknown(HiddenProblem.NO_ROUTE)), params)
    ours = hidden_accuracy(binary_evidence(hidden=unknown("the disk was full")), params)

    assert no_route.outcome is ours.outcome is Outcome.UNDETERMINED
    assert "predict(inputs)" in no_route.advice
    assert "predict(inputs)" not in ours.advice


def test_a_model_that_diverged_fails_with_the_reason() -> None:
    params = ThresholdParams.model_validate({"minimum": 0.9})
    evidence = binary_evidence(hidden=absent("the model's outputs are not numbers (NaN)"))

    finding = hidden_accuracy(evidence, params)

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "the model's outputs are not numbers (NaN)"


@pytest.mark.parametrize(
    ("accuracy", "majority", "margin", "outcome"),
    [
        (0.62, 0.5, 0.05, Outcome.PASSED),
        (0.55, 0.5, 0.05, Outcome.PASSED),
        (0.5499, 0.5, 0.05, Outcome.FAILED),
        (0.5, 0.5, 0, Outcome.FAILED),
        (0.5005, 0.5, 0, Outcome.PASSED),
        (0.9, 0.9, 0, Outcome.FAILED),
        (0.7, 0.6, 0.1, Outcome.PASSED),
    ],
)
def test_the_majority_is_beaten_by_an_inclusive_margin(
    accuracy: float, majority: float, margin: float, outcome: Outcome
) -> None:
    evidence = with_value(accuracy, majority_share=majority)

    finding = beats_majority(evidence, BeatsMajorityParams.model_validate({"margin": margin}))

    assert finding.outcome is outcome


def test_rounding_that_hides_who_wins_is_said() -> None:
    evidence = with_value(0.5499, majority_share=0.5, predicted_classes=2)

    finding = beats_majority(evidence, BeatsMajorityParams.model_validate({"margin": 0.05}))

    assert finding.seen == "accuracy 0.5499, the most frequent class alone 0.5000"
    assert finding.seen_by_student == (
        "accuracy 0.55, the most frequent class alone 0.50 (rounded; unrounded just not enough)"
    )


def test_a_constant_answer_does_not_beat_the_majority_and_is_named() -> None:
    evidence = with_value(0.9, majority_share=0.9, predicted_classes=1)

    finding = beats_majority(evidence, BeatsMajorityParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen.endswith("every row gets the same class")


def test_without_a_measurement_the_majority_is_undetermined() -> None:
    evidence = binary_evidence(hidden=unknown("the disk was full"))

    assert beats_majority(evidence, BeatsMajorityParams()).outcome is Outcome.UNDETERMINED


def test_noise_is_removed_and_nothing_else() -> None:
    assert exact(0.95) == Decimal("0.95")
    assert exact(0.1 + 0.2) == Decimal("0.3")
    assert exact(0.300000001) > Decimal("0.3")
