"""What this machine offers: isolation levels, kernel, processors, memory, packages."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from grader import __version__
from grader.sandbox.levels import try_level
from grader.sandbox.trial import Level

PACKAGES = ("torch", "tensorflow", "keras", "numpy", "scikit-learn", "pandas", "ipykernel")
ASK_TIMEOUT_S = 30
_CGROUPS = Path("/sys/fs/cgroup")
_ASK_KERNEL = (
    "from grader.worker.landlock import landlock_abi\n"
    "from grader.worker.seccomp import is_known_architecture\n"
    "print(landlock_abi(), int(is_known_architecture()))"
)


@dataclass(frozen=True, slots=True)
class LevelOffered:
    """One isolation level on this machine.

    Attributes:
        level: Which.
        works: Whether it was tried with success.
        why: What was seen when it was not.
        remedy: What an administrator can do about it.
        how: Where it works: as whom student code runs.
    """

    level: str
    works: bool
    why: str = ""
    remedy: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What ``grader doctor`` shows.

    Attributes:
        grader: Our version.
        python: Version of the interpreter.
        kernel: Release of Linux.
        architecture: Of the processor.
        is_root: Whether the grader runs as root.
        cores: Processors that this process may use.
        memory_mib: Of the machine, MiB.
        landlock_abi: Version of Landlock; 0 where there is none.
        filters_calls: Whether we have a system-call filter for this processor.
        cgroup: Which control groups there are, and whether we may write to them.
        levels: Strongest first.
        packages: Versions of what is installed, read without importing.
    """

    grader: str
    python: str
    kernel: str
    architecture: str
    is_root: bool
    cores: int
    memory_mib: int
    landlock_abi: int
    filters_calls: bool
    cgroup: str
    levels: tuple[LevelOffered, ...]
    packages: dict[str, str]


def examine_machine() -> Machine:
    """Try every isolation level and look at the rest; takes a few seconds."""
    abi, filters_calls = _asked_kernel()
    return Machine(
        grader=__version__,
        python=platform.python_version(),
        kernel=platform.release(),
        architecture=platform.machine(),
        is_root=os.geteuid() == 0,
        cores=len(os.sched_getaffinity(0)),
        memory_mib=psutil.virtual_memory().total >> 20,
        landlock_abi=abi,
        filters_calls=filters_calls,
        cgroup=_cgroup(),
        levels=tuple(_offered(level) for level in Level),
        packages=_versions(),
    )


def _offered(level: Level) -> LevelOffered:
    trial = try_level(level)
    if not trial.works:
        return LevelOffered(level=level, works=False, why=trial.why, remedy=trial.remedy)
    if level is Level.NONE:
        return LevelOffered(level=level, works=True, how="no wall: only for code that you trust")
    found = trial.variant or trial.landlock or trial.container
    user = "an unprivileged user" if found is not None and found.as_root else "your own user"
    how = f"student code runs as {user}, without a network"
    if trial.container is not None:
        how += f", by {trial.container.engine}"
    if trial.landlock is not None and trial.landlock.reads_all:
        how += "; it keeps the right to read all that Landlock grants, because the Python"
        how += " installation is closed to other users"
    return LevelOffered(level=level, works=True, how=how)


def _asked_kernel() -> tuple[int, bool]:
    """Ask in a process of its own: nothing outside the sandbox imports the worker."""
    argv = [sys.executable, "-P", "-s", "-c", _ASK_KERNEL]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=True
        )
        abi, filters_calls = done.stdout.split()
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0, False
    return int(abi), filters_calls == "1"


def _cgroup() -> str:
    """Describe the control groups. Source: Linux, ``cgroup-v2.rst``."""
    if not (_CGROUPS / "cgroup.controllers").is_file():
        return "version 1 or none"
    path = "/"
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        if line.startswith("0::"):
            path = line.removeprefix("0::")
    own = _CGROUPS / path.lstrip("/")
    may_write = os.access(own, os.W_OK) and os.access(own / "cgroup.procs", os.W_OK)
    return f"version 2, {'writable' if may_write else 'not writable'}"


def _versions() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
