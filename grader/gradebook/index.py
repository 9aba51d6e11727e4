"""Writes ``index.html``: the class at a glance, for the instructor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from grader.gradebook.row import GradebookRow, gradebook_rows
from grader.report.class_summary import summarise
from grader.report.html import environment
from grader.report.model import Report, StudentReport
from grader.report.write import write_atomically


def write_index(
    path: Path,
    reports: Sequence[Report],
    *,
    title: str = "",
    without_submission: Sequence[StudentReport] = (),
    notes: Sequence[str] = (),
) -> None:
    """Write the class overview; its links are relative to the folder that it lies in.

    Args:
        path: Of the page.
        reports: Of one assignment, instructor's view; the latest attempt of each student counts.
            Gone through twice.
        title: Heading; the assignment's title if empty.
        without_submission: Students of the roster who handed in nothing.
        notes: Sentences about the whole grading: isolation, files that belong to nobody.
    """
    header = reports[0].header if reports else None
    page = environment().get_template("index.html.j2").render(
        title=title or (header.title if header else "Class overview"),
        header=header,
        rows=gradebook_rows(reports),
        summary=summarise(reports),
        without_submission=without_submission,
        notes=notes,
        report_link=report_link,
        feedback_link=feedback_link,
    )  # fmt: skip
    write_atomically(path, page)


def report_link(row: GradebookRow) -> str:
    """Where the instructor's report of the latest attempt lies."""
    return f"private/students/{quote(row.key, safe='')}/{row.attempt}/report.html"


def feedback_link(row: GradebookRow) -> str:
    """Where the student's report lies."""
    return f"feedback/{quote(row.key, safe='')}/report.html"
