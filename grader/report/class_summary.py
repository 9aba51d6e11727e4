"""What the reports of a class say together; the overview page and the terminal show it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from sys import intern
from typing import TypeVar

from grader.report.model import CriterionReport, Report

CENT = Decimal("0.01")
Kept = TypeVar("Kept")
_SHARES = ("everything", "part", "nothing", "pending")


@dataclass(frozen=True, slots=True)
class CriterionSummary:
    """How a class did on one criterion; the four counts add up to the students who have it.

    Attributes:
        id: Of the criterion.
        title: For people.
        everything: Students who earned all its points.
        part: Students who earned some.
        nothing: Students who earned none.
        pending: Students for whom a person has to decide.
    """

    id: str
    title: str
    everything: int
    part: int
    nothing: int
    pending: int

    @property
    def students(self) -> int:
        """How many students have this criterion."""
        return self.decided + self.pending

    @property
    def decided(self) -> int:
        """For how many of them it is decided."""
        return self.everything + self.part + self.nothing


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class in a few numbers, about each student's latest attempt.

    Attributes:
        students: How many handed in.
        mean_earned: Mean of the points earned so far, pending ones left out, to 0.01.
        median_earned: Their median, likewise.
        maximum: Points at most.
        pending: Students with pending points.
        needs_review: Students whose report a person has to look at.
        criteria: In the order of the reports.
    """

    students: int
    mean_earned: Decimal
    median_earned: Decimal
    maximum: Decimal
    pending: int
    needs_review: int
    criteria: tuple[CriterionSummary, ...]


def latest(reports: Iterable[Report], keep: Callable[[Report], Kept]) -> tuple[Kept, ...]:
    """Keep something of each student's latest attempt, in the order of names, then keys.

    One report is looked at after the other and let go, so that a large class fits into memory.

    Args:
        reports: Of one assignment, any number of attempts of each student.
        keep: Makes of a report what is kept.
    """
    kept: dict[str, tuple[int, str, Kept]] = {}
    for report in reports:
        key, number = report.student.key, report.attempt.number
        known = kept.get(key)
        if known is None or number > known[0]:
            kept[key] = (number, report.student.display_name.casefold(), keep(report))
    order = sorted(kept, key=lambda key: (kept[key][1], key))
    return tuple(kept[key][2] for key in order)


def latest_reports(reports: Iterable[Report]) -> tuple[Report, ...]:
    """Keep the latest attempt of each student, in the order of names, then keys."""
    return latest(reports, lambda report: report)


@dataclass(frozen=True, slots=True)
class _Student:
    """What is added up of one student; ``shares`` holds id, title and one of ``_SHARES`` each."""

    earned: Decimal
    maximum: Decimal
    is_pending: bool
    needs_review: bool
    shares: tuple[tuple[str, str, str], ...]


def summarise(reports: Iterable[Report]) -> ClassSummary:
    """Add up a class.

    Args:
        reports: Of one assignment, any number of attempts of each student; the latest counts.
    """
    students = latest(reports, _student)
    earned = [student.earned for student in students] or [Decimal(0)]
    titles: dict[str, str] = {}
    for student in students:
        for name, title, _ in student.shares:
            titles.setdefault(name, title)
    counts = Counter((name, share) for each in students for name, _, share in each.shares)
    return ClassSummary(
        students=len(students),
        mean_earned=_to_cents(statistics.mean(earned)),
        median_earned=_to_cents(statistics.median(earned)),
        maximum=max((student.maximum for student in students), default=Decimal(0)),
        pending=sum(student.is_pending for student in students),
        needs_review=sum(student.needs_review for student in students),
        criteria=tuple(
            CriterionSummary(name, title, *(counts[name, share] for share in _SHARES))
            for name, title in titles.items()
        ),
    )


def _student(report: Report) -> _Student:
    return _Student(
        earned=report.totals.earned,
        maximum=report.totals.maximum,
        is_pending=report.totals.pending > 0,
        needs_review=report.needs_review,
        shares=tuple((intern(c.id), intern(c.title), _share(c)) for c in report.criteria),
    )


def _share(criterion: CriterionReport) -> str:
    if criterion.pending > 0 or criterion.outcome.is_pending:
        return "pending"
    if criterion.earned >= criterion.maximum:
        return "everything"
    return "part" if criterion.earned > 0 else "nothing"


def _to_cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, rounding=ROUND_HALF_UP)
