"""What of this machine a sandbox shows: the interpreter, its packages, and three of our folders."""

from __future__ import annotations

import site
import sys
from dataclasses import dataclass
from pathlib import Path

import grader

VISIBLE_PARTS = ("__init__.py", "evidence", "probe", "worker")
"""All of our own code that student code may share a sandbox with; every other part is masked."""
DISTRIBUTION = "classification_grader"


@dataclass(frozen=True, slots=True)
class Roots:
    """Folders of the interpreter, and what of them must be covered.

    Attributes:
        read_only: Shown as they are, read-only.
        masked: Folders within those, covered by an empty one: our own package and its metadata.
        package: Our package, of which only ``VISIBLE_PARTS`` are shown, elsewhere.
    """

    read_only: tuple[Path, ...]
    masked: tuple[Path, ...]
    package: Path


def interpreter_roots() -> Roots:
    """Find the folders that the running interpreter needs.

    These are the base installation, the virtual environment and what ``.pth`` files add; not the
    rest of ``sys.path``, which may hold the current folder with everybody's submissions. The folder
    that an editable install adds for us is left out: our repository lies there, with rubrics,
    reference solutions and tests.
    """
    package = Path(grader.__file__).resolve().parent
    site_folders = [Path(folder).resolve() for folder in site.getsitepackages()]
    wanted = [Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve()]
    for folder in site_folders:
        wanted += [path for path in _added_by_pth_files(folder) if path != package.parent]

    shown = [Path("/usr")]
    for path in wanted:
        if path.is_dir() and not _is_under_any(path, shown):
            shown.append(path)
    masked = [package] if _is_under_any(package, shown) else []
    for folder in {*site_folders, *shown}:
        found = sorted(folder.glob(f"{DISTRIBUTION}-*.dist-info"))
        masked += [entry for entry in found if _is_under_any(entry, shown)]
    return Roots(read_only=tuple(shown[1:]), masked=tuple(dict.fromkeys(masked)), package=package)


def _added_by_pth_files(folder: Path) -> list[Path]:
    added = []
    for file in sorted(folder.glob("*.pth")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            text = line.strip()
            if text and not text.startswith(("#", "import ", "import\t")):
                path = (folder / text).resolve()
                if path.is_dir():
                    added.append(path)
    return added


def _is_under_any(path: Path, roots: list[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
