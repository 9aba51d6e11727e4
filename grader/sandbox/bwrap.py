"""The strongest level: bubblewrap namespaces, an unprivileged user, no network, rlimits."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.roots import VISIBLE_PARTS, Roots
from grader.sandbox.scratch import Scratch, View

VIEW = View(given="/given", work="/slot/work", out="/slot/out")
LIBRARY = "/grader"
HOME = "/home/student"
TMPFS_MIB = 512
FIRST_UID, UIDS = 60600, 400
"""Unused by Debian and by systemd's own ranges; one per slot, since the kernel counts processes
per user. Source: systemd, UIDS-GIDS."""
_DROP = (
    "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
    "--cap-add", "CAP_SETPCAP",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BwrapVariant:
    """How bubblewrap is called on this machine; found by trying, see ``levels.py``.

    Attributes:
        bwrap: Path of the program.
        as_root: Whether we are root: then the worker gets a user id of its own.
        nested: As root: a second bubblewrap inside forbids further user namespaces.
        setpriv: Path of ``setpriv``; used as root only.
    """

    bwrap: str
    as_root: bool
    nested: bool
    setpriv: str = ""

    def uid(self, slot: int) -> int | None:
        """User id of the worker in a slot; ``None`` where it runs as our own user."""
        return FIRST_UID + slot % UIDS if self.as_root else None


def variants() -> tuple[BwrapVariant, ...]:
    """Ways of calling bubblewrap that may work here, strongest first; empty if it is missing."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return ()
    if os.geteuid() != 0:
        return (BwrapVariant(bwrap=bwrap, as_root=False, nested=False),)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    return tuple(
        BwrapVariant(bwrap=bwrap, as_root=True, nested=nested, setpriv=setpriv)
        for nested in (True, False)
    )


def command(
    variant: BwrapVariant,
    inner: list[str],
    *,
    roots: Roots,
    scratch: Scratch | None,
    slot: int,
    environment: dict[str, str],
) -> list[str]:
    """Build the command line that runs ``inner`` in a sandbox of its own.

    Args:
        variant: How to call bubblewrap.
        inner: Program and arguments, as seen from inside.
        roots: What of the interpreter to show and to cover.
        scratch: Folders of the run; ``None`` for a trial without any.
        slot: Number of the worker slot.
        environment: All of the environment inside; nothing of the caller's is passed on.
    """
    argv = [variant.bwrap, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    argv += ["--unshare-cgroup-try", "--hostname", "grader", "--die-with-parent", "--new-session"]
    argv += _DROP if variant.as_root else ("--cap-drop", "ALL", "--unshare-user")
    if not variant.as_root:
        argv += ["--disable-userns", "--uid", "1000", "--gid", "1000"]
    argv += _file_system(roots)
    if scratch is not None:
        argv += ["--ro-bind", str(scratch.given), VIEW.given, "--bind", str(scratch.slot), "/slot"]
        argv += ["--chdir", VIEW.work]
    argv += ["--remount-ro", "/dev", "--remount-ro", "/"]
    argv += ["--clearenv"]
    for name, value in environment.items():
        argv += ["--setenv", name, value]
    argv += ["--"]
    if variant.as_root:
        uid = str(variant.uid(slot))
        argv += [variant.setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        argv += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]
        if variant.nested:
            argv += [variant.bwrap, "--unshare-user", "--disable-userns", "--die-with-parent"]
            argv += ["--dev-bind", "/", "/", "--"]
    return argv + inner


def _file_system(roots: Roots) -> list[str]:
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            argv += ["--symlink", f"usr/{name}", str(path)]
        elif path.is_dir():
            argv += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "alternatives", "fonts", "localtime"):
        argv += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    size = str(TMPFS_MIB << 20)
    argv += ["--perms", "0755", "--dir", str(Path(HOME).parent)]
    for folder in ("/tmp", "/dev/shm", HOME):  # noqa: S108  # inside, each is the run's own
        argv += ["--perms", "1777", "--size", size, "--tmpfs", folder]
    links = [link for link, _ in roots.links]
    made = [*roots.read_only, *links, Path(LIBRARY, "grader", "worker"), Path(HOME)]
    for parent in dict.fromkeys(p for path in made for p in reversed(path.parents)):
        if parent not in (Path("/"), Path("/usr"), Path("/tmp")):  # noqa: S108  # made otherwise
            # Parents that bubblewrap makes by itself cannot be entered by another user.
            argv += ["--perms", "0755", "--dir", str(parent)]
    for link, target in roots.links:
        argv += ["--symlink", target, str(link)]
    for root in roots.read_only:
        argv += ["--ro-bind", str(root), str(root)]
    for masked in roots.masked:
        argv += ["--tmpfs", str(masked), "--remount-ro", str(masked)]
    for part in VISIBLE_PARTS:
        argv += ["--ro-bind", str(roots.package / part), f"{LIBRARY}/grader/{part}"]
    return argv
