"""Watches one worker from outside: limits, events, the handing over of hidden inputs, the end."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Protocol

import psutil

from grader.evidence import Limits, RunOutcome, RunState
from grader.evidence.exchange import EXAMINATION_CPU_S, LENGTH_BYTES, Event, EventKind
from grader.sandbox.container import Container
from grader.sandbox.launch import Launch
from grader.sandbox.usage import Usage, shared_out_memory_mib, usage_of_tree

LOOK_EVERY_S = 0.1
MAX_LOG_BYTES = 64 << 10
MAX_EVENT_BYTES = 4 << 10
MAX_EVENTS = 20_000
DISK_LOOK_EVERY_S = 1.0
DISK_LOOK_MAX_S = 0.5
MAX_ENTRIES = 50_000
BLOCK_BYTES = 1024
END_TIMEOUT_S = 5.0
EXAMINATION_WALL_TIME_S = 180.0
START_WALL_TIME_S = 180.0
STANDARD_STREAMS = ("1", "0")
"""Descriptors for events and inputs where a worker has no others; see ``channel.py``."""


@dataclass(slots=True)
class Watch:
    """What the supervisor has seen of a worker so far; plain state, nothing from the slot.

    Attributes:
        started_at: Monotonic time of the start.
        code_started: CPU seconds used and monotonic time when the first student code was about to
            run, from which limits count; ``None`` before that.
        usage: Highest seen of each.
        cell: The code cell that was last said to be running.
        cells_ended: CPU seconds used and monotonic time when the last cell had ended; ``None``
            before that.
        events: Kinds seen, in order.
        exit_code: Of the student's process, where the worker told.
        log: Tail of the worker's standard error until the last cell ended.
        outcome: Set when the run is over.
    """

    started_at: float
    usage: Usage = field(default_factory=Usage)
    cell: int | None = None
    code_started: tuple[float, float] | None = None
    cells_ended: tuple[float, float] | None = None
    events: list[EventKind] = field(default_factory=list)
    exit_code: int | None = None
    log: bytearray = field(default_factory=bytearray)
    outcome: RunOutcome | None = None
    disk_looked_at: float = 0.0
    pending: bytearray = field(default_factory=bytearray)


def supervise(
    launch: Launch,
    *,
    slot: Path,
    limits: Limits,
    on_cells_done: Callable[[], bytes],
    cancelled: Callable[[], bool],
) -> Watch:
    """Start a worker and stay with it until it ends, hits a limit, or is cancelled.

    Args:
        launch: How it is started.
        slot: What the worker may write to; its size is limited.
        limits: What the run may use.
        on_cells_done: Called once when the last cell has ended; reads what was left behind and
            returns the hidden inputs to hand over (empty for none).
        cancelled: Asked now and then.

    Returns:
        What was seen; ``outcome`` is set.
    """
    events, events_inside = os.pipe()
    inputs_inside, inputs = os.pipe()
    try:
        process = _started(launch, events_inside, inputs_inside)
    except OSError:
        os.close(events)
        os.close(inputs)
        raise
    finally:
        os.close(events_inside)
        os.close(inputs_inside)
    with os.fdopen(events, "rb", buffering=0) as stream, os.fdopen(inputs, "wb") as sink:
        worker = _StartedWorker(
            events=stream, inputs=sink, process=process, container=launch.container
        )
        try:
            return stay_with(
                worker, slot=slot, limits=limits, on_cells_done=on_cells_done, cancelled=cancelled
            )
        finally:
            if launch.container is not None:
                launch.container.remove()
            end_tree(process)


def _started(launch: Launch, events: int, inputs: int) -> subprocess.Popen[bytes]:
    """Start a worker; through an engine no other descriptor than the standard ones gets in."""
    if launch.container is not None:
        return subprocess.Popen(
            [*launch.argv, *STANDARD_STREAMS],
            stdin=inputs,
            stdout=events,
            stderr=subprocess.PIPE,
            env=launch.environment,
            cwd=launch.folder,
            start_new_session=True,
        )
    return subprocess.Popen(
        [*launch.argv, str(events), str(inputs)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=launch.environment,
        cwd=launch.folder,
        pass_fds=(events, inputs),
        start_new_session=True,
    )


class Worker(Protocol):
    """A worker that has been started, however that was done."""

    @property
    def events(self) -> IO[bytes]:
        """Where its events come from."""
        ...

    @property
    def inputs(self) -> IO[bytes]:
        """Where hidden inputs go to."""
        ...

    @property
    def log(self) -> IO[bytes] | None:
        """Its standard output and error."""
        ...

    def usage(self) -> Usage:
        """What its processes use."""
        ...

    def shared_out_memory_mib(self) -> float:
        """Memory of its processes with each shared page counted once."""
        ...

    def exit_status(self) -> int | None:
        """How it ended; ``None`` while it runs."""
        ...


@dataclass(slots=True)
class _StartedWorker:
    """A worker with a sandbox of its own.

    Attributes:
        events: From the worker.
        inputs: To the worker.
        process: The outermost process.
        container: Where it runs in one: then its processes are no children of ``process``.
        pid_inside: First process of that container, as seen from here.
    """

    events: IO[bytes]
    inputs: IO[bytes]
    process: subprocess.Popen[bytes]
    container: Container | None = None
    pid_inside: int | None = None

    @property
    def log(self) -> IO[bytes] | None:
        """The worker's own log."""
        return self.process.stdout or self.process.stderr

    def usage(self) -> Usage:
        return usage_of_tree(self._tree())

    def shared_out_memory_mib(self) -> float:
        return shared_out_memory_mib(self._tree())

    def exit_status(self) -> int | None:
        return self.process.poll()

    def _tree(self) -> int:
        """Process id of the root of what the worker uses."""
        if self.container is not None and self.pid_inside is None:
            self.pid_inside = self.container.pid()
        return self.pid_inside or self.process.pid


