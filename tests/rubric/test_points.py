"""From findings to points."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.checks.base import Finding, Outcome
from grader.rubric.model import Criterion
from grader.rubric.points import best_finding, score_criterion, total


def criterion(points: str = "4", *, bonus: bool = False) -> Criterion:
    return Criterion(id="f1", check="hidden-f1", points=Decimal(points), bonus=bonus)


def found(outcome: Outcome, share: str = "0") -> Finding:
    return Finding(outcome=outcome, seen="this", expected="that", share=Decimal(share))


@pytest.mark.parametrize(
    ("outcome", "earned", "pending"),
    [
        (Outcome.PASSED, "4.00", "0.00"),
        (Outcome.FAILED, "0.00", "0.00"),
        (Outcome.SKIPPED, "0.00", "0.00"),
        (Outcome.UNDETERMINED, "0.00", "4.00"),
        (Outcome.ERROR, "0.00", "4.00"),
    ],
)
def test_outcomes_become_points(outcome: Outcome, earned: str, pending: str) -> None:
    points = score_criterion(criterion(), found(outcome, share="0.7"))

    assert (points.earned, points.pending) == (Decimal(earned), Decimal(pending))
    assert points.maximum == 4


@pytest.mark.parametrize(
    ("maximum", "share", "earned"),
    [
        ("4", "0.75", "3.00"),
        ("1", "0.125", "0.13"),
        ("1", "0.005", "0.01"),
        ("1", "0.0049", "0.00"),
        ("0.5", "0.51", "0.26"),
        ("3", "0.3333333333333333", "1.00"),
        ("4", "1", "4.00"),
        ("4", "0", "0.00"),
    ],
)
def test_partial_credit_is_rounded_half_up_to_a_hundredth(
    maximum: str, share: str, earned: str
) -> None:
    points = score_criterion(criterion(maximum), found(Outcome.PARTIAL, share))

    assert points.earned == Decimal(earned)
    assert points.earned.as_tuple().exponent == -2


@pytest.mark.parametrize("share", ["1.01", "-0.01", "NaN", "Infinity"])
def test_a_share_outside_its_range_is_an_error_of_the_check(share: str) -> None:
    with pytest.raises(ValueError, match=r'criterion "f1": share must lie in \[0, 1\]'):
        score_criterion(criterion(), found(Outcome.PARTIAL, share))


def test_the_total_adds_rounded_criteria_and_keeps_bonus_out_of_the_maximum() -> None:
    entries = [
        score_criterion(criterion("1"), found(Outcome.PARTIAL, "0.005")),
        score_criterion(criterion("1"), found(Outcome.PARTIAL, "0.005")),
        score_criterion(criterion("4"), found(Outcome.UNDETERMINED)),
        score_criterion(criterion("2", bonus=True), found(Outcome.PASSED)),
        score_criterion(criterion("3", bonus=True), found(Outcome.ERROR)),
    ]

    summed = total(entries)

    assert summed.earned == Decimal("2.02")
    assert summed.pending == Decimal("7.00")
    assert summed.maximum == Decimal("6.00")


def test_no_criteria_make_no_points() -> None:
    assert total([]).maximum == 0


@pytest.mark.parametrize(
    ("findings", "best"),
    [
        ([found(Outcome.FAILED), found(Outcome.PASSED)], 1),
        ([found(Outcome.PARTIAL, "0.5"), found(Outcome.PARTIAL, "0.6")], 1),
        ([found(Outcome.UNDETERMINED), found(Outcome.PARTIAL, "0.1")], 1),
        ([found(Outcome.FAILED), found(Outcome.UNDETERMINED)], 1),
        ([found(Outcome.FAILED), found(Outcome.SKIPPED)], 0),
        ([found(Outcome.PASSED), found(Outcome.PASSED)], 0),
        ([found(Outcome.PARTIAL, "0.0001"), found(Outcome.UNDETERMINED)], 1),
    ],
)
def test_the_best_alternative_counts(findings: list[Finding], best: int) -> None:
    assert best_finding(criterion(), findings) == best
