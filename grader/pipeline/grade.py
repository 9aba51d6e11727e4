"""Grades a class: collects, runs, stores, judges and writes; resumes where it stopped."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.datasets.hidden import store_hidden
from grader.evidence import Limits
from grader.intake import locate, missing_students
from grader.intake.model import Located, Student
from grader.pipeline.book import ClassFacts, StoredReports, write_class, write_student
from grader.pipeline.index import Terms, open_index
from grader.pipeline.judge import judge
from grader.pipeline.overrides import OVERRIDES_FILE, load_overrides, overrides_of_options
from grader.pipeline.resume import is_stored, numbered, refuse_other_assignment, still_missing
from grader.pipeline.run_class import Desk, public_rows, run_waiting
from grader.pipeline.setting import Setting
from grader.pipeline.store import JobFile, ResultFolder
from grader.report.model import Report
from grader.sandbox.interface import Runner
from grader.sandbox.leftovers import remove_leftovers

if TYPE_CHECKING:
    from grader.gradebook.database import Database

__all__ = [
    "GradeOptions",
    "GradeResult",
    "grade",
    "judge_all",
    "public_rows",
    "with_overrides",
]


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
        retry_failed: Whether to try again what was marked as our failure.
    """

    out: Path
    roster: Path | None = None
    limits: Limits | None = None
    workers: int = 1
    isolation: str = "bwrap"
    models: tuple[str, ...] = ()
    retry_failed: bool = False


@dataclass(frozen=True, slots=True)
class GradeResult:
    """A graded class.

    Attributes:
        reports: The latest attempt of each student, instructor's view, by key; read from disk when
            it is asked for.
        missing: Students of the roster who handed in nothing.
        reused: Attempts that had been run before and were only judged again.
        identical: Attempts that were not run because an identical one was.
    """

    reports: Sequence[Report]
    missing: tuple[Student, ...]
    reused: int
    identical: int = 0


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
        UsageError: Nothing to grade was found, the folder holds another assignment's results, or
            another grader is at work in it.
        KeyboardInterrupt: Passed on after the runs under way have been stopped.
    """
    folder = ResultFolder(options.out)
    refuse_other_assignment(folder, setting)
    overrides_of_options(options.models, setting.assignment)
    limits = options.limits or setting.assignment.limits
    terms = Terms.of(setting, limits, options.isolation)
    with ExitStack() as opened:
        entry = setting.assignment.entry
        found = opened.enter_context(locate(paths, roster=options.roster, entry_glob=entry))
        without = missing_students(options.roster, found) if options.roster else None
        database = opened.enter_context(open_index(folder))
        remove_leftovers()
        for hidden in setting.hidden.values():
            store_hidden(folder.hidden, hidden)
        folder.save_job(_job_file(setting, still_missing(without, folder), options.models))

        desk = Desk(setting, terms, folder, database, runner)
        reused = _run(numbered(found, folder), desk, options, on_progress)
        missing = still_missing(without, folder)
        folder.save_job(_job_file(setting, missing, options.models))
        judged_with = with_overrides(setting, folder, options.models)
        return GradeResult(
            reports=judge_all(folder, judged_with, missing, database=database),
            missing=missing,
            reused=reused,
            identical=len(database.identical()),
        )


def _run(
    found: Sequence[Located],
    desk: Desk,
    options: GradeOptions,
    on_progress: Callable[[int, int, str], None],
) -> int:
    """Run what is not stored yet.

    Returns:
        How many attempts were stored before.
    """
    waiting = [
        each
        for each in found
        if not is_stored(each, desk.terms, desk.folder, retry_failed=options.retry_failed)
    ]
    if options.retry_failed:
        desk.database.forget_tries()
    total, reused = len(found), len(found) - len(waiting)
    done = itertools.count(reused + 1)
    on_progress(reused, total, "")

    def on_stored(located: Located) -> None:
        on_progress(next(done), total, located.student.display_name)

    run_waiting(waiting, desk, workers=options.workers, on_stored=on_stored)
    return reused


def judge_all(
    folder: ResultFolder,
    setting: Setting,
    missing: Sequence[Student],
    *,
    database: Database,
    on_judged: Callable[[Report, bool], None] = lambda report, is_latest: None,
) -> StoredReports:
    """Judge every stored attempt and write every report, the gradebook and the overview.

    Args:
        folder: Where the attempts are stored.
        setting: The assignment.
        missing: Students who handed in nothing.
        database: The folder's index, which gets the points.
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
    with database.new_results():
        for key, number in attempts:
            attempt = folder.load(key, number)
            if attempt is None:
                continue
            report = judge(attempt, setting, attempts=counts[key])
            is_latest = number == last[key]
            on_judged(report, is_latest)
            write_student(folder, report, is_latest=is_latest)
            email = emails[key] = attempt.handed_in.email
            database.put_result(report, email=email, is_latest=is_latest)
    reports = StoredReports(folder, list(last.items()))
    facts = ClassFacts(emails=emails, missing=missing, identical=database.identical())
    write_class(folder, setting, reports, facts)
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