def stay_with(
    worker: Worker,
    *,
    slot: Path,
    limits: Limits,
    on_cells_done: Callable[[], bytes],
    cancelled: Callable[[], bool],
) -> Watch:
    """Stay with a worker until it ends, hits a limit, or is cancelled; do not end it.

    Args:
        worker: Just started.
        slot: What it may write to; its size is limited.
        limits: What the run may use.
        on_cells_done: As for :func:`supervise`.
        cancelled: Asked now and then.

    Returns:
        What was seen; ``outcome`` is set.
    """
    watch = Watch(started_at=time.monotonic())

    def when_full() -> RunOutcome | None:
        """What was written since the last look is still the student's."""
        is_full = _size_mib(slot) > limits.slot_mib
        return _disk_limit(limits, watch.cell) if is_full else None

    with selectors.DefaultSelector() as selector:
        for stream in (worker.events, worker.log):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
        while watch.outcome is None:
            for key, _ in selector.select(timeout=LOOK_EVERY_S):
                content = os.read(key.fd, 1 << 16)
                if not content:
                    selector.unregister(key.fileobj)
                elif key.fileobj is worker.log:
                    _keep_log(watch, content)
                else:
                    _take_events(watch, content, worker, limits, on_cells_done, when_full)
            if watch.outcome is None:
                _look_at_limits(worker, watch, slot, limits)
            if watch.outcome is None and cancelled():
                watch.outcome = _ours("the run was cancelled")
            if watch.outcome is None and not selector.get_map():
                status = worker.exit_status()
                if status is not None:
                    watch.outcome = _after_exit(watch, status)
    return watch


