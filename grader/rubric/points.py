"""From findings to points: earned, pending and maximum, in decimals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from grader.checks.base import Finding, Outcome
from grader.rubric.model import Criterion

_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """What one criterion brings.

    Attributes:
        earned: Rounded half-up to 0.01.
        pending: Points that wait for a person; never exported as zero.
        maximum: Points at most.
        bonus: Whether they come on top of the total's maximum.
    """

    earned: Decimal
    pending: Decimal
    maximum: Decimal
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class TotalPoints:
    """Sums over criteria, each already rounded."""

    earned: Decimal
    pending: Decimal
    maximum: Decimal


def score_criterion(criterion: Criterion, finding: Finding) -> CriterionPoints:
    """Turn a finding into points.

    Args:
        criterion: Says how many points there are.
        finding: Says which share of them.

    Returns:
        Passed earns all, partial its share; failed and skipped earn nothing; undetermined and
        error leave all of them pending.

    Raises:
        ValueError: The share of a partial finding lies outside [0, 1].
    """
    maximum = _rounded(criterion.points)
    earned = pending = _NOTHING
    if finding.outcome.is_pending:
        pending = maximum
    elif finding.outcome is Outcome.PASSED:
        earned = maximum
    elif finding.outcome is Outcome.PARTIAL:
        if not finding.share.is_finite() or not 0 <= finding.share <= 1:
            message = f'criterion "{criterion.id}": share must lie in [0, 1], got {finding.share}'
            raise ValueError(message)
        earned = _rounded(criterion.points * finding.share)
    return CriterionPoints(earned, pending, maximum, bonus=criterion.bonus)


def best_finding(criterion: Criterion, findings: Sequence[Finding]) -> int:
    """Choose among the findings of the alternatives in ``any_of``.

    Args:
        criterion: Says how many points there are.
        findings: One for each alternative, in the rubric's order; at least one.

    Returns:
        Index of the one that earns most; of equals the one with most pending; of equals the first.
    """

    def worth(index: int) -> tuple[Decimal, Decimal, int]:
        points = score_criterion(criterion, findings[index])
        return points.earned, points.pending, -index

    return max(range(len(findings)), key=worth)


def total(entries: Iterable[CriterionPoints]) -> TotalPoints:
    """Add up criteria.

    Args:
        entries: Each rounded by :func:`score_criterion`.

    Returns:
        Sums; bonus points are earned and pending like others, but raise no maximum.
    """
    points = tuple(entries)
    return TotalPoints(
        earned=sum((entry.earned for entry in points), _NOTHING),
        pending=sum((entry.pending for entry in points), _NOTHING),
        maximum=sum((entry.maximum for entry in points if not entry.bonus), _NOTHING),
    )


def _rounded(points: Decimal) -> Decimal:
    return points.quantize(_CENT, ROUND_HALF_UP)
