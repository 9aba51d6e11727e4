"""The folders of one run: what is given to the worker, and the slot that it may write to."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from grader.evidence.exchange import (
    NOTEBOOK_FILE,
    REQUEST_FILE,
    Request,
    Restriction,
    public_rows_file,
)
from grader.sandbox import leftovers
from grader.sandbox.interface import Array, Job

REMOVE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Scratch:
    """Folders of one run, outside; see :class:`View` for their names inside.

    Attributes:
        root: Everything of this run; removed afterwards.
        given: Request, notebook and public rows; read-only for the worker.
        slot: What the worker may write to: ``work`` and ``out``.
    """

    root: Path
    given: Path
    slot: Path

    @property
    def home(self) -> Path:
        """Home and temporary folder of a worker that has no file system of its own."""
        return self.slot / "home"


@dataclass(frozen=True, slots=True)
class View:
    """The same folders as the worker sees them."""

    given: str
    work: str
    out: str


@dataclass(frozen=True, slots=True)
class Seat:
    """How a worker sits in its folders.

    Attributes:
        owner: User id that it will have; ``None`` for our own.
        view: The names inside; ``None`` where it sees the folders as they are.
        has_own_user: Whether its processes are counted apart from everybody else's.
        restrict: What it does to itself, given the folders that it reads and that it writes.
    """

    owner: int | None = None
    view: View | None = None
    has_own_user: bool = False
    restrict: Callable[[Path, Path], Restriction] = lambda given, slot: Restriction()


@contextmanager
def scratch_for(job: Job, seat: Seat) -> Iterator[Scratch]:
    """Lay out the folders of a run; remove them, whatever the student left there, at the end.

    Args:
        job: What to run.
        seat: How the worker will sit in them.
    """
    scratch = new_scratch()
    try:
        fill(scratch, job, seat)
        yield scratch
    finally:
        remove(scratch.root)


def new_scratch() -> Scratch:
    """Make empty folders."""
    root = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX))
    leftovers.mark(root)
    given, slot = root / "given", root / "slot"
    for folder in (given, slot):
        folder.mkdir(mode=0o755)
    return Scratch(root=root, given=given, slot=slot)


def fill(scratch: Scratch, job: Job, seat: Seat) -> None:
    """Lay out a run in empty folders; the arguments are those of :func:`scratch_for`."""
    slot = scratch.slot
    work, out = slot / "work", slot / "out"
    for folder in (work, out):
        folder.mkdir(mode=0o755)
    if seat.view is None:
        # Without a file system of its own the worker, as another user, comes in through here.
        scratch.root.chmod(0o711)
        (slot / "home").mkdir(mode=0o700)
    _write_given(job, scratch.given, seat, slot)
    _write_work(job, work)
    if seat.owner is not None:
        _give_to(seat.owner, slot)


def empty(scratch: Scratch) -> bool:
    """Remove what a run left in its folders, but not the folders.

    Returns:
        Whether they are now as a run must find them.
    """
    folders = (scratch.given, scratch.slot)
    remove(*(entry for folder in folders for entry in folder.iterdir()))
    try:
        scratch.slot.chmod(0o755)
        marks = os.listxattr(scratch.slot, follow_symlinks=False)
    except OSError:
        return False
    return not marks and not any(entry for folder in folders for entry in folder.iterdir())


def npz_bytes(arrays: dict[str, Array]) -> bytes:
    """Pack arrays without pickling."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _write_given(job: Job, given: Path, seat: Seat, slot: Path) -> None:
    as_they_are = View(given=str(given), work=str(slot / "work"), out=str(slot / "out"))
    view = seat.view or as_they_are
    request = Request(
        has_own_user=seat.has_own_user,
        restriction=seat.restrict(given, slot),
        entry_kind=job.entry_kind,
        entry_name=job.entry_name,
        given=view.given,
        work=view.work,
        out=view.out,
        briefs=job.briefs,
        limits=job.limits,
        seed=job.seed,
    )
    (given / REQUEST_FILE).write_text(request.model_dump_json(), encoding="utf-8")
    (given / NOTEBOOK_FILE).write_text(job.notebook, encoding="utf-8")
    for exercise, public in job.public.items():
        rows = {
            "train_inputs": public.train_inputs,
            "train_labels": public.train_labels,
            "validation_inputs": public.validation_inputs,
            "validation_labels": public.validation_labels,
            "plot_inputs": public.plot_inputs,
        }
        (given / public_rows_file(exercise)).write_bytes(npz_bytes(rows))


def _write_work(job: Job, work: Path) -> None:
    for name, content in job.files.items():
        path = work / _safe(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _safe(name: PurePosixPath) -> PurePosixPath:
    """Refuse a name that leaves the folder; the intake should have, this is the second look."""
    if name.is_absolute() or ".." in name.parts or not name.parts:
        message = f"not a name inside the submission: {name}"
        raise ValueError(message)
    return name


def _give_to(owner: int, folder: Path) -> None:
    os.chown(folder, owner, owner)
    for path in folder.rglob("*"):
        os.chown(path, owner, owner, follow_symlinks=False)


def remove(*paths: Path) -> None:
    """Remove a run's folders, however deep, however many, whatever their permissions.

    The system's own tools walk without recursion and follow no link; what they cannot remove in
    time is left to the cleaning of the temporary folder, and never stops a class.
    """
    if not paths:
        return
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf", "--one-file-system"]):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                ["/usr/bin/env", *command, "--", *map(str, paths)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=REMOVE_TIMEOUT_S,
                check=False,
            )
