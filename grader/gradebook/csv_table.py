"""Writes ``gradebook.csv``: a row per student, a column per criterion."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from grader.gradebook.row import CriterionPoints, GradebookRow, gradebook_rows
from grader.report.model import Report
from grader.report.text import visible
from grader.report.words import decimal_text
from grader.report.write import write_atomically

COLUMNS: Final = (
    "key", "display_name", "email", "attempt", "attempts", "earned", "pending", "maximum",
    "needs_review", "state",
)  # fmt: skip
PENDING: Final = "pending"
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - spreadsheets read full-width signs


def write_gradebook_csv(
    path: Path, reports: Iterable[Report], *, emails: Mapping[str, str] | None = None
) -> None:
    """Write the gradebook of a class.

    An undecided criterion is the text ``pending``, never 0. Text that a spreadsheet would take for
    a formula gets an apostrophe in front; numbers stay numbers.

    Args:
        path: Of the file; UTF-8.
        reports: Of one assignment; the latest attempt of each student counts.
        emails: By student key, where a roster gives them.
    """
    rows = gradebook_rows(reports, emails=emails)
    criteria = list(dict.fromkeys(name for row in rows for name in row.criteria))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *_column_names(criteria)])
    writer.writerows(_cells(row, criteria) for row in rows)
    write_atomically(path, text.getvalue())


def _column_names(criteria: Sequence[str]) -> list[str]:
    """The ids; one that is called like another column gets ``criterion:`` in front."""
    return [f"criterion:{name}" if name in COLUMNS else name for name in criteria]


def _cells(row: GradebookRow, criteria: Sequence[str]) -> list[str]:
    return [
        safe_text(row.key),
        safe_text(row.display_name),
        safe_text(row.email),
        str(row.attempt),
        str(row.attempts),
        decimal_text(row.earned),
        decimal_text(row.pending),
        decimal_text(row.maximum),
        "yes" if row.needs_review else "no",
        row.state,
        *(_points(row.criteria.get(name)) for name in criteria),
    ]


def _points(points: CriterionPoints | None) -> str:
    if points is None:
        return ""
    return PENDING if points.is_pending else decimal_text(points.earned)


def safe_text(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula, and control characters out of it."""
    shown = visible(text)
    starts = shown.startswith(_FORMULA_STARTS) or shown.lstrip().startswith(_FORMULA_STARTS)
    return f"'{shown}" if starts else shown
