"""Which packages a submission imports, read from its source; nothing is run.

IPython's own transformer turns magics into Python first, and cells of other languages
(``%%bash``) into text. An import inside ``try`` with a handler for its failure is no need.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterable, Iterator
from typing import Final

from IPython.core.inputtransformer2 import TransformerManager

from grader.intake.model import Submission
from grader.intake.syntax import MAX_PARSED_CHARACTERS, parse

_PYTHON_MAGICS: Final = frozenset({"time", "timeit", "capture", "prun"})
_MAGIC_CALLS: Final = frozenset({"run_cell_magic", "run_line_magic"})
_CATCHING: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_MAX_NESTING: Final = 5


def imports_of(submission: Submission) -> frozenset[str]:
    """Name the modules that a submission needs from elsewhere, dotted as they are imported.

    Left out are its own files, relative imports, and what does not parse.

    Args:
        submission: As read; one with a problem imports nothing.
    """
    if submission.problem is not None:
        return frozenset()
    own = {path.parts[0].removesuffix(".py") for path in submission.files}
    named: set[str] = set()
    for source in _sources(submission):
        named |= imported_names(source)
    return frozenset(name for name in named if name.partition(".")[0] not in own)


def _sources(submission: Submission) -> Iterator[str]:
    for cell in json.loads(submission.notebook).get("cells", ()):
        if cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield source if isinstance(source, str) else "".join(source)
    for path, content in submission.files.items():
        if path.suffix == ".py" and len(content) <= MAX_PARSED_CHARACTERS:
            yield content.decode("utf-8-sig", "replace")


def imported_names(source: str, *, nesting: int = 0) -> set[str]:
    """Name the modules that one cell or module imports; magics do no harm."""
    if len(source) > MAX_PARSED_CHARACTERS or nesting > _MAX_NESTING:
        return set()
    tree = parse(source) or parse(_without_magics(source))
    if tree is None:
        return set()
    try:
        return set(_names(tree.body, nesting))
    except RecursionError:
        return set()


def _without_magics(source: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            manager = TransformerManager()  # type: ignore[no-untyped-call]  # IPython has no types
            return str(manager.transform_cell(source))
        except (SyntaxError, ValueError, RecursionError, IndexError):
            return ""


def _names(nodes: Iterable[ast.AST], nesting: int) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                yield node.module
        elif isinstance(node, ast.Try) and any(map(_catches_imports, node.handlers)):
            yield from _names((*node.orelse, *node.finalbody), nesting)
        elif isinstance(node, ast.Call) and _magic(node):
            yield from imported_names(_magic(node), nesting=nesting + 1)
        else:
            yield from _names(ast.iter_child_nodes(node), nesting)


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(each, ast.Name) and each.id in _CATCHING for each in types)


def _magic(call: ast.Call) -> str:
    """The Python source that a magic such as ``%%time`` runs; empty for any other call."""
    words = [each.value for each in call.args if isinstance(each, ast.Constant)]
    is_magic = isinstance(call.func, ast.Attribute) and call.func.attr in _MAGIC_CALLS
    if not is_magic or len(words) < 2 or words[0] not in _PYTHON_MAGICS:
        return ""
    return str(words[-1])
