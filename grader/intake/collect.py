"""Collects submissions: who handed in what, and which attempt it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.discover import Found, discover
from grader.intake.model import Located, Student, Submission
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


@contextmanager
def locate(
    paths: Sequence[Path], *, roster: Path | None = None, entry_glob: str = ""
) -> Iterator[tuple[Located, ...]]:
    """Find one submission per student and attempt in whatever was handed in, and keep none.

    Everything is looked at once, for its digest; each is read again when it is needed, as long as
    the context lasts. Whatever is wrong with one student's material is that submission's problem,
    never an exception. Attempts of one student are numbered by the marker in their name
    (``attempt-2``; none comes first), then by the order of ``paths``.

    Args:
        paths: Folders, notebooks, modules and zip archives; of a class or of one student, see
            :mod:`grader.intake.discover`. A path named twice counts once.
        roster: CSV, see :func:`grader.intake.roster.read_roster`.
        entry_glob: The assignment's pattern for the entry's name.

    Yields:
        Sorted by key and attempt.

    Raises:
        UsageError: A path is missing, holds nothing to grade, or is unsafe as a whole.
        CourseError: The roster says something wrong.
    """
    class_roster = read_roster(roster) if roster is not None else Roster()
    with ExitStack() as opened:
        found = [
            each
            for path in _each_once(paths)
            for each in discover(
                path, is_known=lambda name: class_roster.find(name) is not None, opened=opened
            )
        ]
        located = [
            _located(group, attempt, number, entry_glob)
            for group in _by_student(found, class_roster)
            for number, attempt in enumerate(
                sorted(group.attempts, key=lambda attempt: natural(attempt.marker)), start=1
            )
        ]
        yield tuple(sorted(located, key=lambda each: (each.student.key, each.attempt)))


def collect(
    paths: Sequence[Path], *, roster: Path | None = None, entry_glob: str = ""
) -> tuple[Submission, ...]:
    """Read everything that :func:`locate` finds at once; for a few submissions."""
    with locate(paths, roster=roster, entry_glob=entry_glob) as located:
        return tuple(each.read() for each in located)


def _located(group: _Group, attempt: Found, number: int, entry_glob: str) -> Located:
    student, notes, attempts = group.student, group.notes, len(group.attempts)
    source = printable(attempt.source)

    def reread() -> Submission:
        material = attempt.read()
        return read_submission(
            material,
            Submission(
                student=student,
                attempt=number,
                attempts=attempts,
                source=source,
                notes=(*notes, *material.notes),
                sha256=material.sha256,
            ),
            entry_glob=entry_glob,
        )

    return Located(
        student=student,
        attempt=number,
        attempts=attempts,
        source=source,
        sha256=attempt.sha256,
        reread=reread,
    )


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