def _take_events(
    watch: Watch,
    content: bytes,
    worker: Worker,
    limits: Limits,
    on_cells_done: Callable[[], bytes],
    when_full: Callable[[], RunOutcome | None],
) -> None:
    watch.pending += content
    while b"\n" in watch.pending and watch.outcome is None:
        line, _, rest = bytes(watch.pending).partition(b"\n")
        watch.pending = bytearray(rest)
        try:
            event = Event.model_validate_json(line)
        except ValueError:
            watch.outcome = _ours("the worker said something that it does not say")
            return
        watch.events.append(event.kind)
        if event.cell is not None:
            watch.cell = event.cell
        if event.kind is EventKind.KERNEL_DIED:
            watch.exit_code = event.exit_code
            watch.outcome = _kernel_died(event, limits)
        elif event.kind in (EventKind.STARTED, EventKind.CELL) and watch.code_started is None:
            watch.usage = worker.usage().at_least(watch.usage)
            watch.code_started = (watch.usage.cpu_s, time.monotonic())
        elif event.kind is EventKind.CELLS_ENDED:
            watch.cells_ended = (watch.usage.cpu_s, time.monotonic())
            watch.outcome = when_full()
        elif event.kind is EventKind.CELLS_DONE:
            _hand_over(worker, on_cells_done())
        elif event.kind is EventKind.HIDDEN_DONE:
            watch.outcome = RunOutcome(state=RunState.COMPLETED)
    if len(watch.pending) > MAX_EVENT_BYTES or len(watch.events) > MAX_EVENTS:
        watch.outcome = _ours("the worker said more than it does")


def _hand_over(worker: Worker, hidden: bytes) -> None:
    """Send the hidden inputs; from here on the worker's log is not kept."""

    def send() -> None:
        with contextlib.suppress(OSError, ValueError):
            worker.inputs.write(len(hidden).to_bytes(LENGTH_BYTES, "big") + hidden)
            worker.inputs.flush()

    # The worker may never read: the watching must go on meanwhile.
    threading.Thread(target=send, daemon=True).start()


def _keep_log(watch: Watch, content: bytes) -> None:
    """Keep the tail of the log; what is printed after the last cell is thrown away."""
    if EventKind.CELLS_DONE not in watch.events:
        watch.log += content
        del watch.log[:-MAX_LOG_BYTES]


def _look_at_limits(worker: Worker, watch: Watch, slot: Path, limits: Limits) -> None:
    now = time.monotonic()
    usage = worker.usage()
    if usage.memory_mib > limits.memory_mib:
        usage = replace(usage, memory_mib=worker.shared_out_memory_mib())
    watch.usage = usage.at_least(watch.usage)
    if watch.cells_ended is not None:
        _look_at_examination(watch, watch.cells_ended, usage, slot, limits, now)
        return
    cell = watch.cell
    cpu_s, at = watch.code_started or (watch.usage.cpu_s, now)
    if watch.code_started is None and now - watch.started_at > START_WALL_TIME_S:
        watch.outcome = _ours(f"the worker had not started after {START_WALL_TIME_S:g} s")
    elif watch.usage.cpu_s - cpu_s > limits.cpu_s:
        detail = f"The code used up its {limits.cpu_s:g} s of CPU time."
        watch.outcome = RunOutcome(state=RunState.CPU_LIMIT, detail=detail, cell=cell)
    elif now - at > limits.wall_time_s:
        detail = f"The code was still running after {limits.wall_time_s:g} s."
        watch.outcome = RunOutcome(state=RunState.WALL_TIME_LIMIT, detail=detail, cell=cell)
    elif usage.memory_mib > limits.memory_mib:
        detail = f"The code used more than its {limits.memory_mib} MiB of memory."
        watch.outcome = RunOutcome(state=RunState.MEMORY_LIMIT, detail=detail, cell=cell)
    elif usage.processes > limits.processes:
        detail = f"The code started more than its {limits.processes} processes and threads."
        watch.outcome = RunOutcome(state=RunState.PROCESS_LIMIT, detail=detail, cell=cell)
    elif _has_too_many_files(watch, slot, limits, now):
        watch.outcome = _disk_limit(limits, cell)


