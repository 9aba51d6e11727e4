"""One fresh sandbox per submission, behind the :class:`~grader.sandbox.interface.Runner`."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grader.evidence import (
    ArrayRef,
    Fact,
    HiddenAnswers,
    HiddenProblem,
    Prediction,
    Resources,
    RunOutcome,
    RunState,
    Split,
    Testimony,
    unknown,
)
from grader.evidence.exchange import (
    ANSWERS_FILE,
    EXECUTED_FILE,
    TESTIMONY_FILE,
)
from grader.sandbox.interface import Array, Job, RunResult
from grader.sandbox.launch import launch_of, seat_of
from grader.sandbox.readback import (
    MAX_ARRAY_BYTES,
    MAX_JSON_BYTES,
    MAX_NOTEBOOK_BYTES,
    UnreadableError,
    read_array,
    read_file,
)
from grader.sandbox.scratch import npz_bytes, scratch_for
from grader.sandbox.supervise import Watch, supervise
from grader.sandbox.trial import Trial

MAX_COLUMNS = 256
"""More outputs than any exercise has classes; bounds what a run can make us read and keep."""
ARRAY_HEADER_BYTES = 512
_PHRASES = frozenset(HiddenProblem)


@dataclass(slots=True)
class FreshSandboxRunner:
    """Starts a new sandbox, interpreter and kernel for every run.

    Attributes:
        trial: The isolation level to use, as tried.
    """

    trial: Trial
    _slots: Iterator[int] = field(default_factory=itertools.count)
    _local: threading.local = field(default_factory=threading.local)

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Run one submission; whatever goes wrong becomes the result's outcome."""
        try:
            return self._run(job, cancelled)
        except Exception as exc:  # noqa: BLE001  # one run's failure must never stop a class
            outcome = RunOutcome(
                state=RunState.GRADER_FAILED, detail="the sandbox failed, not the submission"
            )
            log = f"{type(exc).__name__}: {exc}"
            return RunResult(outcome=outcome, isolation=self.trial.level, log=log)

    def _run(self, job: Job, cancelled: Callable[[], bool]) -> RunResult:
        slot_number = self._slot_number()
        with scratch_for(job, seat_of(self.trial, slot_number)) as scratch:
            launch = launch_of(self.trial, scratch, slot=slot_number, limits=job.limits)
            reader = SlotReader(slot=scratch.slot, job=job)
            started_at = datetime.now(UTC)
            clock = time.monotonic()
            watch = supervise(
                launch,
                slot=scratch.slot,
                limits=job.limits,
                on_cells_done=reader.after_cells,
                cancelled=cancelled,
            )
            resources = resources_of(watch, started_at, time.monotonic() - clock)
            return reader.result(watch, resources, isolation=self.trial.level)

    def close(self) -> None:
        """Nothing outlives a run."""

    def _slot_number(self) -> int:
        """One number per thread, so that no two runs at a time share a user id."""
        if not hasattr(self._local, "slot"):
            self._local.slot = next(self._slots)
        return int(self._local.slot)


