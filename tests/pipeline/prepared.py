"""Stands in for the sandbox: a submission names the prepared result that its run leaves behind.

A module with the line ``# prepared: undertrained`` gets what :func:`undertrained` returns.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from grader.evidence import (
    ArrayRef,
    Candidate,
    CellError,
    CellRun,
    CellState,
    Environment,
    Examination,
    Fact,
    HiddenProblem,
    LossPoint,
    Notice,
    NoticeKind,
    Prediction,
    Resources,
    Route,
    RunOutcome,
    RunState,
    Split,
    Testimony,
    absent,
    known,
    unknown,
)
from grader.pipeline import GradeOptions, GradeResult, Setting, grade
from grader.sandbox.interface import Array, Job, Runner, RunResult
from grader.testing import candidate, changed

Result = Callable[[Job, "PreparedRunner"], RunResult]
CURVE = tuple(LossPoint(step=step, loss=0.7 / step) for step in range(1, 6))
LOG = f"the worker was started by {__file__}"
LIMITS = {
    RunState.CPU_LIMIT: "The code used up its 240 s of CPU time.",
    RunState.WALL_TIME_LIMIT: "The code was still running after 600 s.",
    RunState.MEMORY_LIMIT: "The code used more than its 3072 MiB of memory.",
    RunState.PROCESS_LIMIT: "The code started more than its 256 processes and threads.",
    RunState.DISK_LIMIT: "The code wrote more than its 512 MiB of files.",
    RunState.KERNEL_DIED: "The Python process was killed by signal 9.",
}


@dataclass
class PreparedRunner:
    """A runner that runs nothing.

    Attributes:
        setting: Whose labels the prepared predictions are made from.
        isolation: Level that it claims to run at.
        started: What was run, in order: the word that each submission names.
        jobs: The jobs, likewise.
        cancelled: How many runs saw that they were cancelled.
        clock: Counts runs, so that each uses other resources.
        is_side_by_side: Whether ``interrupt`` waits until ``slow`` has started beside it.
        slow_started: Set when it has.
    """

    setting: Setting
    isolation: str = "bwrap"
    started: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    cancelled: int = 0
    clock: int = 0
    is_side_by_side: bool = False
    slow_started: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Return what the submission asks for."""
        found = re.search(r"# prepared: ([a-z-]+)", job.notebook)
        assert found is not None, "a submission must say what is prepared for it"
        with self.lock:
            self.started.append(found[1])
            self.jobs.append(job)
            self.clock += 1
        if found[1] == "interrupt":
            assert not self.is_side_by_side or self.slow_started.wait(10)
            raise KeyboardInterrupt
        if found[1] == "slow":
            return self._slow(cancelled)
        return replace(RESULTS[found[1]](job, self), isolation=self.isolation)

    def close(self) -> None:
        """Nothing was kept."""

    def _slow(self, cancelled: Callable[[], bool]) -> RunResult:
        self.slow_started.set()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if cancelled():
                self.cancelled += 1
                return ended(RunState.GRADER_FAILED, "cancelled")
            time.sleep(0.005)
        message = "nobody cancelled this run"
        raise AssertionError(message)

    def resources(self) -> Resources:
        """Other ones for every run."""
        return Resources(
            started_at=f"2026-03-01T10:00:{self.clock:02}+00:00",
            wall_time_s=self.clock / 7,
            cpu_s=self.clock / 9,
            peak_memory_mib=300 + self.clock,
        )


def ended(state: RunState, detail: str = "", *, cell: int | None = None) -> RunResult:
    """A run without any testimony."""
    outcome = RunOutcome(state=state, detail=detail, cell=cell)
    return RunResult(outcome=outcome, isolation="bwrap", log=LOG)


def scores_for(labels: Array, *, wrong_each: int = 0) -> Array:
    """Logits that lead to these labels, but for some rows of each class; float32 ``(N, 1)``."""
    decided = labels.copy()
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)[:wrong_each]
        decided[rows] = 1 - label
    return np.where(decided == 1, 4.0, -4.0).astype(np.float32).reshape(-1, 1)


