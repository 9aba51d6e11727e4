"""Chooses the entry: the one notebook or module of a submission that is run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from grader.intake.listing import MIB
from grader.intake.model import ProblemKind
from grader.intake.refusal import RefusedError, shown
from grader.intake.syntax import imported_by_module

_NAMED_AT_MOST: Final = 5
_MAX_SCANNED_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class Chosen:
    """An entry and what lies beside it.

    Attributes:
        name: File name of the entry, which lies at the top.
        content: As handed in.
        files: The others, by path relative to the entry's folder where they lie in or below it,
            otherwise as handed in.
    """

    name: str
    content: bytes
    files: dict[PurePosixPath, bytes]


def choose_entry(files: dict[PurePosixPath, bytes], *, entry_glob: str = "") -> Chosen:
    """Choose the entry and put its folder at the top.

    The first of these that names exactly one file: what matches ``entry_glob``; the notebooks
    nearest to the top; the modules nearest to the top; of these, the modules that no other module
    imports. A module beside a notebook is a helper.

    Args:
        files: All files of a submission.
        entry_glob: Pattern of the assignment for file names or paths; may be empty.

    Raises:
        RefusedError: There is no notebook and no module, or several that could be meant.
    """
    matching = [path for path in files if entry_glob and _matches(path, entry_glob)]
    wanted = _nearest(path for path in matching if path.suffix.lower() == ".ipynb")
    wanted = wanted or _nearest(path for path in matching if path.suffix.lower() == ".py")
    notebooks = _nearest(path for path in files if path.suffix.lower() == ".ipynb")
    modules = _nearest(
        path for path in files if path.suffix.lower() == ".py" and path.name != "__init__.py"
    )

    candidates = wanted or notebooks or _not_imported(modules, files)
    if not candidates:
        raise RefusedError(
            ProblemKind.NO_ENTRY,
            "There is no notebook (.ipynb) and no module (.py) in what was handed in"
            + (f", only {_listed(files)}." if files else "."),
        )
    if len(candidates) > 1:
        what = "notebooks" if candidates[0].suffix.lower() == ".ipynb" else "modules"
        raise RefusedError(
            ProblemKind.SEVERAL_ENTRIES,
            f"There are several {what}, and nothing tells which one is meant: "
            f"{_listed(candidates)}.",
        )
    return _rooted(candidates[0], files)


def _matches(path: PurePosixPath, pattern: str) -> bool:
    return fnmatchcase(path.name, pattern) or fnmatchcase(str(path), pattern)


def _nearest(paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    every = sorted(paths)
    depth = min((len(path.parts) for path in every), default=0)
    return [path for path in every if len(path.parts) == depth]


def _not_imported(
    modules: list[PurePosixPath], files: dict[PurePosixPath, bytes]
) -> list[PurePosixPath]:
    if len(modules) == 1:
        return modules
    imported: set[str] = set()
    for path, content in files.items():
        if path.suffix.lower() == ".py" and len(content) <= _MAX_SCANNED_BYTES:
            names = imported_by_module(content.decode("utf-8", "replace"))
            imported |= names - {path.stem}
    return [path for path in modules if path.stem not in imported] or modules


def _rooted(entry: PurePosixPath, files: dict[PurePosixPath, bytes]) -> Chosen:
    beside = {
        path.relative_to(entry.parent): content
        for path, content in files.items()
        if path != entry and path.is_relative_to(entry.parent)
    }
    outside = {
        path: content for path, content in files.items() if not path.is_relative_to(entry.parent)
    }
    taken = {part for path in (*beside, PurePosixPath(entry.name)) for part in path.parts[:1]}
    kept = {path: content for path, content in outside.items() if path.parts[0] not in taken}
    return Chosen(name=entry.name, content=files[entry], files=kept | beside)


def _listed(paths: Iterable[PurePosixPath]) -> str:
    names = [shown(path) for path in sorted(paths)]
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
