"""A run that hit the wall clock without using up its CPU time is run once more, alone.

It may have waited for a processor that others were using; only when it is slow by itself does that
count against it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from grader.evidence import RunState
from grader.sandbox.interface import Job, Runner, RunResult


@dataclass(slots=True)
class _Room:
    """Many may be in it together, or one alone; one who waits to be alone goes first."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _inside: int = 0
    _waiting: int = 0
    _is_taken: bool = False

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_taken and not self._waiting)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._is_taken and not self._inside)
                self._is_taken = True
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()


@dataclass(slots=True)
class SecondChanceRunner:
    """Runs what ran out of wall time once more while nothing else runs.

    Attributes:
        runner: Does the running; every run of a class must come through here.
    """

    runner: Runner
    _room: _Room = field(default_factory=_Room)

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Run one submission; a wall clock that strikes twice counts."""
        with self._room.together():
            result = self.runner.run(job, cancelled=cancelled)
        if result.outcome.state is not RunState.WALL_TIME_LIMIT or cancelled():
            return result
        with self._room.alone():
            result = self.runner.run(job, cancelled=cancelled)
        if result.outcome.state is not RunState.WALL_TIME_LIMIT:
            return result
        detail = f"{result.outcome.detail} It was run twice, the second time alone."
        outcome = result.outcome.model_copy(update={"detail": detail})
        return replace(result, outcome=outcome)

    def close(self) -> None:
        """Let go of what the runner keeps from run to run."""
        self.runner.close()
