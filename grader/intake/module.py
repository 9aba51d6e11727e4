"""Turns a module into a notebook: one cell, or one per ``# %%`` marker."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

import jupytext

from grader.intake.notebook import CELL_TYPES, Cell, Cells
from grader.intake.syntax import MAX_PARSED_CHARACTERS, parse

_MARKER: Final = re.compile(r"^#[ \t]*%%", re.MULTILINE)
_HEADER: Final = re.compile(r"\A# ---\n(?:#.*\n)*?# ---(?:\n|\Z)")
_MAX_MARKERS: Final = 500
_MAX_LINES: Final = 20_000
_MAX_FENCES: Final = 100
_MAX_LINE_CHARACTERS: Final = 2_000


def read_module(text: str) -> Cells:
    """Split a module at its ``# %%`` markers, if no statement is lost or cut by that.

    A comment stays a comment, also where jupytext would make a magic of it (``# !pip``).

    Args:
        text: The source.

    Returns:
        One code cell with the source untouched (but for line ends) where there is no marker, or
        where the cells would not do what the module does: a marker inside a function, code in a
        Markdown cell.
    """
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = (Cell("code", source),)
    if not _MARKER.search(source):
        return Cells(whole)
    cells = _percent_cells(source) if _is_moderate(source) else ()
    if not cells or not _says_the_same(source, cells):
        note = "run as one cell: its cell markers cannot be followed without changing the code"
        return Cells(whole, (note,))
    return Cells(cells)


def _is_moderate(source: str) -> bool:
    """Whether jupytext, whose reader is quadratic in places, will be done in a moment."""
    lines = source.split("\n")
    return (
        len(source) <= MAX_PARSED_CHARACTERS
        and len(lines) <= _MAX_LINES
        and len(_MARKER.findall(source)) <= _MAX_MARKERS
        and source.count("```") + source.count("~~~") <= _MAX_FENCES
        and not any(
            len(line) > _MAX_LINE_CHARACTERS for line in lines if line.lstrip().startswith("#")
        )
    )


def _percent_cells(source: str) -> tuple[Cell, ...]:
    form = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            notebook = jupytext.reads(_HEADER.sub("", source).lstrip("\n"), form)
        except (ValueError, TypeError, KeyError, AttributeError, SyntaxError, RecursionError):
            return ()
    return tuple(
        Cell(cell.cell_type if cell.cell_type in CELL_TYPES else "raw", cell.source)
        for cell in notebook.cells
    )


def _says_the_same(source: str, cells: tuple[Cell, ...]) -> bool:
    whole = parse(source)
    if whole is None:  # magics, or an error in one cell that need not cost the others
        return True
    said: list[str] = []
    try:
        for cell in cells:
            if cell.kind != "code":
                continue
            part = parse(cell.source)
            if part is None:
                return False
            said += _statements(part)
        return said == _statements(whole)
    except RecursionError:
        return False


def _statements(tree: ast.Module) -> list[str]:
    """Statements but for bare strings, which may be a Markdown cell's text."""
    return [
        ast.dump(statement)
        for statement in tree.body
        if not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
    ]
