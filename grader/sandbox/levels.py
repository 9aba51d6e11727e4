"""Isolation levels: which of them hold on this machine, found by trying."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum

from grader.errors import SandboxError
from grader.sandbox import bwrap
from grader.sandbox.environment import worker_environment
from grader.sandbox.roots import interpreter_roots

TRIAL_TIMEOUT_S = 30


class Level(StrEnum):
    """How student code is kept apart, strongest first."""

    BWRAP = "bwrap"
    """Namespaces, own file system, no network, unprivileged user."""
    NONE = "none"
    """A separate process with limits; it sees the files that the grader's user sees."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a level works here.

    Attributes:
        level: Which.
        works: Whether a real interpreter started under it.
        why: What was seen when it did not.
        remedy: What an administrator can do about it.
        variant: For ``bwrap``: how to call it.
    """

    level: Level
    works: bool
    why: str = ""
    remedy: str = ""
    variant: bwrap.BwrapVariant | None = None


def try_bwrap() -> Trial:
    """Start a real interpreter in a sandbox and see whether the walls stand."""
    tried = bwrap.variants()
    if not tried:
        return Trial(
            level=Level.BWRAP,
            works=False,
            why="bubblewrap is not installed",
            remedy="install the package bubblewrap, for example: sudo apt-get install bubblewrap",
        )
    environment = worker_environment(home=bwrap.HOME, library=bwrap.LIBRARY, temporary=bwrap.HOME)
    inner = [sys.executable, "-P", "-s", "-c", "import grader.evidence, numpy"]
    complaint = ""
    for variant in tried:
        argv = bwrap.command(
            variant,
            inner,
            roots=interpreter_roots(),
            scratch=None,
            slot=0,
            environment=environment,
        )
        try:
            done = subprocess.run(
                argv, capture_output=True, text=True, timeout=TRIAL_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            complaint = str(exc)
            continue
        if done.returncode == 0:
            return Trial(level=Level.BWRAP, works=True, variant=variant)
        lines = done.stderr.strip().splitlines()
        complaint = lines[-1] if lines else f"exit status {done.returncode}"
    return Trial(
        level=Level.BWRAP,
        works=False,
        why=f"bubblewrap is installed but a sandbox could not be started: {complaint}",
        remedy=(
            "allow unprivileged user namespaces (on Ubuntu 24.04 an AppArmor profile for"
            " /usr/bin/bwrap with 'userns,' does it), and make sure that the Python installation"
            " can be read by every user"
        ),
    )


def choose_level(wanted: Level | None, *, allow_weaker: bool) -> Trial:
    """Choose the strongest level that works; never a weaker one silently.

    Args:
        wanted: Asked for explicitly; ``None`` for the strongest.
        allow_weaker: Whether the caller accepts a weaker level than ``bwrap``.

    Raises:
        SandboxError: The level does not work here, or only a weaker one does and that was not
            allowed.
    """
    if wanted is Level.NONE:
        return Trial(level=Level.NONE, works=True)
    trial = try_bwrap()
    if trial.works:
        return trial
    if wanted is None and allow_weaker:
        return Trial(level=Level.NONE, works=True, why=trial.why, remedy=trial.remedy)
    message = f"isolation level bwrap does not work here: {trial.why}"
    raise SandboxError(
        message,
        hint=f"{trial.remedy}; or accept student code running without walls: --allow-weaker",
    )