def completed(
    runner: PreparedRunner,
    *candidates: Candidate,
    arrays: Mapping[str, Array] | None = None,
    hidden: Mapping[str, tuple[Prediction, ...]] | None = None,
    cells: tuple[CellRun, ...] = (CellRun(number=1, state=CellState.RAN),),
    notices: tuple[Notice, ...] = (),
    examination: Mapping[str, object] | None = None,
) -> RunResult:
    """A run that came to its end."""
    return RunResult(
        outcome=RunOutcome(state=RunState.COMPLETED),
        isolation="bwrap",
        testimony=Testimony(
            entry_kind="module",
            environment=Environment(packages={"torch": "2.13.0"}),
            cells=cells,
            notices=notices,
            examination=Examination.model_validate(
                {"candidates": candidates, "models_seen": len(candidates), **(examination or {})}
            ),
        ),
        executed='{"cells": []}',
        arrays=dict(arrays or {}),
        hidden=dict(hidden or {}),
        resources=runner.resources(),
        log=LOG,
    )


def trained(
    job: Job,
    runner: PreparedRunner,
    *,
    wrong_each: int = 0,
    hidden_problem: Fact[ArrayRef] | None = None,
    labels_wrong: int | None = None,
    loss_scores: Array | None = None,
    changes: Mapping[str, object] | None = None,
    **more: object,
) -> RunResult:
    """A model that gets some rows of each class wrong, asked about every split.

    Args:
        job: Of the run.
        runner: Knows the labels.
        wrong_each: Hidden rows of each class that it gets wrong.
        hidden_problem: Why it has no scores on hidden rows.
        labels_wrong: How many rows the student's ``predict`` says something else about than the
            model; ``None`` if there is no ``predict``.
        loss_scores: Hidden scores instead of those that follow from ``wrong_each``.
        changes: To the candidate.
        more: For :func:`completed`.
    """
    (brief,) = job.briefs
    public, hidden = runner.setting.public[brief.id], runner.setting.hidden[brief.id]
    grid = np.hypot(*public.grid.inputs.T) < 0.875
    scores = {
        Split.VALIDATION: scores_for(public.validation.labels),
        Split.PLOT: scores_for(grid.astype(np.int64)),
        Split.HIDDEN: scores_for(hidden.labels, wrong_each=wrong_each),
    }
    if loss_scores is not None:
        scores[Split.HIDDEN] = loss_scores
    arrays: dict[str, Array] = {}
    predictions = {}
    for split, array in scores.items():
        labels: Fact[ArrayRef] = absent(HiddenProblem.NOT_USED)
        if labels_wrong is not None:
            said = (array[:, 0] > 0).astype(np.int64)
            said[:labels_wrong] = 1 - said[:labels_wrong]
            labels = stored(arrays, f"labels-{split}.npy", said)
        predictions[split] = Prediction(
            exercise=brief.id,
            split=split,
            route=Route.MODEL if labels_wrong is None else Route.PREDICT,
            scores=stored(arrays, f"scores-{split}.npy", array),
            labels=labels,
        )
    answer = predictions.pop(Split.HIDDEN)
    if hidden_problem is not None:
        answer = answer.model_copy(update={"scores": hidden_problem})
    right = candidate(
        names=("model",),
        training={"curve": CURVE, "epochs": 5},
        predictions=tuple(predictions.values()),
        hidden_route={brief.id: known(answer.route)},
    )
    model = changed(right, **(changes or {}))
    return completed(runner, model, arrays=arrays, hidden={model.id: (answer,)}, **more)  # type: ignore[arg-type]  # passed on as they are


def stored(arrays: dict[str, Array], name: str, array: Array) -> Fact[ArrayRef]:
    """Put an array beside the others and refer to it."""
    arrays[name] = array
    return known(ArrayRef(file=name, shape=array.shape, dtype=array.dtype.name))


