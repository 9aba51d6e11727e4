"""From raw times to the figures of the page: medians, spread, ratios, overhead."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from throughput.measuring import Measurement
from throughput.times import Taken


@dataclass(frozen=True, slots=True)
class Figure:
    """A median over rounds, with the smallest and largest round."""

    median: float
    low: float
    high: float

    def text(self, digits: int = 2) -> str:
        """For a table: ``3.14 (3.01 to 3.20)``."""
        median, low, high = (f"{one:.{digits}f}" for one in (self.median, self.low, self.high))
        return f"{median} ({low} to {high})"


def spread(values: Sequence[float]) -> Figure | None:
    """Median and range; ``None`` of nothing."""
    if not values:
        return None
    return Figure(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Group:
    """All measurements of one class with one number of workers.

    Attributes:
        taken: Of every mode and round.
    """

    taken: tuple[Taken, ...]

    def of(self, mode: str) -> tuple[Taken, ...]:
        """Those of one mode, by round."""
        mine = (one for one in self.taken if one.what.mode == mode)
        return tuple(sorted(mine, key=lambda one: one.what.round))

    def figure(self, mode: str, value: Callable[[Taken], float | None]) -> Figure | None:
        """Some value of a mode over its rounds; ``None`` where it is not known."""
        known = (value(one) for one in self.of(mode))
        return spread([one for one in known if one is not None])

    def ratio(self, peer: str, mode: str) -> Figure | None:
        """How many times as long a peer takes.

        The ratio of the medians; low and high are the smallest and largest ratio of two times of
        the same round. ``None`` unless both were measured.
        """
        theirs = {one.what.round: one.measurement.wall_s for one in self.of(peer)}
        mine = {one.what.round: one.measurement.wall_s for one in self.of(mode)}
        if not theirs or not mine:
            return None
        median = statistics.median(theirs.values()) / statistics.median(mine.values())
        pairs = [theirs[each] / mine[each] for each in theirs if each in mine] or [median]
        return Figure(median, min(pairs), max(pairs))

    def cells_s(self, mode: str, stand_in: str) -> float | None:
        """Median over rounds of the mean time of a submission's cells, seconds.

        Args:
            mode: Whose.
            stand_in: Whose, where the mode keeps no times of cells.
        """
        for name in (mode, stand_in):
            found = self.figure(name, mean_cells_s)
            if found is not None:
                return found.median
        return None

    def overhead(self, mode: str, stand_in: str) -> Figure | None:
        """Worker seconds per submission beyond its cells, over the whole wall clock."""
        return self._beyond_cells(mode, stand_in, worker_seconds)

    def steady_overhead(self, mode: str, stand_in: str) -> Figure | None:
        """The same from the first results on, that is without the tool's start-up."""
        return self._beyond_cells(mode, stand_in, steady_worker_seconds)

    def _beyond_cells(
        self, mode: str, stand_in: str, value: Callable[[Taken], float | None]
    ) -> Figure | None:
        usual = self.cells_s(mode, stand_in)

        def beyond(one: Taken) -> float | None:
            cells, taken = mean_cells_s(one), value(one)
            cells = usual if cells is None else cells
            return None if cells is None or taken is None else taken - cells

        return self.figure(mode, beyond)


def mean_cells_s(one: Taken) -> float | None:
    """Mean over submissions of the sum of the cells' wall times, seconds."""
    return mean(one.measurement.cells_s)


def mean_training_s(one: Taken) -> float | None:
    """Mean over submissions of the wall time of the cell that trains, seconds."""
    return mean(one.measurement.training_s)


def mean(values: Sequence[float]) -> float | None:
    """Mean; ``None`` of nothing."""
    return statistics.fmean(values) if values else None


def seconds_per_submission(one: Taken) -> float:
    """Whole wall clock by number of submissions."""
    return one.measurement.wall_s / one.what.size


def worker_seconds(one: Taken) -> float:
    """What one submission takes of one worker's time, start-up of the tool shared among all."""
    return one.measurement.wall_s * one.what.workers / one.what.size


def steady_worker_seconds(one: Taken) -> float | None:
    """What a submission takes of one worker's time after each worker has finished its first.

    ``None`` for classes too small to tell. What comes after the last submission, such as
    writing reports, is part of it.
    """
    rest = one.what.size - one.what.workers
    if rest <= 0:
        return None
    return steady_wall_s(one.measurement) * one.what.workers / rest


def steady_wall_s(measurement: Measurement) -> float:
    """Wall clock after the first results, seconds."""
    return measurement.wall_s - measurement.first_s


def wall_by_student_time(one: Taken) -> float | None:
    """Wall clock as a multiple of the ideal: the sum of all cells' times by number of workers."""
    student_s = sum(one.measurement.cells_s)
    return one.measurement.wall_s * one.what.workers / student_s if student_s else None
