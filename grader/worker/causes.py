"""Which failed cell caused which: a NameError after a failed definition is no new fault."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from grader.evidence import CellRun

_BOUND = re.compile(
    r"^\s*(?:(?:async\s+)?def\s+(\w+)|class\s+(\w+)|([\w\s,]+?)\s*(?::[^=]+)?=(?!=)"
    r"|(?:from\s+[\w.]+\s+)?import\s+(.+)|for\s+([\w\s,]+?)\s+in\b|with\b.*\bas\s+(\w+))",
    re.MULTILINE,
)


def fold_cascades(runs: Sequence[CellRun], sources: Sequence[str]) -> list[CellRun]:
    """Name the root cause of each cell that failed for want of a name.

    Args:
        runs: One entry per code cell, in order.
        sources: Their sources, in the same order.

    Returns:
        The runs, where ``error.caused_by_cell`` names the first failed cell that would have
        defined the missing name; a root cause has none.
    """
    folded: list[CellRun] = []
    for run in runs:
        error = run.error
        if error is not None and error.missing_name:
            for earlier in folded:
                if earlier.error and error.missing_name in bound_names(sources[earlier.number - 1]):
                    root = earlier.error.caused_by_cell or earlier.number
                    error = error.model_copy(update={"caused_by_cell": root})
                    run = run.model_copy(update={"error": error})  # a new version
                    break
        folded.append(run)
    return folded


def bound_names(source: str) -> set[str]:
    """Names that a cell would bind at its top level, also where it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _names_by_pattern(source)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def _names_by_pattern(source: str) -> set[str]:
    names: set[str] = set()
    for groups in _BOUND.findall(source):
        for group in groups:
            for part in group.split(","):
                words = part.replace(" as ", " ").split()
                if words:
                    names.add(words[-1])
    return names
