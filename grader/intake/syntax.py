"""Looks at Python source without running it: does it parse, and what does it import."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

from grader.intake.listing import MIB

MAX_PARSED_CHARACTERS: Final = 2 * MIB

_IMPORT_LINE: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+)|%run[ \t]+(\S+))",
    re.MULTILINE,
)
_LINE_IN_JSON: Final = re.compile(r'(?:\\n|\\r|")')


def parse(text: str) -> ast.Module | None:
    """Parse source without warnings; ``None`` where it is no Python or too much of it."""
    if len(text) > MAX_PARSED_CHARACTERS:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def imported_by_module(text: str) -> frozenset[str]:
    """Name the modules or packages beside it that a module imports; errors are tolerated."""
    tree = parse(text)
    if tree is None:
        return _imported_by_lines(text)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                names.add(node.module.partition(".")[0])
            else:
                names.update(alias.name for alias in node.names)
    return frozenset(names)


def imported_by_notebook(text: str) -> frozenset[str]:
    """Name the modules or packages beside it that a notebook's JSON text seems to import."""
    return _imported_by_lines(_LINE_IN_JSON.sub("\n", text))


def _imported_by_lines(text: str) -> frozenset[str]:
    names: set[str] = set()
    for source, listed, script in _IMPORT_LINE.findall(text):
        for name in (source, *listed.split(",")):
            words = name.strip(" \t.").split()
            names.update(word.partition(".")[0] for word in words[:1])
        if script:
            names.add(script.removeprefix("./").removesuffix(".py"))
    return frozenset(names)
