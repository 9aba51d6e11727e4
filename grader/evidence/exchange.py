"""What supervisor and worker say to each other, and the names of the files between them.

The supervisor puts a read-only folder beside the sandbox's slot: the request, the notebook to run
and the public rows. The worker answers with events, one JSON object a line, and with files in the
slot's ``out`` folder. Hidden inputs follow on the worker's standard input when it has said
``CELLS_DONE``; after that, only arrays of numbers and fixed phrases are read back.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from grader.evidence.candidate import Name
from grader.evidence.facts import Count, Data
from grader.evidence.run import ExerciseBrief, Limits

REQUEST_FILE: Final = "request.json"
NOTEBOOK_FILE: Final = "entry.ipynb"
EXECUTED_FILE: Final = "executed.ipynb"
TESTIMONY_FILE: Final = "evidence.json"
EXAMINATION_FILE: Final = "examination.json"
ANSWERS_FILE: Final = "hidden.json"
HIDDEN_INPUTS_FILE: Final = "hidden-inputs.npz"
EXAMINATION_CPU_S: Final = 60.0
"""CPU time for examining models and asking them about rows, on top of what the cells may use."""
LENGTH_BYTES: Final = 8
"""Hidden inputs travel as one ``.npz``, preceded by its length: unsigned, big-endian."""


def public_rows_file(exercise: str) -> str:
    """Name of the file in the request's folder that holds the public rows of an exercise."""
    return f"public-{exercise}.npz"


class Restriction(Data):
    """What a worker takes from itself, and from all that it starts, before any student code runs.

    Attributes:
        sockets: ``unix`` where the network is the machine's, and required; ``own-network`` where
            nobody else is on it; ``any`` for no restriction of calls at all.
        read_only: Files and folders that may be read and executed; with ``read_write`` the only
            ones, where any are named.
        listed: Folders of which only the names may be read, at any depth.
        read_write: Files and folders that may be written, too.
        least_abi: Version of Landlock without which the worker must not start.
        adopts_orphans: Whether the worker becomes the parent of processes that detach themselves,
            so that they are counted and ended with it.
    """

    sockets: Literal["any", "own-network", "unix"] = "any"
    read_only: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    read_write: tuple[str, ...] = ()
    least_abi: Count = 0
    adopts_orphans: bool = False


class Request(Data):
    """One run, as the supervisor asks for it. Paths are as seen from inside the sandbox.

    Attributes:
        entry_kind: ``notebook`` or ``module``.
        entry_name: File name that the student gave it.
        given: Read-only folder with this request, the notebook and the public rows.
        work: Working folder: the submission and the public files.
        out: Where the worker leaves its files.
        briefs: The exercises; nothing secret.
        limits: What the run may use.
        has_own_user: Whether the worker's processes are counted apart from everybody else's, so
            that a limit on their number is about them alone.
        restriction: What the worker does to itself first.
        seed: Seeds random, NumPy, PyTorch and Keras before the first cell.
    """

    entry_kind: Name
    entry_name: Name
    given: str
    work: str
    out: str
    briefs: tuple[ExerciseBrief, ...]
    limits: Limits
    has_own_user: bool
    restriction: Restriction = Restriction()
    seed: int = 0


class EventKind(StrEnum):
    """What a line from the worker says."""

    STARTED = "started"
    """The kernel is up; the first student cell is about to run."""
    CELL = "cell"
    """A code cell is about to run."""
    CELLS_ENDED = "cells-ended"
    """The last student cell has ended; what follows is our examination."""
    KERNEL_DIED = "kernel-died"
    """The student's process ended by itself; the testimony has been written."""
    CELLS_DONE = "cells-done"
    """Every cell was tried and the models were examined; hidden inputs may come."""
    HIDDEN_DONE = "hidden-done"
    """The answers on hidden rows have been written."""


class Event(Data):
    """One line from the worker.

    Attributes:
        kind: What happened.
        cell: Number of the code cell, from 1.
        exit_code: Of the student's process, negative for a signal.
    """

    kind: EventKind
    cell: Count | None = None
    exit_code: Annotated[int, Field(ge=-256, le=256)] | None = None


class ZygoteState(StrEnum):
    """What a process that preloads frameworks says of itself."""

    READY = "ready"
    """Everything is imported; a run may come."""
    UNFIT = "unfit"
    """It must not be forked from here; ``detail`` says why."""
    CLEAN = "clean"
    """The run has ended and nothing of it is left."""
    SPOILT = "spoilt"
    """The run has ended and something of it may be left; the process ends itself."""


class ZygoteNews(Data):
    """One message from a process that preloads frameworks.

    Attributes:
        state: What it says.
        exit_status: Of the run's driver, negative for a signal.
        detail: Why it is unfit or spoilt.
    """

    state: ZygoteState
    exit_status: Annotated[int, Field(ge=-256, le=256)] = 0
    detail: Annotated[str, Field(max_length=500)] = ""
