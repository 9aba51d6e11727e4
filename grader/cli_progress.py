"""Shows how far a class is: a bar with the time left, or a line a minute off a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import Progress, TaskID

SAY_EVERY_S: Final = 60.0
_NAME_WIDTH: Final = 24


class ClassProgress:
    """The progress of one ``grade``; says nothing before it is certain that there is work.

    Args:
        console: Where to, not where results go.
        opening: A sentence to begin with.
        clock: Monotonic time, seconds.
    """

    def __init__(
        self, console: Console, opening: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.done = 0
        self.total = 0
        self._console = console
        self._opening = opening
        self._clock = clock
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._before = 0
        self._started_at = self._said_at = 0.0

    def __enter__(self) -> ClassProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int, name: str) -> None:
        """Take in that one more is done.

        Args:
            done: How many results are stored, earlier calls included.
            total: Of how many.
            name: Whose was the last.
        """
        is_first = self.total == 0
        self.done, self.total = done, total
        if is_first:
            self._begin()
        elif self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, description=name[:_NAME_WIDTH])
        elif self._clock() - self._said_at >= SAY_EVERY_S and done < total:
            self._said_at = self._clock()
            self._console.print(f"{done} of {total} done{self._time_left()}", markup=False)

    def _begin(self) -> None:
        self._before = self.done
        self._started_at = self._said_at = self._clock()
        self._console.print(self._opening, markup=False)
        if not self._console.is_terminal:
            stored = f", {self.done} of them stored already" if self.done else ""
            noun = "submission" if self.total == 1 else "submissions"
            self._console.print(f"grading {self.total} {noun}{stored}", markup=False)
            return
        self._bar = _bar(self._console)
        self._task = self._bar.add_task("", total=self.total, completed=self.done)
        self._bar.start()

    def _time_left(self) -> str:
        new = self.done - self._before
        if new <= 0:
            return ""
        seconds = (self._clock() - self._started_at) / new * (self.total - self.done)
        return f", about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """Say a time in the unit that fits: ``40 s``, ``12 min``, ``3 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _bar(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("grading"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        speed_estimate_period=600,
    )
