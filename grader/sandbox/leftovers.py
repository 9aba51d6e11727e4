"""Removes the folders of runs whose supervisor was killed before it could."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any, Final

MARK_FILE: Final = "owner.json"
PREFIX: Final = "grader-"
_MAX_MARK_BYTES: Final = 1000


def mark(root: Path) -> None:
    """Say in a run's folder, out of the worker's reach, whose it is."""
    (root / MARK_FILE).write_text(json.dumps(_owner(os.getpid())), encoding="utf-8")


def remove_leftovers(folder: Path | None = None) -> int:
    """Remove the run folders whose owner is gone.

    Only real folders of our own user that carry our mark, made under this pid namespace or before
    the last boot, by a process that is not there any more (same number and start time).

    Args:
        folder: Where to look; the folder for temporary files if ``None``.

    Returns:
        How many were removed.
    """
    removed = 0
    for root in (folder or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        if _is_left_over(root):
            shutil.rmtree(root, ignore_errors=True)
            removed += not root.exists()
    return removed


def _is_left_over(root: Path) -> bool:
    try:
        about = root.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
            return False
        owner = json.loads(_read_mark(root))
        pid = int(owner["pid"])
        here = _place()
        if owner["boot"] != here["boot"]:
            return True
        if owner["pid_namespace"] != here["pid_namespace"]:
            return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    try:
        return bool(owner != _owner(pid))
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _read_mark(root: Path) -> bytes:
    descriptor = os.open(root / MARK_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return os.read(descriptor, _MAX_MARK_BYTES)
    finally:
        os.close(descriptor)


def _owner(pid: int) -> dict[str, Any]:
    """A process by number and start time in clock ticks since boot, which no clock change moves.

    Source: Linux, ``proc_pid_stat(5)``, field 22; the name before it may hold anything.
    """
    words = Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()
    return {"pid": pid, "started": int(words[19]), **_place()}


def _place() -> dict[str, str]:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return {"boot": boot, "pid_namespace": str(Path("/proc/self/ns/pid").readlink())}