def untrained(job: Job, runner: PreparedRunner) -> RunResult:
    """A model was built, and no parameter of it changed."""
    del job
    idle = candidate(
        is_trained=False,
        last_trained=0,
        names=("model",),
        training={"steps": 0, "gradients": 0, "parameters_changed": False},
    )
    return completed(runner, idle)


def missing_package(job: Job, runner: PreparedRunner) -> RunResult:
    """An import failed because our environment lacks the package."""
    del job
    text = "the package torchinfo is not installed here"
    error = CellError(name="ModuleNotFoundError", message="No module named 'torchinfo'")
    return completed(
        runner,
        cells=(CellRun(number=1, state=CellState.FAILED, error=error),),
        notices=(Notice(kind=NoticeKind.MISSING_PACKAGE, text=text, cell=1),),
    )


def crashed(job: Job, runner: PreparedRunner) -> RunResult:
    """Cell 1 failed, cell 2 in its wake; nothing was trained."""
    del job
    cause = CellError(name="FileNotFoundError", message="no such file: 'trian.npz'", line=3)
    wake = CellError(name="NameError", message="name 'X' is not defined", caused_by_cell=1)
    cells = (
        CellRun(number=1, state=CellState.FAILED, error=cause),
        CellRun(number=2, state=CellState.FAILED, error=wake),
    )
    return completed(runner, cells=cells)


def tampered(job: Job, runner: PreparedRunner) -> RunResult:
    """A model was trained, and the recorder was interfered with."""
    notice = Notice(kind=NoticeKind.TAMPERING, text="a function of the recorder was replaced")
    return trained(job, runner, examination={"notices": (notice,)})


def diverged(job: Job, runner: PreparedRunner) -> RunResult:
    """Every output is NaN."""
    return trained(job, runner, loss_scores=np.full((2000, 1), np.nan, dtype=np.float32))


def limit(state: RunState) -> Result:
    """The run was cut short in cell 4."""

    def result(job: Job, runner: PreparedRunner) -> RunResult:
        del job, runner
        return ended(state, LIMITS[state], cell=4)

    return result


RESULTS: dict[str, Result] = {
    "right": trained,
    "half-right": lambda job, runner: trained(job, runner, wrong_each=50),
    "undertrained": lambda job, runner: trained(job, runner, wrong_each=150),
    "untrained": untrained,
    "nothing": lambda _, runner: completed(runner),
    "missing-package": missing_package,
    "crashed": crashed,
    "tampered": tampered,
    "diverged": diverged,
    "hidden-unknown": lambda job, runner: trained(
        job, runner, hidden_problem=unknown(HiddenProblem.RAISED)
    ),
    "predict": lambda job, runner: trained(job, runner, labels_wrong=0),
    "predict-disagrees": lambda job, runner: trained(job, runner, labels_wrong=30),
    "not-examined": lambda _, runner: completed(
        runner, examination={"problem": "the models could not be examined"}
    ),
    "no-testimony": lambda *_: ended(RunState.COMPLETED),
    "grader-failed": lambda *_: ended(RunState.GRADER_FAILED, "the sandbox could not be started"),
    **{str(state).replace(" ", "-"): limit(state) for state in LIMITS},
}


def hand_in(folder: Path, **prepared: str) -> Path:
    """Write a class: a folder per student, by key with ``_`` for ``-``, that names its result."""
    for key, word in prepared.items():
        write_module(folder / key.replace("_", "-") / "circles.py", word)
    return folder


def write_module(path: Path, prepared: str, *, more: str = "") -> Path:
    """Write a module whose run leaves something prepared behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# prepared: {prepared}\nimport torch\n{more}", encoding="utf-8")
    return path


def graded(
    setting: Setting,
    paths: Iterable[Path],
    out: Path,
    *,
    runner: Runner | None = None,
    **options: object,
) -> GradeResult:
    """Grade with prepared results."""
    return grade(
        setting,
        tuple(paths),
        GradeOptions(out=out, **options),  # type: ignore[arg-type]  # passed on as they are
        runner=runner or PreparedRunner(setting),
        on_progress=lambda *_: None,
    )
