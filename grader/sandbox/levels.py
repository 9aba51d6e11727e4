"""Isolation levels: which of them hold on this machine, found by trying."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from grader.errors import SandboxError
from grader.evidence import Limits
from grader.sandbox import bwrap, container, landlocked
from grader.sandbox.environment import worker_environment
from grader.sandbox.roots import Roots, interpreter_roots
from grader.sandbox.trial import Level, Trial

__all__ = ["Level", "Trial", "choose_level", "try_bwrap", "try_level"]

TRIAL_TIMEOUT_S = 30
_MUST_SUCCEED = "the slot can be written"
_PATH = {"PATH": "/usr/bin:/bin"}
_USERNS_SWITCH = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_UBUNTU = """\
let AppArmor allow it: write the lines
  abi <abi/4.0>,
  include <tunables/global>
  profile bwrap /usr/bin/bwrap flags=(unconfined) {
    userns,
    include if exists <local/bwrap>
  }
to /etc/apparmor.d/bwrap, then: sudo systemctl reload apparmor"""
"""Source: Ubuntu 24.04 release notes, "unprivileged user namespace restrictions"."""


def try_level(level: Level) -> Trial:
    """Start a real interpreter at a level and see whether the walls stand."""
    tries: dict[Level, Callable[[], Trial]] = {
        Level.BWRAP: try_bwrap,
        Level.CONTAINER: try_container,
        Level.LANDLOCK: try_landlock,
        Level.NONE: lambda: Trial(level=Level.NONE, works=True),
    }
    return tries[level]()


def try_bwrap() -> Trial:
    """Start a real interpreter in a bubblewrap sandbox."""
    failed = Trial(level=Level.BWRAP, works=False)
    tried = bwrap.variants()
    if not tried:
        lacking = "setpriv" if shutil.which("bwrap") else "bubblewrap"
        package = "util-linux" if lacking == "setpriv" else lacking
        return replace(failed, why=f"{lacking} is not installed", remedy=_install(package))
    inner = [sys.executable, "-P", "-s", "-c", "import grader.evidence, numpy"]
    complaint = ""
    for variant in tried:
        argv = bwrap.command(
            variant,
            inner,
            roots=interpreter_roots(),
            scratch=None,
            slot=0,
            environment=_environment_inside(),
        )
        ended = _run(argv, _PATH)
        if ended.is_well:
            return Trial(level=Level.BWRAP, works=True, variant=variant)
        complaint = ended.complaint
    why = f"bubblewrap is installed but a sandbox could not be started: {complaint}"
    return replace(failed, why=why, remedy=_bwrap_remedy())


def try_container() -> Trial:
    """Start a real interpreter in a container of every engine that is installed."""
    roots = interpreter_roots()
    failed = Trial(level=Level.CONTAINER, works=False)
    tried = container.variants(roots)
    if not tried:
        why, remedy = "neither podman nor docker is installed", _install("podman")
        return replace(failed, why=why, remedy=remedy)
    complaints = []
    for variant in tried:
        complaint = container.make_image(variant, roots)
        if not complaint:
            name = f"grader-trial-{uuid4().hex[:12]}"
            wanted = container.Wanted(
                name=name,
                slot=0,
                scratch=None,
                limits=Limits(),
                environment=_environment_inside(),
            )
            inner = [sys.executable, "-P", "-s", "-c", "import grader.evidence, numpy"]
            argv = container.command(variant, inner, roots=roots, wanted=wanted)
            ended = _run(argv, dict(os.environ))
            container.Container(program=variant.program, name=name).remove()
            if ended.is_well:
                return Trial(level=Level.CONTAINER, works=True, container=variant)
            complaint = ended.complaint
        complaints.append(f"{variant.engine}: {complaint}")
    remedy = "start the engine's service, or install podman, which needs none"
    return replace(failed, why="; ".join(complaints), remedy=remedy)


def try_landlock() -> Trial:
    """Let a real interpreter restrict itself and then try every wall."""
    failed = Trial(level=Level.LANDLOCK, works=False)
    tried = landlocked.variants()
    if not tried:
        return replace(failed, why="setpriv is not installed", remedy=_install("util-linux"))
    complaint = ""
    roots = interpreter_roots()
    for variant in tried:
        complaint = _landlock_complaint(variant, roots)
        if not complaint:
            return Trial(level=Level.LANDLOCK, works=True, landlock=variant)
    remedy = (
        "a kernel with Landlock switched on (Linux 5.13; as an ordinary user 6.12), and a container"
        " whose seccomp profile lets its three calls through (docker's does since 20.10.10)"
    )
    return replace(failed, why=complaint, remedy=remedy)


def choose_level(wanted: Level | None, *, allow_weaker: bool) -> Trial:
    """Choose the strongest level that works; never a weaker one silently.

    Args:
        wanted: Asked for explicitly; ``None`` for the strongest.
        allow_weaker: Whether the caller accepts a weaker level than ``bwrap``.

    Raises:
        SandboxError: The level does not work here, or only a weaker one does and that was not
            allowed.
    """
    trial = try_level(wanted or Level.BWRAP)
    if trial.works:
        return trial
    if wanted is None and allow_weaker:
        for level in (Level.CONTAINER, Level.LANDLOCK, Level.NONE):
            weaker = try_level(level)
            if weaker.works:
                return replace(weaker, why=trial.why, remedy=trial.remedy)
    message = f"isolation level {trial.level} does not work here: {trial.why}"
    raise SandboxError(
        message,
        hint=(
            "accept the strongest of the weaker levels with --allow-weaker (grader doctor shows"
            f" which that is), or {trial.remedy}"
        ),
    )


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a trial ended: the last line it complained with, or what it printed."""

    is_well: bool
    complaint: str
    printed: str


