"""What the reports of a class say together; the overview page and the terminal show it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from grader.report.model import Report

CENT = Decimal("0.01")


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


def latest_reports(reports: Iterable[Report]) -> tuple[Report, ...]:
    """Keep the latest attempt of each student, in the order of names, then keys."""
    latest: dict[str, Report] = {}
    for report in reports:
        known = latest.get(report.student.key)
        if known is None or report.attempt.number > known.attempt.number:
            latest[report.student.key] = report
    return tuple(
        sorted(latest.values(), key=lambda r: (r.student.display_name.casefold(), r.student.key))
    )


def summarise(reports: Iterable[Report]) -> ClassSummary:
    """Add up a class.

    Args:
        reports: Of one assignment, any number of attempts of each student; the latest counts.
    """
    latest = latest_reports(reports)
    earned = [report.totals.earned for report in latest] or [Decimal(0)]
    titles: dict[str, str] = {}
    for report in latest:
        for criterion in report.criteria:
            titles.setdefault(criterion.id, criterion.title)
    return ClassSummary(
        students=len(latest),
        mean_earned=_to_cents(statistics.mean(earned)),
        median_earned=_to_cents(statistics.median(earned)),
        maximum=max((report.totals.maximum for report in latest), default=Decimal(0)),
        pending=sum(report.totals.pending > 0 for report in latest),
        needs_review=sum(report.needs_review for report in latest),
        criteria=tuple(_of_criterion(latest, name, title) for name, title in titles.items()),
    )


def _of_criterion(reports: Sequence[Report], name: str, title: str) -> CriterionSummary:
    everything = part = nothing = pending = 0
    for criterion in (c for report in reports for c in report.criteria if c.id == name):
        if criterion.pending > 0 or criterion.outcome.is_pending:
            pending += 1
        elif criterion.earned >= criterion.maximum:
            everything += 1
        elif criterion.earned > 0:
            part += 1
        else:
            nothing += 1
    return CriterionSummary(name, title, everything, part, nothing, pending)


def _to_cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, rounding=ROUND_HALF_UP)
