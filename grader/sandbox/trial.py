"""Isolation levels, and what trying one on this machine came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.sandbox.bwrap import BwrapVariant
from grader.sandbox.container import ContainerVariant
from grader.sandbox.landlocked import LandlockVariant


class Level(StrEnum):
    """How student code is kept apart, strongest first."""

    BWRAP = "bwrap"
    """Namespaces, own file system, no network, unprivileged user."""
    CONTAINER = "container"
    """The same by docker or podman."""
    LANDLOCK = "landlock"
    """No namespace: files by Landlock, calls and sockets by a filter; for use in a container."""
    NONE = "none"
    """A separate process with limits; it sees the files that the grader's user sees."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a level works here.

    Attributes:
        level: Which.
        works: Whether a real interpreter started under it and the walls stood.
        why: What was seen when it did not; where a weaker level was chosen, of the strongest.
        remedy: What an administrator can do about it.
        variant: For ``bwrap``: how to call it.
        landlock: For ``landlock``: how to start a worker.
        container: For ``container``: which engine, which image.
    """

    level: Level
    works: bool
    why: str = ""
    remedy: str = ""
    variant: BwrapVariant | None = None
    landlock: LandlockVariant | None = None
    container: ContainerVariant | None = None