def _run(argv: list[str], environment: dict[str, str]) -> _Ended:
    try:
        done = subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TRIAL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return _Ended(is_well=False, complaint=str(exc), printed="")
    lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return _Ended(is_well=done.returncode == 0, complaint=lines[-1], printed=done.stdout)


def _landlock_complaint(variant: landlocked.LandlockVariant, roots: Roots) -> str:
    """Say which wall does not stand, or why nothing could be started; empty if all is well."""
    with tempfile.TemporaryDirectory(prefix="grader-trial-") as folder:
        root = Path(folder)
        given, slot, outside = root / "given", root / "slot", root / "outside"
        root.chmod(0o711)
        given.mkdir()
        slot.mkdir()
        outside.write_text("nobody's business", encoding="utf-8")
        owner = variant.uid(0)
        if owner is not None:
            os.chown(slot, owner, owner)
        library = landlocked.link_library(roots, given)
        restriction = landlocked.restriction(variant, roots=roots, given=given, slot=slot)
        inner = [sys.executable, "-P", "-s", "-m", "grader.worker.trial"]
        inner += [restriction.model_dump_json(), str(outside), str(slot)]
        ended = _run(
            landlocked.command(variant, inner, slot=0),
            worker_environment(home=str(slot), library=str(library), temporary=str(slot)),
        )
    if not ended.is_well:
        return ended.complaint
    answers: dict[str, str] = json.loads(ended.printed)
    if answers[_MUST_SUCCEED] != "done":
        return f"the slot cannot be written: {answers[_MUST_SUCCEED]}"
    open_doors = [what for what, came in answers.items() if came == "done"]
    return "; ".join(what for what in open_doors if what != _MUST_SUCCEED)


def _environment_inside() -> dict[str, str]:
    return worker_environment(home=bwrap.HOME, library=bwrap.LIBRARY, temporary=bwrap.HOME)


def _install(package: str) -> str:
    return f"install the package {package}, for example: sudo apt-get install {package}"


def _bwrap_remedy() -> str:
    if os.geteuid() == 0:
        return (
            "allow namespaces to this container (docker forbids them unless it is started with"
            " more rights), and make sure that the Python installation can be read by every user"
        )
    try:
        is_restricted = _USERNS_SWITCH.read_text(encoding="ascii").strip() == "1"
    except OSError:
        is_restricted = False
    if is_restricted:
        return _UBUNTU
    return (
        "allow unprivileged user namespaces (sysctl user.max_user_namespaces, and where there is"
        " one kernel.unprivileged_userns_clone=1), and make sure that the Python installation can"
        " be read by every user"
    )
