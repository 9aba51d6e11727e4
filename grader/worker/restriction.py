"""What the worker takes from itself before any student code runs, as its request says."""

from __future__ import annotations

import contextlib
import time

import psutil

from grader.evidence.exchange import Restriction
from grader.worker.hardening import adopt_orphans
from grader.worker.landlock import ABI_SCOPES, Rules, landlock_abi, restrict_self
from grader.worker.seccomp import OWN_NETWORK, UNIX_ONLY, is_known_architecture, refuse_calls

END_TIMEOUT_S = 5.0


def confine(restriction: Restriction) -> None:
    """Give up what the restriction names, for good; called once, before any thread is started.

    Raises:
        OSError: The kernel refused something that the isolation level rests on.
    """
    if restriction.adopts_orphans:
        adopt_orphans()
    shares_network = restriction.sockets == "unix"
    if restriction.read_only or restriction.read_write:
        restrict_self(
            Rules(
                read_only=restriction.read_only,
                read_write=restriction.read_write,
                listed=restriction.listed,
                without_tcp=shares_network,
                least_abi=restriction.least_abi,
            )
        )
    if shares_network:
        refuse_calls(UNIX_ONLY)
    elif restriction.sockets == "own-network" and is_known_architecture():
        refuse_calls(OWN_NETWORK)


def keep_to_itself(restriction: Restriction) -> None:
    """Keep the student's process, which runs as the same user, from signalling the driver.

    Where the kernel cannot (before Linux 6.12) a killed driver is a failure of ours: points wait.
    """
    if restriction.sockets != "any" and landlock_abi() >= ABI_SCOPES:
        restrict_self(Rules(read_only=(), read_write=("/",)))


def end_descendants() -> None:
    """Kill every process below this one, until none is left or time is up.

    For a worker that adopted orphans: once it has ended, they would be nobody's.
    """
    deadline = time.monotonic() + END_TIMEOUT_S
    while time.monotonic() < deadline:
        left = [each for each in psutil.Process().children(recursive=True) if _is_alive(each)]
        if not left:
            return
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
