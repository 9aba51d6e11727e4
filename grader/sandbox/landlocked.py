"""The level for a container that forbids namespaces: the worker restricts itself.

Nothing of the file system is hidden by mounting; Landlock refuses what is not granted, a
system-call filter refuses every socket but unix ones, and as root the worker gets a user id of its
own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.evidence.exchange import Restriction
from grader.sandbox.bwrap import FIRST_UID, UIDS
from grader.sandbox.roots import VISIBLE_PARTS, Roots

LIBRARY = "library"
"""Below the folder that is given to the worker: links to the visible parts of our package."""
LEAST_ABI_AS_ROOT, LEAST_ABI_AS_USER = 1, 6
"""As an ordinary user only Landlock's scopes keep student code from signalling the grader."""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = ("ld.so.cache", "alternatives", "fonts", "localtime")
_DEVICES_READ = ("/dev/urandom", "/dev/random", "/proc")
_DEVICES_WRITTEN = ("null", "zero", "full", "tty", "ptmx", "pts", "shm")


@dataclass(frozen=True, slots=True)
class LandlockVariant:
    """How a worker is started at this level; found by trying.

    Attributes:
        as_root: Whether we are root: then the worker gets a user id of its own.
        setpriv: Path of ``setpriv``; used as root only.
        reads_all: As root: the worker keeps the right to read whatever Landlock grants it, because
            the Python installation lies where other users may not go (below root's home, say).
    """

    as_root: bool
    setpriv: str = ""
    reads_all: bool = False

    def uid(self, slot: int) -> int | None:
        """User id of the worker in a slot; ``None`` where it runs as our own user."""
        return FIRST_UID + slot % UIDS if self.as_root else None

    @property
    def least_abi(self) -> int:
        """Version of Landlock without which the walls do not stand."""
        return LEAST_ABI_AS_ROOT if self.as_root else LEAST_ABI_AS_USER


def variants() -> tuple[LandlockVariant, ...]:
    """Ways of starting a worker that may work here, strongest first; empty without ``setpriv``."""
    if os.geteuid() != 0:
        return (LandlockVariant(as_root=False),)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    return tuple(
        LandlockVariant(as_root=True, setpriv=setpriv, reads_all=reads_all)
        for reads_all in (False, True)
    )


def command(variant: LandlockVariant, inner: list[str], *, slot: int) -> list[str]:
    """Build the command line that runs ``inner`` as the user of a slot; it restricts itself."""
    if not variant.as_root:
        return inner
    uid = str(variant.uid(slot))
    kept = "-all,+dac_read_search" if variant.reads_all else "-all"
    argv = [variant.setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    argv += [f"--bounding-set={kept}", f"--inh-caps={kept}"]
    if variant.reads_all:
        argv += ["--ambient-caps=+dac_read_search"]
    return [*argv, "--no-new-privs", "--", *inner]


def restriction(
    variant: LandlockVariant, *, roots: Roots, given: Path | None, slot: Path
) -> Restriction:
    """Say what is left to a worker: the interpreter, what it is given, and its slot.

    Args:
        variant: How it is started.
        roots: What of the interpreter to grant, and what of that to leave out.
        given: Folder that it reads; ``None`` for a trial without one.
        slot: Folder that it may write to.
    """
    whole, listed = _without_masked(roots)
    ours = [str(roots.package / part) for part in VISIBLE_PARTS]
    settings = [f"/etc/{name}" for name in _SETTINGS]
    mine = [str(given)] if given is not None else []
    return Restriction(
        sockets="unix",
        read_only=(*whole, *ours, *settings, *_DEVICES_READ, *mine),
        listed=tuple(listed),
        read_write=(str(slot), *(f"/dev/{name}" for name in _DEVICES_WRITTEN)),
        least_abi=variant.least_abi,
        adopts_orphans=True,
    )


def link_library(roots: Roots, given: Path) -> Path:
    """Make a folder from which the visible parts of our package, and no other, are imported."""
    library = given / LIBRARY
    package = library / "grader"
    package.mkdir(parents=True)
    for part in VISIBLE_PARTS:
        (package / part).symlink_to(roots.package / part)
    return library


def _without_masked(roots: Roots) -> tuple[list[str], list[str]]:
    """Split folders around what must be left out: Landlock takes nothing back that it granted."""
    whole: list[str] = []
    listed: list[str] = []
    masked = {path.resolve() for path in roots.masked}

    def visit(path: Path) -> None:
        if path.resolve() in masked:
            return
        if any(each.is_relative_to(path) for each in masked):
            listed.append(str(path))
            for child in _children(path):
                visit(child)
        else:
            whole.append(str(path))

    for folder in (*map(Path, _SYSTEM), *roots.read_only):
        if folder.exists():
            visit(folder.resolve())
    return list(dict.fromkeys(whole)), listed


def _children(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError:
        return