def _look_at_examination(
    watch: Watch,
    ended: tuple[float, float],
    usage: Usage,
    slot: Path,
    limits: Limits,
    now: float,
) -> None:
    """Our own part has limits of its own; to hit one is not held against the student."""
    cpu_s, at = ended
    if watch.usage.cpu_s - cpu_s > EXAMINATION_CPU_S or now - at > EXAMINATION_WALL_TIME_S:
        watch.outcome = _ours("examining the models took too long")
    elif usage.memory_mib > limits.memory_mib:
        watch.outcome = _ours("examining the models took too much memory")
    elif usage.processes > limits.processes:
        watch.outcome = _ours("too many processes were left when the models were examined")
    elif _has_too_many_files(watch, slot, limits, now):
        watch.outcome = _ours("too many files were written while the models were examined")


def _disk_limit(limits: Limits, cell: int | None) -> RunOutcome:
    detail = f"The code wrote more than its {limits.slot_mib} MiB of files, or too many of them."
    return RunOutcome(state=RunState.DISK_LIMIT, detail=detail, cell=cell)


def _has_too_many_files(watch: Watch, slot: Path, limits: Limits, now: float) -> bool:
    if now - watch.disk_looked_at < DISK_LOOK_EVERY_S:
        return False
    watch.disk_looked_at = now
    return _size_mib(slot) > limits.slot_mib


def _size_mib(folder: Path) -> float:
    """Size of everything in a folder; infinite where it has more entries than can be counted.

    Every entry counts as at least a block, so that empty files and folders are not free.
    """
    deadline = time.monotonic() + DISK_LOOK_MAX_S
    waiting, total, entries = [str(folder)], 0, 0
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    entries += 1
                    total += max(entry.stat(follow_symlinks=False).st_blocks * 512, BLOCK_BYTES)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError as exc:
            if exc.errno == errno.ENAMETOOLONG:
                return math.inf
            continue
        if entries > MAX_ENTRIES or time.monotonic() > deadline:
            return math.inf
    return total / 2**20


def _kernel_died(event: Event, limits: Limits) -> RunOutcome:
    code = event.exit_code
    if code is None:
        how = "ended"
    elif code < 0:
        try:
            how = f"was ended by signal {-code} ({signal.Signals(-code).name})"
        except ValueError:
            how = f"was ended by signal {-code}"
    else:
        how = f"ended itself with exit status {code}"
    state, detail = RunState.KERNEL_DIED, f"The Python process {how}."
    if code == -signal.SIGXCPU:
        state, detail = RunState.CPU_LIMIT, f"The code used up its {limits.cpu_s:g} s of CPU time."
    elif code == -signal.SIGXFSZ:
        state = RunState.DISK_LIMIT
        detail = f"The code wrote a file larger than its {limits.file_mib} MiB."
    return RunOutcome(state=state, detail=detail, cell=event.cell)


def _after_exit(watch: Watch, returncode: int) -> RunOutcome:
    if EventKind.CELLS_DONE in watch.events:
        # The student's process or the worker went away while hidden rows were asked about.
        return RunOutcome(state=RunState.COMPLETED, cell=None)
    return _ours(f"the worker ended before its work was done (exit status {returncode})")


def _ours(detail: str) -> RunOutcome:
    return RunOutcome(state=RunState.GRADER_FAILED, detail=detail)


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole tree: descendants first, since the worker adopts those that detached."""
    _kill_descendants(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def _kill_descendants(pid: int) -> None:
    """Kill everything below a process, until nothing is left there or time is up."""
    deadline = time.monotonic() + END_TIMEOUT_S
    known: dict[int, psutil.Process] = {}
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(pid).children(recursive=True)
            known |= {child.pid: child for child in children}
        known = {number: child for number, child in known.items() if _is_alive(child)}
        if not known:
            return
        for child in known.values():
            with contextlib.suppress(psutil.Error):
                child.kill()
        time.sleep(0.005)


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is dead: it waits for whoever adopted it, and touches nothing any more."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
