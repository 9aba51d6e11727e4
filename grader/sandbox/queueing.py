"""Which frameworks a submission will import, read from its code without running any of it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from grader.sandbox.interface import Job

PYTORCH, KERAS = "pytorch", "keras"
_FRAMEWORK_OF = {
    "torch": PYTORCH,
    "torchvision": PYTORCH,
    "torchmetrics": PYTORCH,
    "tensorflow": KERAS,
    "keras": KERAS,
}
_IMPORT = re.compile(r"^\s*(?:import|from)\s+([\w.]+)", re.MULTILINE)
_NOT_PYTHON = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_OTHER_BACKEND = "KERAS_BACKEND"


def frameworks_of(job: Job) -> tuple[str, ...] | None:
    """Choose what should be imported ahead of time for a submission.

    Args:
        job: Its notebook and the Python files beside it are read.

    Returns:
        The one framework that it imports, or nothing where it imports none; ``None`` where it
        imports both or sets Keras's backend itself, and so needs an interpreter of its own.
    """
    sources = list(_sources(job))
    if any(_OTHER_BACKEND in source for source in sources):
        return None
    found = {
        framework
        for source in sources
        for name in _imported(source)
        if (framework := _FRAMEWORK_OF.get(name.partition(".")[0]))
    }
    return tuple(found) if len(found) < 2 else None


def _sources(job: Job) -> Iterator[str]:
    cells = json.loads(job.notebook).get("cells", [])
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield source if isinstance(source, str) else "".join(source)
    for name, content in job.files.items():
        if name.suffix == ".py":
            yield content.decode("utf-8", errors="replace")


def _imported(source: str) -> Iterator[str]:
    text = _NOT_PYTHON.sub("", source)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _IMPORT.findall(text)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
