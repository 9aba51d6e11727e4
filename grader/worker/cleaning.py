"""Leaves nothing of one run for the next: processes, temporary files, what a run changed of us."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from grader.worker.confinement import writable_folders

KILL_TIMEOUT_S = 3.0
REMOVE_TIMEOUT_S = 10.0
LONGEST_LIST = 20_000
_RLIMITS = tuple(
    getattr(resource, name) for name in sorted(dir(resource)) if name.startswith("RLIMIT_")
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The state that every run must find, seen before the first one.

    Attributes:
        spared: Process ids that belong to the sandbox itself.
        folders: Permissions of the folders that outlive a run.
        self: What a process of the same user can change of this one.
    """

    spared: frozenset[int]
    folders: tuple[object, ...]
    self: tuple[object, ...]

    @classmethod
    def now(cls) -> Ground:
        """Look before the first run; the temporary folders are emptied."""
        _empty_folders()
        return cls(spared=frozenset(_processes()), folders=_folders(), self=_changeable())

    def cleared(self) -> str:
        """Kill and remove what a run left behind.

        Returns:
            What is left nevertheless; empty if there is nothing.
        """
        if not self._kill_all():
            return "processes that could not be ended"
        if not _empty_folders():
            return "files that could not be removed"
        if _folders() != self.folders:
            return "a temporary folder with other permissions"
        if _has_system_v_objects():
            return "System V shared memory, semaphores or message queues"
        if _changeable() != self.self:
            return "other limits or priorities of the process that is forked from"
        return ""

    def _kill_all(self) -> bool:
        deadline = time.monotonic() + KILL_TIMEOUT_S
        while True:
            _reap()
            left = [pid for pid in _processes() if pid not in self.spared]
            if not left:
                return True
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # quick


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _empty_folders() -> bool:
    """Remove everything in the folders that outlive a run; whether that succeeded."""
    left = _entries()
    if not left:
        return True
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                ["/usr/bin/env", *command, "--", *left[:LONGEST_LIST]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=REMOVE_TIMEOUT_S,
                check=False,
            )
    return not _entries()


def _entries() -> list[str]:
    found = []
    for folder in writable_folders():
        with contextlib.suppress(OSError):
            found += [entry.path for entry in os.scandir(folder)]
    return found


def _folders() -> tuple[object, ...]:
    """Type, permissions, owner and extended attributes of each folder that outlives a run."""
    seen: list[object] = []
    for folder in writable_folders():
        status = Path(folder).lstat()
        attributes: tuple[str, ...] = ()
        with contextlib.suppress(OSError):
            attributes = tuple(os.listxattr(folder, follow_symlinks=False))
        seen.append((stat.S_IFMT(status.st_mode), status.st_mode, status.st_uid, attributes))
    return tuple(seen)


def _has_system_v_objects() -> bool:
    for name in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            if len(Path("/proc/sysvipc", name).read_text(encoding="ascii").splitlines()) > 1:
                return True
    return False


def _changeable() -> tuple[object, ...]:
    """What another process of the same user may set of this one. Source: ``prlimit(2)`` etc."""
    return (
        tuple(resource.getrlimit(which) for which in _RLIMITS),
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getscheduler(0),
        os.sched_getparam(0).sched_priority,
        frozenset(os.sched_getaffinity(0)),
        Path("/proc/self/oom_score_adj").read_text(encoding="ascii"),
    )
