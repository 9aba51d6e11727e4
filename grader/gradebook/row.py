"""One student in the gradebook: the latest attempt's points, criterion by criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from sys import intern

from grader.evidence import RunState
from grader.report.class_summary import latest
from grader.report.model import Report
from grader.report.words import what_happened


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """What one criterion brought.

    Attributes:
        earned: Points earned.
        maximum: Points at most.
        is_pending: Whether a person has to decide, so that ``earned`` is not the last word.
    """

    earned: Decimal
    maximum: Decimal
    is_pending: bool


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """One student, about the latest attempt.

    Attributes:
        key: Of the student; names the folders.
        display_name: For people.
        email: From the roster; empty if unknown.
        attempt: Number of the attempt that counts, from 1.
        attempts: How many attempts there were.
        earned: Points earned so far.
        pending: Points that wait for a person.
        maximum: Points at most.
        needs_review: Whether a person has to look.
        review_reasons: Why.
        state: How the run ended.
        happened: The one line that tells most about it.
        criteria: By criterion id, in the order of the report.
    """

    key: str
    display_name: str
    email: str
    attempt: int
    attempts: int
    earned: Decimal
    pending: Decimal
    maximum: Decimal
    needs_review: bool
    review_reasons: tuple[str, ...]
    state: RunState
    happened: str
    criteria: Mapping[str, CriterionPoints]


def gradebook_rows(
    reports: Iterable[Report], *, emails: Mapping[str, str] | None = None
) -> tuple[GradebookRow, ...]:
    """Make one row per student, in the order of names.

    Args:
        reports: Of one assignment, any number of attempts of each student; the latest counts.
        emails: By student key, where a roster gives them.
    """
    known_emails = emails or {}
    return latest(reports, lambda report: _row(report, known_emails.get(report.student.key, "")))


@lru_cache(maxsize=4096)
def _points(earned: Decimal, maximum: Decimal, is_pending: bool) -> CriterionPoints:
    """One object for equal points: a large class has few different ones."""
    return CriterionPoints(earned, maximum, is_pending)


def _row(report: Report, email: str) -> GradebookRow:
    return GradebookRow(
        key=report.student.key,
        display_name=report.student.display_name,
        email=email,
        attempt=report.attempt.number,
        attempts=report.attempt.of,
        earned=report.totals.earned,
        pending=report.totals.pending,
        maximum=report.totals.maximum,
        needs_review=report.needs_review,
        review_reasons=tuple(map(intern, report.review_reasons)),
        state=report.run.state,
        happened=intern(what_happened(report)),
        criteria={
            intern(c.id): _points(c.earned, c.maximum, c.pending > 0 or c.outcome.is_pending)
            for c in report.criteria
        },
    )