@dataclass(slots=True)
class SlotReader:
    """Reads the slot twice: when the last cell has ended, and at the end."""

    slot: Path
    job: Job
    testimony: Testimony | None = None
    executed: str = ""
    arrays: dict[str, Array] = field(default_factory=dict)
    hidden: dict[str, tuple[Prediction, ...]] = field(default_factory=dict)
    problem: str = ""
    may_hold_hidden_rows: bool = False

    def after_cells(self) -> bytes:
        """Read everything that may hold text of the student's; then release the hidden inputs."""
        self._read_testimony()
        if self.testimony is None or not self.testimony.examination.candidates:
            return b""
        self.may_hold_hidden_rows = True
        return npz_bytes(self.job.hidden_inputs)

    def after_end(self, outcome: RunOutcome) -> RunOutcome:
        """Read what is left, and say whether the run is what it seemed to be."""
        if outcome.state is RunState.COMPLETED:
            if self.testimony is None:
                return RunOutcome(
                    state=RunState.GRADER_FAILED,
                    detail=f"what the run left behind could not be used: {self.problem}",
                )
            self._read_answers(self.testimony)
        elif outcome.state is RunState.KERNEL_DIED:
            self._read_testimony()
        elif not self.executed and not self.may_hold_hidden_rows:
            self.executed = self._text(EXECUTED_FILE, MAX_NOTEBOOK_BYTES)
        return outcome

    def result(self, watch: Watch, resources: Resources, *, isolation: str) -> RunResult:
        """Read what is left when every process of the run has ended."""
        outcome = self.after_end(watch.outcome or RunOutcome(state=RunState.GRADER_FAILED))
        return RunResult(
            outcome=outcome,
            isolation=isolation,
            testimony=self.testimony,
            executed=self.executed,
            arrays=self.arrays,
            hidden=self.hidden,
            resources=resources,
            log=watch.log.decode("utf-8", errors="replace"),
        )

    def _read_testimony(self) -> None:
        try:
            content = read_file(self.slot, TESTIMONY_FILE, limit=MAX_JSON_BYTES)
            testimony = Testimony.model_validate_json(content)
            for candidate in testimony.examination.candidates:
                for prediction in candidate.predictions:
                    self._keep_public(candidate.id, prediction)
        except (UnreadableError, ValueError) as exc:
            self.problem = _first_line(exc)
            self.arrays.clear()
        else:
            self.testimony = testimony
        self.executed = self._text(EXECUTED_FILE, MAX_NOTEBOOK_BYTES)

    def _keep_public(self, candidate: str, prediction: Prediction) -> None:
        """Keep the arrays of one prediction on validation or plotting rows."""
        public = self.job.public.get(prediction.exercise)
        if public is None or prediction.split is Split.HIDDEN:
            message = f"a prediction on rows that nobody was given: {prediction.split}"
            raise UnreadableError(message)
        is_plot = prediction.split is Split.PLOT
        rows = len(public.plot_inputs if is_plot else public.validation_inputs)
        for part, fact in (("scores", prediction.scores), ("labels", prediction.labels)):
            if fact.is_known:
                name = _array_name(prediction, candidate, part)
                self.arrays[name] = self._array(fact.known_value, name, rows)

    def _read_answers(self, testimony: Testimony) -> None:
        """Take only numbers and fixed phrases; everything else becomes unknown."""
        known = {candidate.id for candidate in testimony.examination.candidates}
        try:
            content = read_file(self.slot, ANSWERS_FILE, limit=MAX_JSON_BYTES)
            answers = HiddenAnswers.model_validate_json(content)
        except (UnreadableError, ValueError):
            return
        rows = {name: len(inputs) for name, inputs in self.job.hidden_inputs.items()}
        for candidate, predictions in answers.predictions.items():
            if candidate not in known:
                continue
            usable = {
                prediction.exercise: prediction
                for prediction in predictions
                if prediction.exercise in rows and prediction.split is Split.HIDDEN
            }
            self.hidden[candidate] = tuple(
                self._hidden_prediction(prediction, candidate, rows[exercise])
                for exercise, prediction in usable.items()
            )

    def _hidden_prediction(self, prediction: Prediction, candidate: str, rows: int) -> Prediction:
        scores = _array_name(prediction, candidate, "scores")
        labels = _array_name(prediction, candidate, "labels")
        return prediction.model_copy(
            update={
                "scores": self._hidden_fact(prediction.scores, scores, rows),
                "labels": self._hidden_fact(prediction.labels, labels, rows),
            }
        )

    def _hidden_fact(self, fact: Fact[ArrayRef], name: str, rows: int) -> Fact[ArrayRef]:
        if not fact.is_known:
            reason = fact.reason if fact.reason in _PHRASES else HiddenProblem.RAISED
            return fact.model_copy(update={"reason": str(reason), "how": "", "value": None})
        try:
            array = self._array(fact.known_value, name, rows)
        except UnreadableError:
            return unknown(HiddenProblem.NOT_NUMBERS)
        if array.ndim == 0 or len(array) != rows:
            return unknown(HiddenProblem.WRONG_SHAPE)
        self.arrays[name] = array
        return fact.model_copy(update={"how": "", "reason": ""})

    def _array(self, reference: ArrayRef, name: str, rows: int) -> Array:
        """Read an array under the name that it must have, and no more than it can need."""
        if reference.file != name:
            message = f"{reference.file} is not the name of an array of ours"
            raise UnreadableError(message)
        limit = min(MAX_ARRAY_BYTES, ARRAY_HEADER_BYTES + rows * MAX_COLUMNS * 8)
        array = read_array(self.slot, name, limit=limit)
        if array.shape != reference.shape or array.dtype.name != reference.dtype:
            message = f"{reference.file} is not the array that the evidence describes"
            raise UnreadableError(message)
        return array

    def _text(self, name: str, limit: int) -> str:
        try:
            return read_file(self.slot, name, limit=limit).decode("utf-8", errors="replace")
        except UnreadableError:
            return ""


def _array_name(prediction: Prediction, candidate: str, part: str) -> str:
    """The only name under which an array is accepted: a name could carry text."""
    return f"{prediction.split}-{prediction.exercise}-{candidate}-{part}.npy"


def resources_of(watch: Watch, started_at: datetime, wall_time_s: float) -> Resources:
    """What a run used, as a record keeps it."""
    return Resources(
        started_at=started_at.isoformat(timespec="seconds"),
        wall_time_s=round(wall_time_s, 3),
        cpu_s=round(watch.usage.cpu_s, 3),
        peak_memory_mib=round(watch.usage.memory_mib, 1),
        worker="fresh",
    )


def _first_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:300]
