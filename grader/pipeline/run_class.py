"""Runs what waits to be run: identical work once, what fails on our side twice, all of it stored.

Everything is read when its turn comes and let go when its result is stored, so that memory does
not grow with the class.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from grader.evidence import Limits, Resources, RunOutcome, RunRecord, RunState
from grader.intake.model import EntryKind, Located, Problem, ProblemKind, Submission
from grader.pipeline.index import Terms, attempt_row, content_digest
from grader.pipeline.setting import Setting
from grader.pipeline.store import Attempt, HandedIn, ResultFolder
from grader.sandbox.interface import Job, PublicData, Runner, RunResult

if TYPE_CHECKING:
    from grader.gradebook.database import Database

SEED: Final = 0
MAX_TRIES: Final = 2
"""How often something is run that brings our own side down."""
ENTRY_NAMES: Final = {EntryKind.NOTEBOOK: "submission.ipynb", EntryKind.MODULE: "submission.py"}
"""What an entry is called inside: file names often bear a student's name, results are shared."""
_FAILED_TWICE: Final = "the grader went down {tries} times while this was running"


@dataclass(frozen=True, slots=True)
class Desk:
    """What running a class needs.

    Attributes:
        setting: The assignment.
        terms: Limits, isolation and the rest of what results depend on.
        folder: Where results are stored.
        database: Its index.
        runner: Starts the sandboxed runs.
    """

    setting: Setting
    terms: Terms
    folder: ResultFolder
    database: Database
    runner: Runner


