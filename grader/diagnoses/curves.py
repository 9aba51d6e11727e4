"""What the shape of a loss curve says; cautious, since curves of good programs are rough too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from grader.designs import CROSS_ENTROPIES
from grader.diagnoses.base import Case
from grader.evidence import LossFamily, LossPoint

_RATE_PER_UPDATE = frozenset(
    {"adam", "adamw", "adamax", "nadam", "radam", "rmsprop", "lion", "adagrad", "lamb", "adafactor"}
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve in a few numbers; only of curves in which every loss is finite.

    Attributes:
        points: How many there are.
        first: The first loss.
        start: The mean of the first twentieth.
        early: Mean of the first fifth.
        late: Mean of the last fifth.
        end: Mean of the last twentieth.
        before_last: Mean of a twentieth around four fifths of the way.
        rest: Share of the way from there to the end, about one fifth.
        lowest: The lowest mean of a fifth.
        falling: Share of the steps in the second half, point to point, that go down.
        roughness: Mean change from point to point in the second half, by its mean.
    """

    points: int
    first: float
    start: float
    early: float
    late: float
    end: float
    before_last: float
    rest: float
    lowest: float
    falling: float
    roughness: float

    @property
    def last_fall(self) -> float:
        """How far the loss fell over the last fifth, by its start."""
        return (self.before_last - self.end) / self.start if self.start > 0 else 0.0

    @property
    def fall(self) -> float:
        """How far it fell in all, by its start; negative if it rose."""
        return (self.start - self.end) / self.start if self.start > 0 else 0.0


def shape_of(curve: tuple[LossPoint, ...]) -> Shape | None:
    """Measure a curve; ``None`` if it has fewer than five points or holds no numbers."""
    losses = [point.loss for point in curve if point.loss is not None]
    if len(losses) != len(curve) or len(losses) < 5:
        return None
    count = len(losses)
    fifth, twentieth = max(1, count // 5), max(1, count // 20)
    half = losses[count // 2 :]
    changes = [after - before for before, after in pairwise(half)]
    level = fmean(abs(loss) for loss in half)
    mark = round(0.8 * (count - 1))
    around = losses[max(0, mark - twentieth // 2) : mark + twentieth // 2 + 1]
    return Shape(
        points=count,
        first=losses[0],
        start=fmean(losses[:twentieth]),
        early=fmean(losses[:fifth]),
        late=fmean(losses[-fifth:]),
        end=fmean(losses[-twentieth:]),
        before_last=fmean(around),
        rest=(count - 1 - mark) / (count - 1),
        lowest=min(fmean(losses[i : i + fifth]) for i in range(0, count - fifth + 1, fifth)),
        falling=sum(change < 0 for change in changes) / max(1, len(changes)),
        roughness=fmean(abs(change) for change in changes) / level if level > 0 else 0.0,
    )


def grew_before_it_broke(curve: tuple[LossPoint, ...]) -> bool:
    """Whether the loss grew before it became NaN or infinite, rather than out of the blue."""
    losses = [point.loss for point in curve if point.loss is not None]
    return len(losses) < 2 or losses[-1] > 1.5 * losses[0]


def guessing_loss(case: Case) -> float | None:
    """Loss of a model that gives every class the same chance; ``None`` if it is not known."""
    family = case.evidence.loss.family.value
    if family is LossFamily.BINARY_CROSS_ENTROPY:
        return math.log(2)
    if family not in CROSS_ENTROPIES:
        return None
    classes = case.design.outputs or case.evidence.loss.classes_seen.value
    return math.log(classes) if classes and classes > 1 else None


def steps_with_one_rate(case: Case) -> bool:
    """Whether the optimizer scales its own steps, as Adam does, so that rates are small."""
    name = case.evidence.optimizer.name.value or ""
    return name.lower() in _RATE_PER_UPDATE


def has_converged(case: Case) -> bool:
    """Whether the training loss ended well below its start: whatever is odd did no harm."""
    shape = shape_of(case.evidence.training.curve)
    return shape is not None and shape.late < 0.5 * shape.start
