"""Which imports of a class the grading environment lacks; looks, and imports nothing of it."""

from __future__ import annotations

import site
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path, PurePosixPath

import grader
from grader.course import Course
from grader.intake import locate
from grader.intake.imports import imports_of


@dataclass(frozen=True, slots=True)
class MissingImport:
    """A module that submissions import and that is not installed.

    Attributes:
        name: As it is imported, as far as it is missing: ``torchinfo``, ``google.colab``.
        submissions: How many import it.
        students: Their keys, each once, in order.
    """

    name: str
    submissions: int
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstalledImport:
    """A module that submissions import and that a distribution here provides.

    Attributes:
        name: Its first part: ``sklearn``.
        submissions: How many import it.
        distribution: ``scikit-learn``.
        version: Of the distribution.
    """

    name: str
    submissions: int
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a class imports; the standard library is left out.

    Attributes:
        submissions: How many were read.
        unreadable: How many of them cannot be run at all.
        missing: Most wanted first.
        installed: Likewise.
    """

    submissions: int
    unreadable: int
    missing: tuple[MissingImport, ...]
    installed: tuple[InstalledImport, ...]


def scan(course: Course, assignment_id: str, paths: Sequence[Path]) -> ScanResult:
    """Read every submission's imports; run none.

    Args:
        course: Where the assignment is.
        assignment_id: Its files, put beside each submission, are not missing.
        paths: As for ``grade``.

    Raises:
        CourseError: The assignment says something wrong.
        UsageError: There is nothing to read.
    """
    assignment = course.load_assignment(assignment_id)
    beside = {PurePosixPath(name).parts[0].removesuffix(".py") for name in assignment.files}
    look = _Look(tuple(_visible_path()))
    missing: dict[str, list[str]] = {}
    installed: dict[str, int] = {}
    unreadable = 0
    with locate(paths, entry_glob=assignment.entry) as found:
        for located in found:
            submission = located.read()
            unreadable += submission.problem is not None
            names = {n for n in imports_of(submission) if n.partition(".")[0] not in beside}
            lacking = {name: look.first_missing(name) for name in names}
            for name in {each for each in lacking.values() if each}:
                missing.setdefault(name, []).append(located.student.key)
            for top in {n.partition(".")[0] for n, gone in lacking.items() if not gone}:
                installed[top] = installed.get(top, 0) + 1
        total = len(found)
    providers = metadata.packages_distributions()
    return ScanResult(
        submissions=total,
        unreadable=unreadable,
        missing=tuple(
            MissingImport(name, len(keys), tuple(dict.fromkeys(keys)))
            for name, keys in sorted(missing.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        installed=tuple(
            InstalledImport(name, count, providers[name][0], metadata.version(providers[name][0]))
            for name, count in sorted(installed.items(), key=lambda item: (-item[1], item[0]))
            if name not in sys.stdlib_module_names and name in providers
        ),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks for modules on a path without importing anything."""

    path: tuple[str, ...]

    def first_missing(self, name: str) -> str:
        """The part of a dotted name, from its beginning, that is not there; empty if all is.

        Below a real package only the package itself knows what it offers (``tensorflow.keras`` is
        no file); below a namespace, such as ``google``, every part must be there.
        """
        top, *below = name.split(".")
        if top in sys.stdlib_module_names:
            return ""
        spec = PathFinder.find_spec(top, list(self.path))
        if spec is None:
            return top
        seen = top
        for part in below:
            if spec.origin is not None or spec.submodule_search_locations is None:
                return ""
            seen = f"{seen}.{part}"
            spec = PathFinder.find_spec(seen, list(spec.submodule_search_locations))
            if spec is None:
                return seen
        return ""


def _visible_path() -> list[str]:
    """Where the sandbox looks for modules: not in our repository, nor in the user's own folder."""
    ours = Path(grader.__file__).resolve().parent.parent
    prefixes = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)}
    user = site.getusersitepackages()
    sites = {Path(folder).resolve() for folder in site.getsitepackages()}
    shown = []
    for entry in sys.path:
        folder = Path(entry).resolve()
        is_installed = folder in sites or any(folder.is_relative_to(each) for each in prefixes)
        if entry and entry != user and is_installed and (folder != ours or folder in sites):
            shown.append(entry)
    return shown