@dataclass(slots=True)
class _Pass:
    """One pass over what waits; ``later`` holds what is put off, with its tries so far."""

    desk: Desk
    workers: int
    is_last: bool
    on_stored: Callable[[Located], None]
    later: list[tuple[int, Located]] = field(default_factory=list)
    under_way: dict[Future[RunResult], _Turn] = field(default_factory=dict)
    identical: dict[str, list[_Turn]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is kept of a submission while it runs: everything but its content."""

    located: Located
    handed_in: HandedIn
    run_key: str


def run_waiting(
    waiting: Sequence[Located], desk: Desk, *, workers: int, on_stored: Callable[[Located], None]
) -> None:
    """Run submissions side by side and store every result as soon as it is there.

    Identical ones are run once. What brings our own side down, or was running when the grader was
    killed, waits until all others are done and is then run alone. A failure counts as a try; so
    does the grader's own death, but only for what was running alone, as only then it is clear
    whose doing it was. After :data:`MAX_TRIES` it is stored as our failure.

    Args:
        waiting: Numbered; none of them stored.
        desk: What is needed.
        workers: Runs at one time.
        on_stored: Called after each.

    Raises:
        KeyboardInterrupt: Passed on after the runs under way have been stopped; they do not count
            as tried.
    """
    first = _Pass(desk, max(1, workers), is_last=False, on_stored=on_stored)
    _go_through(first, waiting)
    later = [located for _, located in sorted(first.later, key=itemgetter(0))]
    _go_through(_Pass(desk, 1, is_last=True, on_stored=on_stored), later)


def _go_through(now: _Pass, waiting: Iterable[Located]) -> None:
    stop = threading.Event()
    todo = iter(waiting)
    with ThreadPoolExecutor(max_workers=now.workers) as pool:
        try:
            while True:
                while len(now.under_way) < now.workers:
                    located = next(todo, None)
                    if located is None:
                        break
                    turn_and_job = _next(now, located)
                    if turn_and_job is not None:
                        turn, job = turn_and_job
                        now.desk.database.start_try(turn.run_key, alone=now.workers == 1)
                        future = pool.submit(_run, now.desk.runner, job, stop.is_set)
                        now.under_way[future] = turn
                        del turn_and_job, job
                if not now.under_way:
                    return
                finished, _ = wait(now.under_way, return_when=FIRST_COMPLETED)
                for future in finished:
                    _finish(now, now.under_way[future], future.result())
                    del now.under_way[future]
                finished.clear()
        finally:
            stop.set()
            if now.under_way:
                now.desk.database.give_back_tries()


def _next(now: _Pass, located: Located) -> tuple[_Turn, Job] | None:
    """Settle an attempt without a run of its own if that can be done, else say what to run."""
    desk = now.desk
    submission = _read(located)
    content = content_digest(submission)
    handed_in = HandedIn.of(submission).model_copy(update={"content_sha256": content})
    turn = _Turn(located, handed_in, desk.terms.run_key(content))
    if not content:
        _store(now, turn, RunResult(outcome=RunOutcome(state=RunState.NOT_RUN), isolation=""))
        return None
    if any(other.run_key == turn.run_key for other in now.under_way.values()):
        now.identical.setdefault(turn.run_key, []).append(turn)
        return None
    done = desk.database.find_run(turn.run_key)
    if done is not None and _store_same(now, turn, done):
        return None
    tries = desk.database.tries(turn.run_key)
    if tries >= MAX_TRIES:
        _store(now, turn, _failure(desk, _FAILED_TWICE.format(tries=tries), ""))
        return None
    if (tries or desk.database.is_suspect(turn.run_key)) and not now.is_last:
        now.later.append((tries, located))
        return None
    return turn, _job(submission, desk.setting, desk.terms.limits)


def _finish(now: _Pass, turn: _Turn, result: RunResult) -> None:
    """Store a result, or put it off for another try, together with what is identical."""
    desk, same = now.desk, now.identical.pop(turn.run_key, [])
    failed = result.outcome.state is RunState.GRADER_FAILED
    if failed and desk.database.tries(turn.run_key) < MAX_TRIES:
        desk.database.end_try(turn.run_key, succeeded=False)
        now.later += [(1, each.located) for each in (turn, *same)]
        return
    _store(now, turn, result)
    desk.database.end_try(turn.run_key, succeeded=not failed)
    done = (turn.handed_in.key, turn.handed_in.attempt)
    for other in same:
        if failed or not _store_same(now, other, done):
            _store(now, other, result)


def _run(runner: Runner, job: Job, cancelled: Callable[[], bool]) -> RunResult:
    try:
        return runner.run(job, cancelled=cancelled)
    except Exception:  # noqa: BLE001  # what brings our side down must not bring the class down
        detail = "the sandbox failed, not the submission"
        outcome = RunOutcome(state=RunState.GRADER_FAILED, detail=detail)
        return RunResult(outcome=outcome, isolation="", log=traceback.format_exc())


def _read(located: Located) -> Submission:
    try:
        return located.read()
    except Exception:  # noqa: BLE001  # one file that the intake stumbles over must not stop a class
        detail = "What was handed in could not be read: a fault of the grader, not of your work."
        return Submission(
            student=located.student,
            attempt=located.attempt,
            attempts=located.attempts,
            source=located.source,
            problem=Problem(ProblemKind.UNREADABLE, detail),
            sha256=located.sha256,
        )


def _failure(desk: Desk, detail: str, log: str) -> RunResult:
    outcome = RunOutcome(state=RunState.GRADER_FAILED, detail=detail)
    return RunResult(outcome=outcome, isolation=desk.terms.isolation, log=log)


def _store(now: _Pass, turn: _Turn, result: RunResult) -> None:
    desk = now.desk
    try:
        attempt = _attempt(turn, result, desk)
        desk.folder.save(attempt)
    except ValueError:  # such as text that is no Unicode: nothing of it can be kept
        detail = "what the run left behind could not be stored"
        attempt = _attempt(turn, _failure(desk, detail, traceback.format_exc()), desk)
        desk.folder.save(attempt)
    desk.database.put_attempt(attempt_row(attempt))
    now.on_stored(turn.located)


def _store_same(now: _Pass, turn: _Turn, done: tuple[str, int]) -> bool:
    """Give an attempt the result of an identical one; ``False`` if that cannot be read any more."""
    folder = now.desk.folder
    attempt = folder.load_usable(*done)
    if attempt is None:
        return False
    same = Attempt(
        handed_in=turn.handed_in.model_copy(update={"run_of": done}),
        record=attempt.record.model_copy(update={"submission_sha256": turn.handed_in.sha256}),
        arrays=attempt.arrays,
        executed=folder.load_executed(*done),
        log=attempt.log,
    )
    folder.save(same)
    now.desk.database.put_attempt(attempt_row(same))
    now.on_stored(turn.located)
    return True


def _attempt(turn: _Turn, result: RunResult, desk: Desk) -> Attempt:
    terms = desk.terms
    is_failed = result.outcome.state is RunState.GRADER_FAILED
    record = RunRecord(
        grader_version=terms.grader_version,
        assignment=desk.setting.assignment.id,
        assignment_sha256=terms.assignment_sha256,
        submission_sha256=turn.handed_in.sha256,
        hidden_sets=terms.hidden_sets,
        isolation=result.isolation or (terms.isolation if is_failed else ""),
        limits=terms.limits,
        outcome=result.outcome,
        testimony=result.testimony,
        hidden=result.hidden,
        resources=result.resources or Resources(),
    )
    return Attempt(
        handed_in=turn.handed_in,
        record=record,
        arrays=result.arrays,
        executed=result.executed,
        log=result.log,
    )


def _job(submission: Submission, setting: Setting, limits: Limits) -> Job:
    kind = submission.entry_kind or EntryKind.NOTEBOOK
    files: dict[PurePosixPath, bytes] = {**submission.files, **setting.files}
    return Job(
        notebook=submission.notebook,
        entry_kind=str(kind),
        entry_name=ENTRY_NAMES[kind],
        files=files,
        briefs=tuple(exercise.brief() for exercise in setting.assignment.exercises),
        public=public_rows(setting),
        hidden_inputs={exercise: hidden.inputs for exercise, hidden in setting.hidden.items()},
        limits=limits,
        seed=SEED,
    )


def public_rows(setting: Setting) -> dict[str, PublicData]:
    """The public rows as a run gets them, by exercise id."""
    return {
        exercise: PublicData(
            train_inputs=splits.train.inputs,
            train_labels=splits.train.labels,
            validation_inputs=splits.validation.inputs,
            validation_labels=splits.validation.labels,
            plot_inputs=splits.grid.inputs,
        )
        for exercise, splits in setting.public.items()
    }
