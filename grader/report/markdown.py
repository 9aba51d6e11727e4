"""Renders a report as Markdown that stays what it is in any renderer, also inside a table."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.report.html import confusion_cells, metric_format
from grader.report.model import Report, View
from grader.report.pictures import boundary_text, curve_text, curve_title
from grader.report.text import cleaned, one_line, visible
from grader.report.words import FILTERS, GLOBALS, attempt_text

_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$^]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_LINK: Final = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):|\b(www)\.")
_BLOCK_START: Final = re.compile(r"^(?:(\d{1,9})(?=[.)](?: |$))|(?=#+(?: |$)|[-+=](?:[-+= ]|$)))")


def escaped(text: str) -> str:
    """Put text on one line that no Markdown renderer reads as markup, HTML, link or table."""
    line = _SPECIAL.sub(r"\\\g<0>", one_line(text))
    line = "".join(_ENTITIES.get(character, character) for character in line)
    line = _LINK.sub(_not_a_link, line)
    return _BLOCK_START.sub(r"\1\\", line)


def _not_a_link(found: re.Match[str]) -> str:
    scheme, host = found.groups()
    return f"{scheme}&#58;" if scheme else f"{host}&#46;"


def fenced(text: str) -> Markup:
    """Put text into a code block whose fence is longer than any run of backticks in it."""
    shown = visible(text).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}text\n{shown}\n{fence}")  # noqa: S704 - Markdown, fenced just here


@cache
def _environment() -> Environment:
    """The templates; ``finalize`` escapes every value that ``fenced`` has not made safe."""
    templates = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=False,  # noqa: S701 - HTML escaping would be wrong; see ``finalize``
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {**FILTERS, "fenced": fenced}
    templates.globals |= GLOBALS
    return templates


def _finalize(value: Any) -> str:  # noqa: ANN401 - a template may print anything
    """Escape, but keep a blank at either end: templates join words with ``", "``."""
    if isinstance(value, Markup):
        return str(value)
    text = str(value)
    line = escaped(text)
    before = " " if text[:1] == " " and line else ""
    after = " " if text[-1:] == " " and line else ""
    return f"{before}{line}{after}"


def report_markdown(report: Report) -> str:
    """Render a report.

    Args:
        report: In either view.
    """
    report = cleaned(report)
    text = (
        _environment()
        .get_template("report.md.j2")
        .render(
            report=report,
            is_student=report.view is View.STUDENT,
            attempt=attempt_text(report),
            boundary_text=boundary_text,
            curve_text=curve_text,
            curve_title=curve_title,
            matrix=confusion_cells,
            number=metric_format(report),
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text)
