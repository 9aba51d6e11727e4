"""Runs one tool over one class, with a clock; and what every tool's part has to offer."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from throughput.submissions import TRAINING_CELL, Submission

TIMEOUT_S: Final = 3600.0
"""For one command, seconds of wall time; a class of 24 takes minutes with the slowest tool."""
ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}
"""For every tool alike: one thread per submission, no GPU, and no banner on standard error."""


class BenchmarkError(Exception):
    """A tool did not do what it was asked: its time means nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One class for one tool.

    Attributes:
        submissions: The class.
        data: ``train.npz`` and ``validation.npz``, by name.
        workers: Submissions at a time.
        folder: Empty folder for everything that this measurement writes.
        shared: Folder that stays between measurements, for what is made once per class.
    """

    submissions: tuple[Submission, ...]
    data: Mapping[str, bytes]
    workers: int
    folder: Path
    shared: Path

    @property
    def framework(self) -> str:
        """Of the class."""
        return self.submissions[0].framework

    def part(self, worker: int) -> tuple[Submission, ...]:
        """What one of several processes takes: every ``workers``-th submission."""
        return self.submissions[worker :: self.workers]


@dataclass(frozen=True, slots=True)
class Command:
    """One process: what to run and where."""

    argv: tuple[str, ...]
    cwd: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What is timed: all commands, some at a time."""

    commands: tuple[Command, ...]
    at_once: int
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Graded:
    """What a tool wrote down about one submission.

    Attributes:
        is_right: Whether it is what the submission deserves.
        said: What it wrote, for people.
        finished_at: When the tool wrote it, seconds since the epoch.
        cells_s: Wall time of each of the student's cells, seconds; empty where the tool keeps none.
    """

    is_right: bool
    said: str
    finished_at: float
    cells_s: tuple[float, ...] = ()


class Mode(Protocol):
    """One way to grade a class."""

    @property
    def name(self) -> str:
        """For options and the file of raw times."""

    @property
    def title(self) -> str:
        """For the page."""

    def prepare(self, case: Case) -> Plan:
        """Lay everything ready, which is not timed."""

    def read(self, case: Case) -> dict[str, Graded]:
        """Read what was written, by the student's key."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One tool over one class, once.

    Attributes:
        wall_s: From the start of the first process to the end of the last, seconds.
        first_s: Until as many submissions were finished as there are workers, seconds.
        cells_s: Sum of the cells' times of each submission, seconds; empty where not known.
        training_s: Time of the cell that trains, of each submission; likewise.
        load: Load average of the last minute just before.
    """

    wall_s: float
    first_s: float
    load: float
    cells_s: tuple[float, ...] = field(default=())
    training_s: tuple[float, ...] = field(default=())


def measure(mode: Mode, case: Case) -> Measurement:
    """Time a tool and make sure that it really graded everything.

    Raises:
        BenchmarkError: A process failed, or a submission did not get what it deserves.
    """
    plan = mode.prepare(case)
    load = os.getloadavg()[0]
    started_at, started = time.time(), time.perf_counter()
    run(plan, case.folder / "logs")
    wall_s = time.perf_counter() - started
    graded = mode.read(case)
    refuse_wrong(mode.name, case.submissions, graded)
    finished = sorted(one.finished_at - started_at for one in graded.values())
    first_s = finished[min(case.workers, len(finished)) - 1]
    if not 0 < first_s <= wall_s:
        raise BenchmarkError(f"{mode.name}: results are older or newer than the run")
    cells = [one.cells_s for one in graded.values() if one.cells_s]
    return Measurement(
        wall_s=wall_s,
        first_s=first_s,
        load=load,
        cells_s=tuple(sum(each) for each in cells),
        training_s=tuple(each[TRAINING_CELL] for each in cells),
    )


def run(plan: Plan, logs: Path) -> None:
    """Run all commands of a plan, so many at a time.

    Raises:
        BenchmarkError: One failed; the end of its output is part of the message.
    """
    logs.mkdir(parents=True, exist_ok=True)

    def run_one(numbered: tuple[int, Command]) -> None:
        number, command = numbered
        log = logs / f"{number}.log"
        with log.open("wb") as output:
            done = subprocess.run(
                command.argv,
                cwd=command.cwd,
                env=dict(plan.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
                check=False,
            )
        if done.returncode != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
            shown = " ".join(command.argv)
            raise BenchmarkError(f"{shown}\nended with status {done.returncode}:\n{tail}")

    with ThreadPoolExecutor(max_workers=plan.at_once) as pool:
        for _ in pool.map(run_one, enumerate(plan.commands)):
            pass


def refuse_wrong(
    mode: str, submissions: Sequence[Submission], graded: Mapping[str, Graded]
) -> None:
    """Make sure that everybody was graded, and as deserved.

    Raises:
        BenchmarkError: Somebody is missing, too many, or got something else.
    """
    wanted = {one.key for one in submissions}
    if wanted != set(graded):
        differing = ", ".join(sorted(wanted ^ set(graded)))
        raise BenchmarkError(f"{mode}: not everybody was graded, or somebody else was: {differing}")
    wrong = [f"{key}: {one.said}" for key, one in sorted(graded.items()) if not one.is_right]
    if wrong:
        raise BenchmarkError(f"{mode} did not grade as deserved:\n" + "\n".join(wrong))
