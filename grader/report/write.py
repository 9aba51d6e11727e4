"""Writes a report in its three formats."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from grader.report.html import report_html
from grader.report.markdown import report_markdown
from grader.report.model import Report
from grader.report.text import cleaned

FILE_NAMES: Final = ("report.html", "report.json", "report.md")


def write_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write ``report.html``, ``report.json`` and ``report.md``; readers never see half a file.

    Args:
        report: In the view that is meant for whoever reads the folder.
        folder: Made if it is missing.

    Returns:
        The files, in that order.
    """
    report = cleaned(report)
    contents = (report_html(report), report_json(report), report_markdown(report))
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / name for name in FILE_NAMES)
    for path, content in zip(paths, contents, strict=True):
        write_atomically(path, content)
    return paths


def report_json(report: Report) -> str:
    """The report as JSON, keys in the order of ``docs/schema/report.schema.json``."""
    return cleaned(report).model_dump_json(indent=2) + "\n"


def write_atomically(path: Path, content: str) -> None:
    """Replace a file by a whole new one, UTF-8, line ends as they are in ``content``."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_text(content, encoding="utf-8", newline="")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
