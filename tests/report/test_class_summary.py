"""A class is summed up over each student's latest attempt."""

from __future__ import annotations

from decimal import Decimal

from grader.report.class_summary import CriterionSummary, latest_reports, summarise
from grader.report.model import AttemptReport
from report.sample_reports import full_marks, nothing_trained, partial, pending, report


def test_the_latest_attempt_counts_whatever_the_order() -> None:
    first = report(attempt=AttemptReport(number=1, of=10))
    tenth = report(attempt=AttemptReport(number=10, of=10))

    assert latest_reports([tenth, first]) == (tenth,)
    assert latest_reports([first, tenth]) == (tenth,)


def test_students_come_in_the_order_of_their_names() -> None:
    names = ["bea", "Ada", "Cem"]

    ordered = latest_reports(report(name=name, key=name) for name in names)

    assert [r.student.display_name for r in ordered] == ["Ada", "bea", "Cem"]


def test_points_and_outcomes_are_counted() -> None:
    summary = summarise([full_marks(), partial(), nothing_trained(), pending()])

    assert summary.students == 4
    assert summary.mean_earned == Decimal("4.77")
    assert summary.median_earned == Decimal("5.79")
    assert (summary.pending, summary.needs_review) == (1, 1)
    by_id = {c.id: c for c in summary.criteria}
    assert by_id["f1"] == CriterionSummary("f1", "F1 on hidden data", 2, 1, 1, 0)
    assert by_id["pairing"] == CriterionSummary(
        "pairing", "The loss suits the output layer", 1, 0, 2, 1
    )


def test_an_empty_class_has_zeros() -> None:
    summary = summarise([])

    assert (summary.students, summary.mean_earned, summary.criteria) == (0, Decimal("0.00"), ())
