"""Renders a report as one self-contained HTML page: no script, nothing loaded from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.report.model import MetricsReport, Report, View
from grader.report.pictures import pictures
from grader.report.text import cleaned, one_line
from grader.report.words import FILTERS, GLOBALS, attempt_text

_STRONGEST_SHADE: Final = 0.55


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell of a confusion matrix: its text and how dark it is, 0 to 1."""

    text: str
    shade: float


@cache
def environment() -> Environment:
    """The templates; every value is escaped unless a template says otherwise, and none does."""
    templates = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {**FILTERS, "line": one_line}
    templates.globals |= GLOBALS
    return templates


def report_html(report: Report) -> str:
    """Render a report.

    Args:
        report: In either view.
    """
    report = cleaned(report)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            is_student=report.view is View.STUDENT,
            attempt=attempt_text(report),
            shares=_bar(report),
            pictures={exercise.id: tuple(pictures(exercise)) for exercise in report.exercises},
            matrix=confusion_cells,
            number=metric_format(report),
        )
    )


def metric_format(report: Report) -> str:
    """The ``format`` specification of metrics: four decimals, for students two."""
    return ".2f" if report.view is View.STUDENT else ".4f"


def confusion_cells(metrics: MetricsReport, view: View) -> tuple[tuple[MatrixCell, ...], ...]:
    """Write a confusion matrix: shares for students, counts for instructors.

    Args:
        metrics: On one split; its matrix may be empty.
        view: In which view it is given.
    """
    rows = []
    for row in metrics.confusion:
        total = sum(row) or 1
        cells = []
        for value in row:
            text = f"{value:.2f}" if view is View.STUDENT else f"{value:g}"
            cells.append(MatrixCell(text, round(value / total * _STRONGEST_SHADE, 2)))
        rows.append(tuple(cells))
    return tuple(rows)


def _bar(report: Report) -> dict[str, str]:
    """Widths of the earned and the pending part of the bar, in percent."""
    totals = report.totals
    full = max(totals.maximum, totals.earned + totals.pending, Decimal("0.01"))
    return {
        "earned": f"{totals.earned / full * 100:.2f}",
        "pending": f"{totals.pending / full * 100:.2f}",
    }
