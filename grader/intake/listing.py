"""What lies in a folder or an archive: listed first, read later and within limits."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from grader.intake.model import Problem, ProblemKind
from grader.intake.refusal import RefusedError, shown

MIB: Final = 1024 * 1024
MAX_FILE_BYTES: Final = 50 * MIB
MAX_TOTAL_BYTES: Final = 200 * MIB
MAX_FILES: Final = 2_000

CODE_SUFFIXES: Final = (".ipynb", ".py")
GRADABLE_SUFFIXES: Final = (*CODE_SUFFIXES, ".zip")
_LITTER: Final = frozenset({"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "icon\r"})


def is_litter(path: PurePosixPath) -> bool:
    """Whether a system or an editor left this: hidden files, caches, checkpoints, thumbnails."""
    return any(part.startswith(".") or part.lower() in _LITTER for part in path.parts)


def is_code(path: PurePosixPath) -> bool:
    """Whether the name is one of a notebook or a module."""
    return path.suffix.lower() in CODE_SUFFIXES


def is_gradable(path: PurePosixPath) -> bool:
    """Whether the name is one of a notebook, a module, or an archive that may hold one."""
    return path.suffix.lower() in GRADABLE_SUFFIXES


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a folder or an archive, not yet read.

    Attributes:
        path: Relative to what was listed.
        fetch: Reads at most one byte more than it is told to, so that too much shows.
        flaw: Why it is refused unread.
        passed_over: Why it is left out without harm: "a symbolic link".
    """

    path: PurePosixPath
    fetch: Callable[[int], bytes] = lambda limit: b""
    flaw: Problem | None = None
    passed_over: str = ""

    def read(self, limit: int = MAX_FILE_BYTES) -> bytes:
        """Read the whole file.

        Args:
            limit: Bytes at most.

        Raises:
            RefusedError: It is larger, unsafe, or cannot be read.
        """
        if self.flaw is not None:
            raise RefusedError(self.flaw.kind, self.flaw.detail)
        content = self.fetch(limit)
        if len(content) > limit:
            raise RefusedError(
                ProblemKind.TOO_LARGE,
                f"The file {shown(self.path)} is larger than {limit // MIB} MiB.",
            )
        return content


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder or an archive, without litter.

    Attributes:
        members: Sorted by path.
        folders: Every folder, also those without files.
        flaws: What is wrong with entries that name no place in this listing, such as ``../x``.
    """

    members: tuple[Member, ...]
    folders: frozenset[PurePosixPath] = frozenset()
    flaws: tuple[Problem, ...] = ()

    @property
    def top_folders(self) -> tuple[str, ...]:
        """Names of the folders at the top, sorted."""
        return tuple(sorted(path.name for path in self.folders if len(path.parts) == 1))

    @property
    def top_files(self) -> tuple[Member, ...]:
        """The files at the top."""
        return tuple(member for member in self.members if len(member.path.parts) == 1)

    def within(self, folder: str) -> Listing:
        """List one folder at the top, with paths relative to it."""
        return Listing(
            members=tuple(
                Member(
                    path=PurePosixPath(*member.path.parts[1:]),
                    fetch=member.fetch,
                    flaw=member.flaw,
                    passed_over=member.passed_over,
                )
                for member in self.members
                if len(member.path.parts) > 1 and member.path.parts[0] == folder
            ),
            folders=frozenset(
                PurePosixPath(*path.parts[1:])
                for path in self.folders
                if len(path.parts) > 1 and path.parts[0] == folder
            ),
        )

    def by_top(self) -> dict[str, Listing]:
        """Part the listing by what lies at its top; paths stay as they are."""
        members: dict[str, list[Member]] = {name: [] for name in self.top_folders}
        folders: dict[str, list[PurePosixPath]] = {name: [] for name in members}
        for member in self.members:
            members.setdefault(member.path.parts[0], []).append(member)
        for path in self.folders:
            folders[path.parts[0]].append(path)
        return {
            name: Listing(tuple(part), frozenset(folders.get(name, ())))
            for name, part in members.items()
        }

    def split(self) -> dict[str, Listing]:
        """List every folder at the top at once, by name; each as :meth:`within` would."""
        parts = self.by_top()
        return {name: parts[name].within(name) for name in self.top_folders}


def joined(parts: Iterable[Listing]) -> Listing:
    """Put parts of one listing together again."""
    every = tuple(parts)
    return Listing(
        members=tuple(member for part in every for member in part.members),
        folders=frozenset(path for part in every for path in part.folders),
    )


def list_folder(root: Path) -> Listing:
    """List a folder on disk; links and special files are named, never followed or opened."""
    members: list[Member] = []
    folders: set[PurePosixPath] = set()

    def unreadable(error: OSError) -> None:
        place = PurePosixPath(Path(error.filename).relative_to(root).as_posix())
        members.append(_without_access(place / "unreadable"))

    for where, below, names in os.walk(root, onerror=unreadable):
        here = PurePosixPath(Path(where).relative_to(root).as_posix())
        below[:] = [name for name in below if not is_litter(PurePosixPath(name))]
        folders.update(here / name for name in below if not (Path(where) / name).is_symlink())
        names += [name for name in below if (Path(where) / name).is_symlink()]
        members.extend(
            _file_member(Path(where) / name, here / name)
            for name in names
            if not is_litter(PurePosixPath(name))
        )
    return Listing(tuple(sorted(members, key=lambda m: m.path.parts)), frozenset(folders))


def list_file(path: Path) -> Listing:
    """List a single file that was named on the command line; here a link is meant."""
    return Listing((_file_member(path.resolve(), PurePosixPath(path.name)),))


def _file_member(path: Path, relative: PurePosixPath) -> Member:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return _without_access(relative)
    if stat.S_ISLNK(mode):
        return Member(relative, passed_over="a symbolic link, which is not followed")
    if not stat.S_ISREG(mode):
        return Member(relative, passed_over="not a regular file")

    def fetch(limit: int) -> bytes:
        try:
            with path.open("rb") as stream:
                return stream.read(limit + 1)
        except OSError as exc:
            flaw = _without_access(relative).flaw
            raise RefusedError(ProblemKind.UNREADABLE, flaw.detail if flaw else "") from exc

    return Member(relative, fetch=fetch)


def _without_access(relative: PurePosixPath) -> Member:
    detail = f"{shown(relative)} could not be read from disk."
    return Member(relative, flaw=Problem(ProblemKind.UNREADABLE, detail))
