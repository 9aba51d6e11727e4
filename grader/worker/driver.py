"""Runs one notebook in a kernel, cell by cell, and writes down what became of each."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from grader.evidence import (
    CellRun,
    CellState,
    Environment,
    Examination,
    Notice,
    NoticeKind,
    Testimony,
)
from grader.evidence.exchange import (
    EXAMINATION_FILE,
    EXECUTED_FILE,
    HIDDEN_INPUTS_FILE,
    NOTEBOOK_FILE,
    REQUEST_FILE,
    TESTIMONY_FILE,
    EventKind,
    Request,
)
from grader.worker.causes import fold_cascades
from grader.worker.channel import Channel
from grader.worker.client import CappedClient
from grader.worker.leaving import MAX_EXAMINATION_BYTES, leave, put_aside, read_plain
from grader.worker.notices import missing_package, notices_of_cell, notices_of_limits

PACKAGES = ("torch", "tensorflow", "keras", "numpy", "scikit-learn", "pandas", "ipykernel")
MAX_NOTICES = 100
ProvisionerOf = Callable[[AsyncKernelManager], KernelProvisionerBase]
CALL = "__import__('grader.worker.inside', fromlist=['inside']).{function}()"


async def drive(
    request: Request, channel: Channel, *, provisioner: ProvisionerOf | None = None
) -> None:
    """Run the request to its end.

    Args:
        request: What to run and where.
        channel: The line to the supervisor.
        provisioner: Makes what starts the kernel's process; an interpreter is started without one.
    """
    given, out, work = Path(request.given), Path(request.out), Path(request.work)
    text = (given / NOTEBOOK_FILE).read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]  # nbformat
    manager = _kernel_manager(request, out)
    if provisioner is not None:
        manager.provisioner = provisioner(manager)
    client = CappedClient.around(notebook, manager, folder=work)
    client.cap(request.limits)
    await client.async_start_new_kernel(cwd=str(work), env=dict(os.environ))
    await client.async_start_new_kernel_client()
    channel.say(EventKind.STARTED)

    runs, died_in = await _run_cells(client, notebook, channel, out)
    notices = _notices(client, runs, request)
    if died_in is not None:
        exit_code = client.exit_code()
        _write_testimony(request, runs, notices, Examination(), out)
        _write_notebook(notebook, out)
        channel.say(EventKind.KERNEL_DIED, cell=died_in, exit_code=exit_code)
        return

    out.chmod(0o755)
    for leftover in list(out.iterdir()):
        if leftover.name != EXECUTED_FILE:
            put_aside(leftover)
    channel.say(EventKind.CELLS_ENDED)
    examination = await _examine(client, out)
    _write_testimony(request, runs, notices, examination, out)
    _write_notebook(notebook, out)
    channel.say(EventKind.CELLS_DONE)

    hidden = channel.receive()
    if hidden:
        put_aside(out / HIDDEN_INPUTS_FILE)
        (out / HIDDEN_INPUTS_FILE).write_bytes(hidden)
        await client.call(CALL.format(function="answer_hidden"))
        channel.say(EventKind.HIDDEN_DONE)


def _kernel_manager(request: Request, out: Path) -> AsyncKernelManager:
    """Make a manager for our own kernel, whatever kernel the notebook names."""
    manager = AsyncKernelManager()
    argv = [sys.executable, "-P", "-s", "-m", "grader.worker.kernel"]
    argv += [str(Path(request.given) / REQUEST_FILE), "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(  # no public way to give a spec by value
        argv=argv, display_name="grader", language="python"
    )
    sockets = out.parent / "s"
    sockets.mkdir(mode=0o700, exist_ok=True)
    manager.transport = "ipc"
    manager.ip = str(sockets / "k")
    manager.connection_file = str(sockets / "c.json")
    return manager


async def _run_cells(
    client: CappedClient, notebook: NotebookNode, channel: Channel, out: Path
) -> tuple[list[CellRun], int | None]:
    """Run every code cell; go on past one that fails.

    Returns:
        One entry per code cell, and the cell in which the process died, if it did.
    """
    runs: list[CellRun] = []
    sources: list[str] = []
    died_in: int | None = None
    number = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        number += 1
        sources.append(cell.source)
        if died_in is not None:
            runs.append(CellRun(number=number, state=CellState.NOT_RUN))
            continue
        if client.is_time_to_save():
            _write_notebook(notebook, out)
        channel.say(EventKind.CELL, cell=number)
        started_at = time.monotonic()
        try:
            error = await client.run_cell(cell, index)
        except DeadKernelError:
            died_in = number
            runs.append(CellRun(number=number, state=CellState.FAILED))
            continue
        state = CellState.RAN if error is None else CellState.FAILED
        wall_time_s = round(time.monotonic() - started_at, 3)
        runs.append(CellRun(number=number, state=state, error=error, wall_time_s=wall_time_s))
    return fold_cascades(runs, sources), died_in


def _notices(client: CappedClient, runs: list[CellRun], request: Request) -> tuple[Notice, ...]:
    work = Path(request.work)
    notices: list[Notice] = []
    for run in runs:
        notices += notices_of_cell(run, printed=client.printed(run.number))
        if run.error is not None:
            notices += notices_of_limits(run.error, run.number, request.limits)
        package = missing_package(run.error, work) if run.error else ""
        if package:
            notices.append(
                Notice(
                    kind=NoticeKind.MISSING_PACKAGE,
                    text=f"the package {package} is not installed where this was graded",
                    cell=run.number,
                )
            )
    return tuple(notices[:MAX_NOTICES])


async def _examine(client: CappedClient, out: Path) -> Examination:
    """Let the probe examine the models in the student's process."""
    try:
        await client.call(CALL.format(function="examine"))
        content = read_plain(out / EXAMINATION_FILE, limit=MAX_EXAMINATION_BYTES)
        return Examination.model_validate_json(content)
    except DeadKernelError:
        return Examination(problem="the process ended while its models were being examined")
    except (OSError, ValueError):
        return Examination(problem="the models could not be examined in the student's process")


def _write_testimony(
    request: Request,
    runs: list[CellRun],
    notices: tuple[Notice, ...],
    examination: Examination,
    out: Path,
) -> None:
    testimony = Testimony(
        entry_kind="module" if request.entry_kind == "module" else "notebook",
        environment=Environment(
            python=sys.version.split()[0], packages=_versions(), threads=1, seed=request.seed
        ),
        cells=tuple(runs),
        notices=notices,
        examination=examination,
    )
    leave(out / TESTIMONY_FILE, testimony.model_dump_json())


def _versions() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _write_notebook(notebook: NotebookNode, out: Path) -> None:
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]  # nbformat
    leave(out / EXECUTED_FILE, text)
