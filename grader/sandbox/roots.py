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
MAX_LINKS = 40
"""As many as the kernel follows."""


@dataclass(frozen=True, slots=True)
class Roots:
    """Folders of the interpreter, and what of them must be covered.

    Attributes:
        read_only: Shown as they are, read-only.
        masked: Folders within those, covered by an empty one: our own package and its metadata.
        package: Our package, of which only ``VISIBLE_PARTS`` are shown, elsewhere.
        links: Symbolic links on the way to the interpreter that lie outside those folders, with
            what they point to.
    """

    read_only: tuple[Path, ...]
    masked: tuple[Path, ...]
    package: Path
    links: tuple[tuple[Path, str], ...] = ()


def interpreter_roots() -> Roots:
    """Find the folders that the running interpreter needs.

    These are the base installation, the virtual environment and what ``.pth`` files add; not the
    rest of ``sys.path``, which may hold the current folder with everybody's submissions. The folder
    that an editable install adds for us is left out: our repository lies there, with rubrics,
    reference solutions and tests.
    """
    package = Path(grader.__file__).resolve().parent
    site_folders = [Path(folder).resolve() for folder in site.getsitepackages()]
    named = [Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable)]
    wanted = [path.resolve() for path in named[:2]]
    for folder in site_folders:
        wanted += [path for path in _added_by_pth_files(folder) if path != package.parent]

    shown = [Path("/usr")]
    for path in wanted:
        if path.is_dir() and not _is_under_any(path, shown):
            shown.append(path)
    masked = [package] if _is_under_any(package, shown) else []
    for folder in sorted({*site_folders, *shown}):
        # An editable install, too, puts the catalogue there: as a folder without any code.
        ours = [*folder.glob(package.name), *folder.glob(f"{DISTRIBUTION}-*.dist-info")]
        masked += [entry for entry in ours if entry.is_dir() and _is_under_any(entry, shown)]
    links = {
        link: target
        for path in named
        for link, target in links_on_the_way(path)
        if not _is_under_any(link, shown)
    }
    return Roots(
        read_only=tuple(shown[1:]),
        masked=tuple(dict.fromkeys(masked)),
        package=package,
        links=tuple(links.items()),
    )


def links_on_the_way(path: Path) -> list[tuple[Path, str]]:
    """List every symbolic link that is followed when a path is opened, in that order."""
    links: list[tuple[Path, str]] = []
    at = Path("/")
    rest = list(path.absolute().parts[1:])
    while rest and len(links) < MAX_LINKS:
        name = rest.pop(0)
        at = at.parent if name == ".." else at / name
        if at.is_symlink():
            target = str(at.readlink())
            links.append((at, target))
            rest = [*Path(target).parts, *rest]
            at = at.parent
            if rest[0] == "/":
                at, rest = Path("/"), rest[1:]
    return links


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
