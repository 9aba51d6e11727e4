"""The roster: who is in the class, under which key."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from grader.errors import CourseError
from grader.intake.model import Located, Student, Submission
from grader.intake.naming import is_safe_key, slug

_DELIMITERS: Final = (",", ";", "\t")
_NAME_COLUMNS: Final = ("display_name", "name")


@dataclass(frozen=True, slots=True)
class Roster:
    """The students of a class.

    Attributes:
        students: In the order of the file.
        by_form: Students by every form of key, e-mail and name that means only one of them.
    """

    students: tuple[Student, ...] = ()
    by_form: dict[str, Student] | None = None

    def find(self, name: str) -> Student | None:
        """Find whom a file or folder name means, without regard to case and separators."""
        return (self.by_form or {}).get(_form(name))


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Args:
        path: CSV with a header; columns ``key`` and ``display_name`` (or ``name``), optionally
            ``email``; others are ignored. UTF-8, with or without a byte order mark, or cp1252;
            comma, semicolon or tab.

    Raises:
        CourseError: It cannot be read, a column is missing, or a key is empty, unsafe or twice.
    """
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise CourseError(
            f"{path}: the roster cannot be read ({exc.strerror})",
            hint="a CSV file with the columns key, display_name and email was expected",
        ) from exc
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    try:
        students = tuple(_students(path, text))
    except csv.Error as exc:
        raise CourseError(
            f"{path}: the roster is not valid CSV ({exc})", hint="save it again as CSV, UTF-8"
        ) from exc
    return Roster(students, _by_form(students))


def missing_students(
    roster_path: Path, submissions: Iterable[Submission | Located]
) -> tuple[Student, ...]:
    """Name the students of a roster from whom there is no submission.

    Args:
        roster_path: The roster that the submissions were collected with.
        submissions: What :func:`grader.intake.locate` or :func:`grader.intake.collect` found.

    Raises:
        CourseError: The roster is at fault.
    """
    present = {submission.student.key for submission in submissions}
    return tuple(
        student for student in read_roster(roster_path).students if student.key not in present
    )


def _students(path: Path, text: str) -> Iterable[Student]:
    header, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(_DELIMITERS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, int] = {}
    first_line: dict[str, int] = {}
    for row in rows:
        if not any(field.strip() for field in row):
            continue
        if not columns:
            columns = _columns(path, rows.line_num, row)
            continue
        student = _student(path, rows.line_num, columns, row)
        if student.key in first_line:
            raise CourseError(
                f'{path}: line {rows.line_num}, key: "{student.key}" is already in line '
                f"{first_line[student.key]}",
                hint="give every student a key of their own",
            )
        first_line[student.key] = rows.line_num
        yield student
    if not columns:
        raise CourseError(
            f"{path}: line 1: the roster is empty",
            hint="a header was expected: key,display_name,email",
        )


def _columns(path: Path, line: int, row: list[str]) -> dict[str, int]:
    names = [re.sub(r"[\s_-]+", "_", name.strip().lower()) for name in row]
    columns: dict[str, int] = {}
    for number, name in enumerate(names):
        columns.setdefault(name, number)
    wanted = {"key": ("key",), "display_name": _NAME_COLUMNS}
    for column, spellings in wanted.items():
        place = next((columns[name] for name in spellings if name in columns), None)
        if place is None:
            close = get_close_matches(column, names, n=1)
            raise CourseError(
                f'{path}: line {line}: the column "{column}" is missing, got {", ".join(row)}',
                hint=f'did you mean "{close[0]}" to be "{column}"?'
                if close
                else "a header was expected: key,display_name,email",
            )
        columns[column] = place
    return columns


def _student(path: Path, line: int, columns: dict[str, int], row: list[str]) -> Student:
    def field(column: str) -> str:
        place = columns.get(column, len(row))
        return " ".join(row[place].split()) if place < len(row) else ""

    key = field("key")
    if not key:
        raise CourseError(
            f'{path}: line {line}, key: must not be empty, got "{",".join(row)}"',
            hint="give the student a key, such as a login name",
        )
    if not is_safe_key(key):
        raise CourseError(
            f'{path}: line {line}, key: must be a safe folder name, got "{key}" (lower-case '
            "letters, digits and . _ @ + -, at most 80, a letter or digit first)",
            hint=f'did you mean "{slug(key)}"?',
        )
    return Student(key=key, display_name=field("display_name") or key, email=field("email"))


def _by_form(students: tuple[Student, ...]) -> dict[str, Student]:
    """A key counts before an e-mail, that before a name; a form that means two counts for none."""
    found: dict[str, Student] = {}
    for forms in (
        {student.key: _form(student.key) for student in students},
        {student.key: _form(student.email) for student in students},
        {student.key: _form(student.display_name) for student in students},
    ):
        often = Counter(forms.values())
        for student in students:
            form = forms[student.key]
            if form and often[form] == 1:
                found.setdefault(form, student)
    return found


def _form(name: str) -> str:
    """Bring spellings together: ``Müller, Ana`` and ``muller_ana`` are one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())
