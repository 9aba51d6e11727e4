"""How a worker is started at each isolation level."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from grader.evidence import Limits
from grader.evidence.exchange import REQUEST_FILE, Restriction
from grader.sandbox import bwrap, container, landlocked
from grader.sandbox.environment import worker_environment
from grader.sandbox.roots import interpreter_roots
from grader.sandbox.scratch import Scratch, Seat
from grader.sandbox.trial import Level, Trial

_MODULE = ("-P", "-s", "-m", "grader.worker")


@dataclass(frozen=True, slots=True)
class Launch:
    """One worker, ready to be started.

    Attributes:
        argv: The command, sandbox included.
        environment: Of the outermost process.
        folder: Its working folder.
        container: Where it runs in one.
    """

    argv: list[str]
    environment: dict[str, str]
    folder: Path
    container: container.Container | None = None


def seat_of(trial: Trial, slot: int) -> Seat:
    """Say how a worker will see its folders, as whom, and what it takes from itself.

    Args:
        trial: The level, as tried.
        slot: Number of the worker slot.
    """
    if trial.variant is not None:
        return Seat(
            owner=trial.variant.uid(slot),
            view=bwrap.VIEW,
            has_own_user=True,
            restrict=_always(Restriction(sockets="own-network")),
        )
    if trial.container is not None:
        return Seat(
            owner=trial.container.uid(slot),
            view=bwrap.VIEW,
            has_own_user=trial.container.as_root,
            restrict=_always(Restriction(sockets="own-network", adopts_orphans=True)),
        )
    if trial.landlock is not None:
        variant = trial.landlock

        def restrict(given: Path, slot_folder: Path) -> Restriction:
            return landlocked.restriction(
                variant, roots=interpreter_roots(), given=given, slot=slot_folder
            )

        return Seat(
            owner=variant.uid(slot),
            has_own_user=variant.as_root,
            restrict=restrict,
        )
    return Seat(restrict=_always(Restriction(adopts_orphans=True)))


def launch_of(trial: Trial, scratch: Scratch, *, slot: int, limits: Limits) -> Launch:
    """Build the command that starts a worker on a run's folders."""
    if trial.level is Level.BWRAP and trial.variant is not None:
        argv = bwrap.command(
            trial.variant,
            _inner(bwrap.VIEW.given),
            roots=interpreter_roots(),
            scratch=scratch,
            slot=slot,
            environment=_environment_inside(),
        )
        return Launch(argv=argv, environment={"PATH": "/usr/bin:/bin"}, folder=Path("/"))
    if trial.level is Level.CONTAINER and trial.container is not None:
        variant = trial.container
        wanted = container.Wanted(
            name=f"grader-{uuid4().hex}",
            slot=slot,
            scratch=scratch,
            limits=limits,
            environment=_environment_inside(),
        )
        argv = container.command(
            variant, _inner(bwrap.VIEW.given), roots=interpreter_roots(), wanted=wanted
        )
        running = container.Container(program=variant.program, name=wanted.name)
        # The engine's own program finds its service and its storage through our environment.
        environment = dict(os.environ)
        return Launch(argv=argv, environment=environment, folder=Path("/"), container=running)
    inner = _inner(str(scratch.given))
    library = ""
    if trial.level is Level.LANDLOCK and trial.landlock is not None:
        library = str(landlocked.link_library(interpreter_roots(), scratch.given))
        inner = landlocked.command(trial.landlock, inner, slot=slot)
    home = str(scratch.home)
    environment = worker_environment(home=home, library=library, temporary=home)
    return Launch(argv=inner, environment=environment, folder=scratch.slot / "work")


def _inner(given: str) -> list[str]:
    return [sys.executable, *_MODULE, f"{given}/{REQUEST_FILE}"]


def _environment_inside() -> dict[str, str]:
    return worker_environment(
        home=bwrap.HOME,
        library=bwrap.LIBRARY,
        temporary="/tmp",  # noqa: S108  # the sandbox's own
    )


def _always(restriction: Restriction) -> Callable[[Path, Path], Restriction]:
    return lambda given, slot: restriction
