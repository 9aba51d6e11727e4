"""What a forked worker gives up before any student code: Landlock and a system-call filter.

Set twice: the driver's own keeps it and what it starts from signalling the process that is forked
from; the kernel's, a further one, keeps the student's code from signalling the driver.
"""

from __future__ import annotations

import os

from grader.worker.landlock import ABI_SCOPES, Rules, landlock_abi, restrict_self
from grader.worker.seccomp import OWN_NETWORK, is_known_architecture, refuse_calls

SHARED_MEMORY = "/dev/shm"  # noqa: S108  # the sandbox's own
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")


def writable_folders() -> tuple[str, ...]:
    """Folders that outlive a run inside the sandbox, besides the slot."""
    return ("/tmp", SHARED_MEMORY, os.environ["HOME"])  # noqa: S108  # the sandbox's own


def confinement_problem() -> str:
    """Why a forked worker could not be confined on this machine; empty if it could."""
    abi = landlock_abi()
    if abi < ABI_SCOPES:
        return f"Landlock cannot keep signals in (ABI {abi}, needed {ABI_SCOPES}: Linux 6.12)"
    if not is_known_architecture():
        return "there is no system-call filter for this processor"
    return ""


def confine() -> None:
    """Give up everything but reading, the slot, and the sandbox's temporary folders.

    Raises:
        OSError: The kernel refused.
    """
    devices = tuple(f"/dev/{name}" for name in _DEVICES)
    restrict_self(
        Rules(
            read_only=("/",),
            read_write=("/slot", *writable_folders(), *devices),
            least_abi=ABI_SCOPES,
        )
    )
    refuse_calls(OWN_NETWORK)


def confine_signals() -> None:
    """Give up signalling any process that exists now.

    Raises:
        OSError: The kernel refused.
    """
    restrict_self(Rules(read_only=(), read_write=("/",), least_abi=ABI_SCOPES))
