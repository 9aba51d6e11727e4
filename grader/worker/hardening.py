"""What the driver does to itself before any student code runs."""

from __future__ import annotations

import ctypes
import resource

from grader.evidence import Limits
from grader.evidence.exchange import EXAMINATION_CPU_S

PR_SET_DUMPABLE = 4
"""Linux ``prctl(2)``: a process that is not dumpable cannot be traced, and its ``/proc`` entry
belongs to root, so a process of the same user cannot open its descriptors."""
PR_SET_CHILD_SUBREAPER = 36
DATA_SLACK_MIB = 1024
"""The supervisor watches the whole process tree and strikes first; this is the second line."""


def make_unreadable() -> None:
    """Keep the student's process, which runs as the same user, out of the driver's own.

    Raises:
        OSError: The kernel refused; without this the event stream could be forged.
    """
    _prctl(PR_SET_DUMPABLE, 0)


def make_readable() -> None:
    """Let the student's process, forked from an unreadable one, be as one that was started.

    Raises:
        OSError: The kernel refused.
    """
    _prctl(PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends.

    Raises:
        OSError: The kernel refused.
    """
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)  # the kernel reads whole registers
    if libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}) failed")


def limit_resources(limits: Limits, *, has_own_user: bool) -> None:
    """Set hard limits that the student's process inherits and cannot raise.

    Args:
        limits: What the run may use.
        has_own_user: Whether processes may be limited by number: the kernel counts them per user.

    Source: ``RLIMIT_DATA`` fits better than ``RLIMIT_AS``, since TensorFlow reserves gigabytes of
    address space that it never uses.
    """
    cpu_s = int(limits.cpu_s + EXAMINATION_CPU_S) + 1
    _lower(resource.RLIMIT_CPU, cpu_s)
    _lower(resource.RLIMIT_DATA, (limits.memory_mib + DATA_SLACK_MIB) << 20)
    _lower(resource.RLIMIT_FSIZE, limits.file_mib << 20)
    if has_own_user:
        _lower(resource.RLIMIT_NPROC, limits.processes)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 4096)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))
