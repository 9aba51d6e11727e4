"""Writes what was judged: reports per attempt, feedback per student, the class overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from pydantic import ValidationError

from grader.errors import EvidenceError
from grader.gradebook import write_gradebook_csv, write_index
from grader.intake.model import Student
from grader.pipeline.setting import Setting
from grader.pipeline.store import ResultFolder
from grader.report.model import Report, StudentReport
from grader.report.views import student_view
from grader.report.write import write_report


class StoredReports(Sequence[Report]):
    """The latest report of each student, by key; each is read from disk whenever it is asked for.

    Args:
        folder: Where they were written.
        attempts: Key and attempt of each.
    """

    def __init__(self, folder: ResultFolder, attempts: Sequence[tuple[str, int]]) -> None:
        self._folder = folder
        self._attempts = tuple(attempts)

    def __len__(self) -> int:
        return len(self._attempts)

    @overload
    def __getitem__(self, index: int) -> Report: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Report, ...]: ...
    def __getitem__(self, index: int | slice) -> Report | tuple[Report, ...]:
        """Read one report, or several.

        Raises:
            EvidenceError: It is not there any more as it was written.
        """
        if isinstance(index, slice):
            return tuple(map(self._read, self._attempts[index]))
        return self._read(self._attempts[index])

    def _read(self, attempt: tuple[str, int]) -> Report:
        report = read_report(self._folder, *attempt)
        if report is None:
            where = self._folder.attempt_folder(*attempt)
            raise EvidenceError(f"{where}: its report cannot be read", hint="run grader regrade")
        return report


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


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the overview of a class needs besides reports.

    Attributes:
        emails: By student key, where they are known.
        missing: Students who handed in nothing.
        identical: ``key/attempt`` of what was not run itself, and of what was run in its stead.
    """

    emails: Mapping[str, str]
    missing: Sequence[Student]
    identical: Sequence[tuple[str, str]]


def write_class(
    folder: ResultFolder,
    setting: Setting,
    reports: Sequence[Report],
    facts: ClassFacts,
) -> None:
    """Write ``gradebook.csv`` and ``index.html``.

    Args:
        folder: Where to.
        setting: The assignment.
        reports: The latest of each student; gone through several times.
        facts: What the reports do not say.
    """
    write_gradebook_csv(folder.root / "gradebook.csv", reports, emails=facts.emails)
    write_index(
        folder.root / "index.html",
        reports,
        title=setting.assignment.title,
        without_submission=[
            StudentReport(key=student.key, display_name=student.display_name)
            for student in facts.missing
        ],
        notes=_notes(reports, facts.identical),
    )


def _notes(reports: Sequence[Report], identical: Sequence[tuple[str, str]]) -> list[str]:
    """Say at which isolation level the class was run, and what is identical."""
    levels = sorted({report.run.isolation for report in reports} - {""})
    notes = [f"isolation level: {', '.join(levels)}"] if levels else []
    if identical:
        pairs = ", ".join(f"{one} like {other}" for one, other in identical)
        notes.append(f"identical and run once (student/attempt): {pairs}")
    return notes


def read_report(folder: ResultFolder, key: str, attempt: int) -> Report | None:
    """Read the instructor's report of an attempt as it was written; ``None`` if it is unusable."""
    path = folder.attempt_folder(key, attempt) / "report.json"
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
