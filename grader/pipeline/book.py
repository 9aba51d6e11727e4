"""Writes what was judged: reports per attempt, feedback per student, the class overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from grader.gradebook import write_gradebook_csv, write_index
from grader.intake.model import Student
from grader.pipeline.setting import Setting
from grader.pipeline.store import ResultFolder
from grader.report.model import Report, StudentReport
from grader.report.views import student_view
from grader.report.write import write_report


@dataclass(frozen=True, slots=True)
class Judged:
    """A student's latest report with what only the gradebook needs."""

    report: Report
    email: str = ""


def write_student(folder: ResultFolder, report: Report, *, is_latest: bool) -> None:
    """Write the instructor's report of an attempt, and the student's if it is the latest."""
    key = report.student.key
    targets = [(report, folder.attempt_folder(key, report.attempt.number))]
    if is_latest:
        targets.append((student_view(report), folder.feedback_folder(key)))
    for each, target in targets:
        try:
            write_report(each, target)
        except Exception:  # noqa: BLE001  # what cannot be drawn for one must not stop a class
            # Pictures are what odd numbers can break; words and points are what matters.
            plain = [
                one.model_copy(update={"curve": (), "boundary": None}) for one in each.exercises
            ]
            write_report(each.model_copy(update={"exercises": tuple(plain)}), target)


def write_class(
    folder: ResultFolder,
    setting: Setting,
    judged: Sequence[Judged],
    missing: Sequence[Student],
) -> None:
    """Write ``gradebook.csv`` and ``index.html``."""
    reports = [each.report for each in judged]
    emails = {each.report.student.key: each.email for each in judged}
    write_gradebook_csv(folder.root / "gradebook.csv", reports, emails=emails)
    write_index(
        folder.root / "index.html",
        reports,
        title=setting.assignment.title,
        without_submission=[
            StudentReport(key=student.key, display_name=student.display_name) for student in missing
        ],
        notes=_notes(reports),
    )


def _notes(reports: Sequence[Report]) -> list[str]:
    """Say at which isolation level the class was run."""
    levels = sorted({report.run.isolation for report in reports} - {""})
    return [f"isolation level: {', '.join(levels)}"] if levels else []


def read_report(folder: ResultFolder, key: str, attempt: int) -> Report | None:
    """Read the instructor's report of an attempt as it was written; ``None`` if it is unusable."""
    path = folder.attempt_folder(key, attempt) / "report.json"
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
