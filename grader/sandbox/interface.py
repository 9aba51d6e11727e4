"""The one narrow interface between judging and running: a job goes in, a result comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.evidence import (
    ExerciseBrief,
    Limits,
    Prediction,
    Resources,
    RunOutcome,
    Testimony,
)

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PublicData:
    """The public rows of one exercise, all of which students have.

    Attributes:
        train_inputs: float32 ``(N, *input_shape)``.
        train_labels: int64 ``(N,)``.
        validation_inputs: float32 ``(M, *input_shape)``.
        validation_labels: int64 ``(M,)``.
        plot_inputs: Grid over the plane for plots, float32 ``(K, 2)``; empty for other data.
    """

    train_inputs: Array
    train_labels: Array
    validation_inputs: Array
    validation_labels: Array
    plot_inputs: Array


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one run needs. No label of the hidden set, no rubric, no secret.

    Attributes:
        notebook: The entry as nbformat 4 JSON text.
        entry_kind: ``notebook`` or ``module``.
        entry_name: File name that the student gave it.
        files: What lies beside the entry, by relative path.
        briefs: The exercises.
        public: Per exercise id.
        hidden_inputs: Per exercise id, float32 ``(N, *input_shape)``; handed over only after the
            last student cell has ended.
        limits: What the run may use.
        seed: Seeds random, NumPy, PyTorch and Keras before the first cell.
    """

    notebook: str
    entry_kind: str
    entry_name: str
    files: dict[PurePosixPath, bytes]
    briefs: tuple[ExerciseBrief, ...]
    public: dict[str, PublicData]
    hidden_inputs: dict[str, Array]
    limits: Limits
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run left behind, read back defensively.

    Attributes:
        outcome: How it ended.
        isolation: Level in force.
        testimony: ``None`` where the worker never got to speak.
        executed: The executed notebook as JSON text; empty where there is none.
        arrays: By file name; finite shapes and plain dtypes only.
        hidden: Predictions on hidden rows, per candidate id.
        resources: What it used.
        log: The worker's own log, for the instructor.
    """

    outcome: RunOutcome
    isolation: str
    testimony: Testimony | None = None
    executed: str = ""
    arrays: dict[str, Array] = field(default_factory=dict)
    hidden: dict[str, tuple[Prediction, ...]] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    log: str = ""


class Runner(Protocol):
    """Starts a run in some sandbox; a failure of the sandbox is an outcome, never an exception."""

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Run one submission to its end, its limit, or until ``cancelled()``."""
        ...

    def close(self) -> None:
        """End what was kept for further runs; called once, after the last run has ended."""
        ...


NO_ROWS: Array = np.empty((0, 2), dtype=np.float32)
