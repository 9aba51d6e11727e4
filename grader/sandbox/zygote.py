"""A sandbox in which frameworks are imported once and every run is forked from there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil

from grader.errors import SandboxError
from grader.evidence import RunState
from grader.evidence.exchange import ZygoteNews, ZygoteState
from grader.sandbox import bwrap
from grader.sandbox.environment import worker_environment
from grader.sandbox.interface import Job, RunResult
from grader.sandbox.launch import seat_of
from grader.sandbox.roots import interpreter_roots
from grader.sandbox.runner import SlotReader, resources_of
from grader.sandbox.scratch import Scratch, empty, fill, new_scratch, remove
from grader.sandbox.supervise import Watch, end_tree, stay_with
from grader.sandbox.trial import Trial
from grader.sandbox.usage import ForkBase, Usage

START_TIMEOUT_S = 240.0
"""Importing, and a step of training per framework, on a busy machine."""
CLEAN_TIMEOUT_S = 20.0
MAX_NEWS_BYTES = 4096
LOG_TAIL_BYTES = 2000
_RUN = b"run"
_BY_ITSELF = (RunState.COMPLETED, RunState.KERNEL_DIED)


class ZygoteUnfitError(SandboxError):
    """Runs cannot be forked on this machine; a fresh sandbox for each still works."""


@dataclass(slots=True)
class PreloadedSandbox:
    """One sandbox that serves run after run, one at a time.

    Attributes:
        frameworks: What is imported in it.
        slot: Number that its user id comes from.
        is_usable: Whether another run may be forked in it.
        is_alive: Whether the process that is forked from was there when the last run ended.
        runs: How many runs it has served.
    """

    trial: Trial
    frameworks: tuple[str, ...]
    slot: int
    scratch: Scratch
    process: subprocess.Popen[bytes]
    control: socket.socket
    is_usable: bool = True
    is_alive: bool = True
    runs: int = 0
    base_pid: int = 0

    @classmethod
    def start(cls, trial: Trial, frameworks: tuple[str, ...], slot: int) -> PreloadedSandbox:
        """Start the sandbox; :meth:`wait_until_ready` says when it can be used.

        Raises:
            SandboxError: The level has no walls that would keep runs apart.
        """
        variant = trial.variant
        if variant is None:
            message = f"runs are not forked at level {trial.level}"
            raise ZygoteUnfitError(message)
        scratch = new_scratch()
        (scratch.slot / "work").mkdir()  # where the sandbox starts
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inner = [sys.executable, "-P", "-s", "-m", "grader.worker.zygote", str(theirs.fileno())]
        argv = bwrap.command(
            variant,
            [*inner, *frameworks],
            roots=interpreter_roots(),
            scratch=scratch,
            slot=slot,
            environment=worker_environment(
                home=bwrap.HOME,
                library=bwrap.LIBRARY,
                temporary="/tmp",  # noqa: S108  # the sandbox's own
            ),
        )
        try:
            with theirs, (scratch.root / "log").open("wb") as log:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={"PATH": "/usr/bin:/bin"},
                    cwd="/",
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            remove(scratch.root)
            raise
        return cls(trial, frameworks, slot, scratch, process, ours)

    def wait_until_ready(self, *, cancelled: Callable[[], bool]) -> None:
        """Wait until everything is imported and a child has been seen to train.

        Raises:
            SandboxError: It cannot be used, and why.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        news = None
        while news is None and time.monotonic() < deadline and not cancelled():
            news = self._news(timeout_s=0.2)
            if news is None and not self.is_alive:
                break
        if news is None or news.state is not ZygoteState.READY:
            self.is_usable = False
            if cancelled():
                message = "the run was cancelled"
                raise SandboxError(message)
            why = news.detail if news else f"the preloading process did not start: {self._tail()}"
            raise ZygoteUnfitError(why)
        self.base_pid = _innermost(self.process.pid)
        if not empty(self.scratch):
            self.is_usable = False
            message = "the folders of a preloaded sandbox are not empty"
            raise ZygoteUnfitError(message)

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Run one submission; afterwards ``is_usable`` says whether another may follow."""
        self.runs += 1
        self.is_usable = False
        fill(self.scratch, job, seat_of(self.trial, self.slot))
        reader = SlotReader(slot=self.scratch.slot, job=job)
        started_at = datetime.now(UTC)
        clock = time.monotonic()
        with _ForkedWorker.begin(self) as worker:
            watch = stay_with(
                worker,
                slot=self.scratch.slot,
                limits=job.limits,
                on_cells_done=reader.after_cells,
                cancelled=cancelled,
            )
            is_clean = self._is_clean_after(watch, worker)
        resources = resources_of(watch, started_at, time.monotonic() - clock)
        if not is_clean:
            end_tree(self.process)
        result = reader.result(watch, resources, isolation=self.trial.level)
        self.is_usable = is_clean and empty(self.scratch)
        return result

    def end(self) -> None:
        """Kill everything in it and remove its folders."""
        self.is_usable = False
        self.control.close()
        end_tree(self.process)
        remove(self.scratch.root)

    def _is_clean_after(self, watch: Watch, worker: _ForkedWorker) -> bool:
        """Whether the run ended by itself and nothing of it is left in the sandbox."""
        if watch.outcome is None or watch.outcome.state not in _BY_ITSELF:
            return False
        news = worker.news or self._news(timeout_s=CLEAN_TIMEOUT_S)
        return news is not None and news.state is ZygoteState.CLEAN

    def _news(self, *, timeout_s: float) -> ZygoteNews | None:
        self.control.settimeout(timeout_s)
        try:
            content = self.control.recv(MAX_NEWS_BYTES)
        except TimeoutError:
            return None
        except OSError:
            content = b""
        if not content:
            self.is_alive = False
            return None
        try:
            return ZygoteNews.model_validate_json(content)
        except ValueError:
            return ZygoteNews(state=ZygoteState.SPOILT, detail="it says what it does not say")

    def _tail(self) -> str:
        content = (self.scratch.root / "log").read_bytes()[-LOG_TAIL_BYTES:]
        lines = content.decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


@dataclass(slots=True)
class _ForkedWorker:
    """A worker that was forked in a preloaded sandbox."""

    sandbox: PreloadedSandbox
    events: IO[bytes]
    inputs: IO[bytes]
    log: IO[bytes] | None
    base: ForkBase
    news: ZygoteNews | None = field(default=None)

    @classmethod
    def begin(cls, sandbox: PreloadedSandbox) -> _ForkedWorker:
        """Let a worker be forked."""
        base = ForkBase.of(sandbox.base_pid)
        events, events_inside = os.pipe()
        inputs_inside, inputs = os.pipe()
        log, log_inside = os.pipe()
        inside = [events_inside, inputs_inside, log_inside]
        worker = cls(
            sandbox=sandbox,
            events=os.fdopen(events, "rb", buffering=0),
            inputs=os.fdopen(inputs, "wb"),
            log=os.fdopen(log, "rb", buffering=0),
            base=base,
        )
        try:
            sandbox.control.settimeout(CLEAN_TIMEOUT_S)
            socket.send_fds(sandbox.control, [_RUN], inside)
        except OSError:
            sandbox.is_alive = False  # every stream ends at once, and the run with them
        finally:
            for descriptor in inside:
                os.close(descriptor)
        return worker

    def __enter__(self) -> _ForkedWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.events.close()
        self.inputs.close()
        if self.log is not None:
            self.log.close()

    def usage(self) -> Usage:
        """What its processes use."""
        return self.base.usage()

    def shared_out_memory_mib(self) -> float:
        """Memory of its processes with each shared page counted once."""
        return self.base.shared_out_memory_mib()

    def exit_status(self) -> int | None:
        """How its driver ended; ``None`` while it runs or is being cleaned up after."""
        if self.news is None:
            self.news = self.sandbox._news(timeout_s=0.01)
        if self.news is None:
            return None if self.sandbox.is_alive else -9
        return self.news.exit_status


def _innermost(pid: int) -> int:
    """The process that is forked from: the one at the end of bubblewrap's chain."""
    below = psutil.Process(pid).children(recursive=True)
    lone = [process for process in below if not process.children()]
    if len(lone) != 1:
        message = "a preloaded sandbox has other processes than it should"
        raise ZygoteUnfitError(message)
    return int(lone[0].pid)


def log_path(scratch: Scratch) -> Path:
    """Where a preloaded sandbox's own messages go."""
    return scratch.root / "log"
