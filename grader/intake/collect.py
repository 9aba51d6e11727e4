"""Collects submissions: who handed in what, and which attempt it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.discover import Found, discover
from grader.intake.model import Student, Submission
from grader.intake.naming import natural, slug, unique_keys
from grader.intake.refusal import printable, shown
from grader.intake.roster import Roster, read_roster
from grader.intake.submission import read_submission


@dataclass(slots=True)
class _Group:
    """All attempts of one student, in the order in which they were found."""

    student: Student
    attempts: list[Found] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def collect(
    paths: Sequence[Path], *, roster: Path | None = None, entry_glob: str = ""
) -> tuple[Submission, ...]:
    """Find one submission per student and attempt in whatever was handed in.

    Whatever is wrong with one student's material is that submission's problem, never an
    exception. Attempts of one student are numbered by the marker in their name (``attempt-2``;
    none comes first), then by the order of ``paths``.

    Args:
        paths: Folders, notebooks, modules and zip archives; of a class or of one student, see
            :mod:`grader.intake.discover`. A path named twice counts once.
        roster: CSV, see :func:`grader.intake.roster.read_roster`.
        entry_glob: The assignment's pattern for the entry's name.

    Returns:
        Sorted by key and attempt.

    Raises:
        UsageError: A path is missing, holds nothing to grade, or is unsafe as a whole.
        CourseError: The roster says something wrong.
    """
    class_roster = read_roster(roster) if roster is not None else Roster()
    found = [
        each
        for path in _each_once(paths)
        for each in discover(path, is_known=lambda name: class_roster.find(name) is not None)
    ]
    submissions = [
        read_submission(
            attempt.material,
            Submission(
                student=group.student,
                attempt=number,
                attempts=len(group.attempts),
                source=printable(attempt.source),
                notes=(*group.notes, *attempt.material.notes),
                sha256=attempt.material.sha256,
            ),
            entry_glob=entry_glob,
        )
        for group in _by_student(found, class_roster)
        for number, attempt in enumerate(
            sorted(group.attempts, key=lambda attempt: natural(attempt.marker)), start=1
        )
    ]
    return tuple(sorted(submissions, key=lambda each: (each.student.key, each.attempt)))


def _each_once(paths: Sequence[Path]) -> tuple[Path, ...]:
    first: dict[Path, Path] = {}
    for path in paths:
        first.setdefault(path.resolve(), path)
    return tuple(first.values())


def _by_student(found: Sequence[Found], roster: Roster) -> list[_Group]:
    names = list(dict.fromkeys(_composed(each.name) for each in found))
    known = {name: roster.find(name) for name in names}
    keys = unique_keys(
        [name for name in names if known[name] is None],
        taken={student.key for student in roster.students},
    )
    groups: dict[str, _Group] = {}
    for name in names:
        student = known[name]
        if student is not None:
            groups.setdefault(student.key, _Group(student))
            continue
        key = keys[name]
        notes: tuple[str, ...] = ()
        if key.rpartition("-")[0] == slug(name):
            notes += (f"the key {shown(slug(name))} also fits another name; this one got {key}",)
        if roster.students:
            notes += (f"the name {shown(printable(name))} is not in the roster",)
        groups[key] = _Group(Student(key, display_name=printable(name) or key), notes=notes)
    for each in found:
        student = known[_composed(each.name)]
        groups[student.key if student else keys[_composed(each.name)]].attempts.append(each)
    return list(groups.values())


def _composed(name: str) -> str:
    """Bring accents to one form: macOS takes letters apart in file names, others do not."""
    return unicodedata.normalize("NFC", name)
