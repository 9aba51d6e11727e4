"""Scores stored evidence again with the rubric as it is now; runs no student code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from grader.checks import load_checks
from grader.course import Course
from grader.datasets.generate import load_generator
from grader.datasets.hidden import load_hidden
from grader.datasets.public import public_data
from grader.errors import EvidenceError
from grader.intake.model import Student
from grader.pipeline.book import read_report
from grader.pipeline.grade import judge_all, with_overrides
from grader.pipeline.index import open_index
from grader.pipeline.setting import Setting
from grader.pipeline.store import JobFile, ResultFolder
from grader.report.model import CriterionReport, Report
from grader.rubric.loader import load_rubric


@dataclass(frozen=True, slots=True)
class Change:
    """One criterion of one student that came out differently.

    Attributes:
        key: Of the student.
        display_name: Of the student.
        criterion: Its id.
        before: Points earned, pending and the outcome before; ``None`` for a new criterion.
        after: Likewise now; ``None`` for one that is gone.
        why: What is seen and expected now.
    """

    key: str
    display_name: str
    criterion: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class RegradeResult:
    """A class that was scored again.

    Attributes:
        reports: The latest attempt of each student, as judged now.
        changes: In the order of students and criteria.
        totals_before: Points earned before, by key.
    """

    reports: Sequence[Report]
    changes: tuple[Change, ...]
    totals_before: Mapping[str, Decimal]


def regrade(course: Course, out: Path, *, models: tuple[str, ...] | None = None) -> RegradeResult:
    """Judge every stored attempt again and write every report anew.

    Args:
        course: Whose rubric counts.
        out: Result folder of an earlier ``grade``.
        models: ``NAME`` or ``EXERCISE=NAME`` of the models to grade; those of the last time if
            ``None``.

    Raises:
        UsageError: ``models`` names no exercise of the assignment.
        CourseError: The rubric or the assignment says something wrong.
        EvidenceError: The evidence is of an unknown schema, or was made with another hidden set;
            nothing is written then.
        DataError: The hidden set is missing or damaged.
    """
    folder = ResultFolder(out)
    job = folder.load_job()
    setting = _setting(course, job, folder)
    _refuse_foreign_evidence(folder, setting)
    if models is not None:
        job = job.model_copy(update={"models": models})
    setting = with_overrides(setting, folder, job.models)
    missing = tuple(Student(key=key, display_name=name) for key, name in job.missing)
    folder.save_job(job)
    changes: list[Change] = []
    totals_before: dict[str, Decimal] = {}

    def compare(report: Report, is_latest: bool) -> None:
        old = read_report(folder, report.student.key, report.attempt.number)
        if old is not None and is_latest:
            totals_before[report.student.key] = old.totals.earned
            changes.extend(_changes(old, report))

    with open_index(folder) as database:
        reports = judge_all(folder, setting, missing, database=database, on_judged=compare)
    return RegradeResult(reports=reports, changes=tuple(changes), totals_before=totals_before)


def _setting(course: Course, job: JobFile, folder: ResultFolder) -> Setting:
    """The setting of the stored class: today's rubric, the hidden sets that are kept with it."""
    if (course.id, course.term) != (job.course, job.term):
        message = (
            f"{folder.root}: was graded in the course {job.course} ({job.term}), "
            f"not in {course.id} ({course.term})"
        )
        raise EvidenceError(message, hint="name the right course folder with --course")
    assignment = course.load_assignment(job.assignment)
    checks = load_checks()
    path = course.rubric_path(job.assignment)
    rubric = load_rubric(path, assignment=assignment, checks=checks)
    assignment_folder = course.assignment_folder(job.assignment)
    exercises = {exercise.id for exercise in assignment.exercises}
    if exercises != set(job.hidden_sets):
        message = (
            f"{folder.root}: was graded with the exercises {', '.join(sorted(job.hidden_sets))}; "
            f"the assignment now has {', '.join(sorted(exercises))}"
        )
        raise EvidenceError(message, hint="grade again")
    return Setting(
        course=course,
        assignment=assignment,
        rubric=rubric,
        checks=checks,
        public={
            exercise.id: public_data(
                exercise, load_generator(assignment_folder, exercise.data.source)
            )
            for exercise in assignment.exercises
        },
        files={},
        hidden={
            exercise: load_hidden(folder.hidden, digest)
            for exercise, digest in job.hidden_sets.items()
        },
        secret_fingerprint=job.secret_fingerprint,
    )


def _refuse_foreign_evidence(folder: ResultFolder, setting: Setting) -> None:
    foreign = []
    for key, number in folder.attempts():
        attempt = folder.load(key, number)
        if attempt is not None and attempt.record.hidden_sets != setting.hidden_digests:
            foreign.append(f"{key}/{number}")
    if foreign:
        message = (
            f"{folder.root}: evidence made with another hidden set: {', '.join(foreign[:5])}"
            + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
        )
        raise EvidenceError(message, hint="grade these again")


def _changes(old: Report, new: Report) -> list[Change]:
    before = {criterion.id: criterion for criterion in old.criteria}
    after = {criterion.id: criterion for criterion in new.criteria}
    changes = []
    for criterion in dict.fromkeys([*before, *after]):
        was, now = before.get(criterion), after.get(criterion)
        if _verdict(was) == _verdict(now):
            continue
        shown = now or was
        why = (
            f"seen: {shown.seen}; expected: {shown.expected}"
            if now and shown
            else ("no longer part of the rubric")
        )
        changes.append(
            Change(
                key=new.student.key,
                display_name=new.student.display_name,
                criterion=criterion,
                before=_verdict(was),
                after=_verdict(now),
                why=why,
            )
        )
    return changes


def _verdict(criterion: CriterionReport | None) -> str | None:
    """What may change: points, pending points and the outcome."""
    if criterion is None:
        return None
    pending = f", {_plain(criterion.pending)} pending" if criterion.pending else ""
    earned, maximum = _plain(criterion.earned), _plain(criterion.maximum)
    return f"{earned} of {maximum}{pending} ({criterion.outcome})"


def _plain(points: Decimal) -> str:
    """Points without trailing zeros, which JSON does not keep."""
    return f"{points.normalize():f}"
