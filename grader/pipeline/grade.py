"""Grades a class: collects, runs, stores, judges and writes; resumes where it stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grader import __version__
from grader.datasets.hidden import store_hidden
from grader.evidence import Limits, Resources, RunOutcome, RunRecord, RunState
from grader.intake import collect, missing_students
from grader.intake.model import Student, Submission
from grader.intake.refusal import printable
from grader.pipeline.book import StoredReports, write_class, write_student
from grader.pipeline.judge import judge
from grader.pipeline.overrides import OVERRIDES_FILE, load_overrides, overrides_of_options
from grader.pipeline.resume import is_stored, numbered, refuse_other_assignment, still_missing
from grader.pipeline.setting import Setting
from grader.pipeline.store import Attempt, HandedIn, JobFile, ResultFolder
from grader.report.model import Report
from grader.sandbox.interface import Job, PublicData, Runner, RunResult

SEED = 0
MAX_ENTRY_NAME = 100
"""Longer names are cut at their beginning for the worker, which shows them and opens nothing."""


@dataclass(frozen=True, slots=True)
class GradeOptions:
    """How a class is graded.

    Attributes:
        out: Result folder.
        roster: CSV file with key, display name and e-mail; ``None`` if there is none.
        limits: What a run may use; the assignment's if ``None``.
        workers: Runs at one time.
        isolation: Level that the runner works at; stored evidence of another level is not reused.
        models: What ``--model`` says: ``NAME`` or ``EXERCISE=NAME``.
    """

    out: Path
    roster: Path | None = None
    limits: Limits | None = None
    workers: int = 1
    isolation: str = "bwrap"
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradeResult:
    """A graded class.

    Attributes:
        reports: The latest attempt of each student, instructor's view, by key; read from disk when
            it is asked for.
        missing: Students of the roster who handed in nothing.
        reused: Attempts that had been run before and were only judged again.
    """

    reports: Sequence[Report]
    missing: tuple[Student, ...]
    reused: int


def grade(
    setting: Setting,
    paths: Sequence[Path],
    options: GradeOptions,
    *,
    runner: Runner,
    on_progress: Callable[[int, int, str], None],
) -> GradeResult:
    """Grade everything found under some paths.

    Every attempt is stored as soon as its run has ended, so an interrupted class goes on where it
    stopped: an attempt with the same content, assignment, hidden data, limits and grader version
    is not run again.

    Args:
        setting: The assignment.
        paths: Folders, files and zips with submissions.
        options: Where to, with which limits.
        runner: Starts the sandboxed runs.
        on_progress: Called with done, total and the student's name after each attempt.

    Raises:
        UsageError: Nothing to grade was found, or the folder holds another assignment's results.
        KeyboardInterrupt: Passed on after the runs under way have been stopped.
    """
    folder = ResultFolder(options.out)
    refuse_other_assignment(folder, setting)
    overrides_of_options(options.models, setting.assignment)
    found = collect(paths, roster=options.roster, entry_glob=setting.assignment.entry)
    without = missing_students(options.roster, found) if options.roster else None
    for hidden in setting.hidden.values():
        store_hidden(folder.hidden, hidden)
    folder.save_job(_job_file(setting, still_missing(without, folder), options.models))

    limits = _limits(setting, options)
    submissions = numbered(found, folder)
    waiting = [
        each
        for each in submissions
        if not is_stored(each, setting, folder, limits=limits, isolation=options.isolation)
    ]
    total, done = len(submissions), len(submissions) - len(waiting)
    on_progress(done, total, "")
    with closing(_run_all(waiting, setting, options, runner)) as runs:
        for submission, result in runs:
            folder.save(_attempt(submission, result, setting, options))
            done += 1
            on_progress(done, total, submission.student.display_name)
    missing = still_missing(without, folder)
    folder.save_job(_job_file(setting, missing, options.models))
    return GradeResult(
        reports=judge_all(folder, with_overrides(setting, folder, options.models), missing),
        missing=missing,
        reused=total - len(waiting),
    )


def judge_all(
    folder: ResultFolder,
    setting: Setting,
    missing: Sequence[Student],
    *,
    on_judged: Callable[[Report, bool], None] = lambda report, is_latest: None,
) -> StoredReports:
    """Judge every stored attempt and write every report, the gradebook and the overview.

    Args:
        folder: Where the attempts are stored.
        setting: The assignment.
        missing: Students who handed in nothing.
        on_judged: Called with each report, and whether it is its student's latest; the report is
            not written yet.

    Returns:
        The latest attempt of each student.
    """
    counts: dict[str, int] = {}
    last: dict[str, int] = {}
    emails: dict[str, str] = {}
    attempts = list(folder.attempts())
    for key, number in attempts:
        counts[key] = counts.get(key, 0) + 1
        last[key] = number
    for key, number in attempts:
        attempt = folder.load(key, number)
        if attempt is None:
            continue
        report = judge(attempt, setting, attempts=counts[key])
        is_latest = number == last[key]
        on_judged(report, is_latest)
        write_student(folder, report, is_latest=is_latest)
        emails[key] = attempt.handed_in.email
    reports = StoredReports(folder, list(last.items()))
    write_class(folder, setting, reports, emails, missing)
    return reports


def with_overrides(setting: Setting, folder: ResultFolder, models: Sequence[str]) -> Setting:
    """The setting with what the instructor says about models: the options, then the file.

    Raises:
        UsageError: An option names no exercise of the assignment.
        CourseError: The file says something wrong.
    """
    students = sorted({key for key, _ in folder.attempts()})
    overrides = (
        *overrides_of_options(models, setting.assignment),
        *load_overrides(folder.private / OVERRIDES_FILE, setting.assignment, students),
    )
    return replace(setting, overrides=overrides)


def _job_file(setting: Setting, missing: Sequence[Student], models: tuple[str, ...]) -> JobFile:
    return JobFile(
        models=models,
        course=setting.course.id,
        term=setting.course.term,
        course_root=str(setting.course.root.resolve()),
        assignment=setting.assignment.id,
        secret_fingerprint=setting.secret_fingerprint,
        hidden_sets=setting.hidden_digests,
        missing=tuple((student.key, student.display_name) for student in missing),
    )


def _limits(setting: Setting, options: GradeOptions) -> Limits:
    return options.limits or setting.assignment.limits


def _run_all(
    waiting: Sequence[Submission], setting: Setting, options: GradeOptions, runner: Runner
) -> Generator[tuple[Submission, RunResult]]:
    """Run submissions side by side; stop all of them when we are interrupted."""
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, options.workers)) as pool:
        try:
            todo = iter(waiting)
            under_way: dict[Future[RunResult], Submission] = {}
            while True:
                while len(under_way) < max(1, options.workers):
                    submission = next(todo, None)
                    if submission is None:
                        break
                    job = _job(submission, setting, options)
                    future = pool.submit(_run_one, job, runner, stop.is_set)
                    under_way[future] = submission
                if not under_way:
                    return
                finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield under_way.pop(future), future.result()
        finally:
            stop.set()


def _run_one(job: Job | None, runner: Runner, cancelled: Callable[[], bool]) -> RunResult:
    if job is None:
        return RunResult(outcome=RunOutcome(state=RunState.NOT_RUN), isolation="")
    return runner.run(job, cancelled=cancelled)


def _job(submission: Submission, setting: Setting, options: GradeOptions) -> Job | None:
    if submission.problem is not None:
        return None
    files: dict[PurePosixPath, bytes] = {**submission.files, **setting.files}
    return Job(
        notebook=submission.notebook,
        entry_kind=str(submission.entry_kind or "notebook"),
        entry_name=printable(submission.entry_name)[-MAX_ENTRY_NAME:],
        files=files,
        briefs=tuple(exercise.brief() for exercise in setting.assignment.exercises),
        public=public_rows(setting),
        hidden_inputs={exercise: hidden.inputs for exercise, hidden in setting.hidden.items()},
        limits=_limits(setting, options),
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


def _attempt(
    submission: Submission, result: RunResult, setting: Setting, options: GradeOptions
) -> Attempt:
    record = RunRecord(
        grader_version=__version__,
        assignment=setting.assignment.id,
        assignment_sha256=setting.assignment.sha256,
        submission_sha256=submission.sha256,
        hidden_sets=setting.hidden_digests,
        isolation=result.isolation,
        limits=_limits(setting, options),
        outcome=result.outcome,
        testimony=result.testimony,
        hidden=result.hidden,
        resources=result.resources or Resources(),
    )
    return Attempt(
        handed_in=HandedIn.of(submission),
        record=record,
        arrays=result.arrays,
        executed=result.executed,
        log=result.log,
    )
