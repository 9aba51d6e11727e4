"""Runs forked from preloaded sandboxes, behind the :class:`~grader.sandbox.interface.Runner`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import psutil

from grader.errors import SandboxError
from grader.evidence import RunState
from grader.sandbox.interface import Job, RunResult
from grader.sandbox.queueing import frameworks_of
from grader.sandbox.runner import FreshSandboxRunner
from grader.sandbox.trial import Trial
from grader.sandbox.zygote import PreloadedSandbox, ZygoteUnfitError

RUNS_PER_SANDBOX = 100
"""After so many a sandbox is replaced, in case one leaves something that nobody looks for."""
FIRST_SLOT = 200
"""Slots below are those of fresh sandboxes; see ``bwrap.UIDS``."""
SANDBOX_MEMORY_MIB = 1536
"""What a further preloaded sandbox needs, for itself and to leave room for a run."""
PRELOADED, FRESH = "preloaded", "fresh"
Frameworks = tuple[str, ...]


def _say_nothing(text: str) -> None:
    del text


@dataclass(slots=True)
class ForkedRunner:
    """Keeps sandboxes in which a framework is imported, and forks every run from one of them.

    A submission that needs both frameworks runs in a fresh sandbox, and so does every one where
    forking does not work; that is said once, and stands in each result.

    Attributes:
        trial: The isolation level to use, as tried.
        say: Told once why runs are not forked.
    """

    trial: Trial
    say: Callable[[str], None] = _say_nothing
    _fresh: FreshSandboxRunner = field(init=False)
    _idle: list[PreloadedSandbox] = field(default_factory=list)
    _unfit: dict[Frameworks, str] = field(default_factory=dict)
    _slots_in_use: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _starter: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._fresh = FreshSandboxRunner(self.trial)
        # A sandbox ends with the thread that started it, so this one must outlive all of them.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandboxes")

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """Run one submission; whatever goes wrong becomes the result's outcome."""
        frameworks = frameworks_of(job)
        if frameworks is None:
            return self._run_fresh(job, cancelled, "it needs more than one framework")
        try:
            sandbox = self._taken(frameworks, cancelled)
        except (SandboxError, OSError) as exc:
            return self._run_fresh(job, cancelled, self._noted(frameworks, exc))
        try:
            result = sandbox.run(job, cancelled=cancelled)
        except Exception as exc:  # noqa: BLE001  # one run's failure must never stop a class
            self._put_back(sandbox)
            return self._run_fresh(job, cancelled, f"the preloaded one failed: {exc}")
        has_died = not sandbox.is_alive
        self._put_back(sandbox)
        if has_died and result.outcome.state is RunState.GRADER_FAILED and not cancelled():
            return self._run_fresh(job, cancelled, "the preloaded one ended")
        return _told(result, PRELOADED)

    def close(self) -> None:
        """End every sandbox."""
        with self._lock:
            idle, self._idle = self._idle, []
        for sandbox in idle:
            self._end(sandbox)
        self._starter.shutdown(wait=True)

    def _run_fresh(self, job: Job, cancelled: Callable[[], bool], why: str) -> RunResult:
        return _told(self._fresh.run(job, cancelled=cancelled), f"{FRESH}: {why}")

    def _noted(self, frameworks: Frameworks, error: Exception) -> str:
        why = str(error)
        if isinstance(error, ZygoteUnfitError):
            with self._lock:
                is_news = frameworks not in self._unfit
                self._unfit[frameworks] = why
            if is_news:
                self.say(f"each submission gets a sandbox of its own, which is slower: {why}")
        return why

    def _taken(self, frameworks: Frameworks, cancelled: Callable[[], bool]) -> PreloadedSandbox:
        """Take an idle sandbox or start one.

        Raises:
            SandboxError: None can be had.
        """
        with self._lock:
            if frameworks in self._unfit:
                raise ZygoteUnfitError(self._unfit[frameworks])
            for sandbox in self._idle:
                if sandbox.frameworks == frameworks:
                    self._idle.remove(sandbox)
                    return sandbox
            is_scarce = _available_mib() < SANDBOX_MEMORY_MIB
            given_up = [self._idle.pop(0)] if self._idle and is_scarce else []
            slot = next(n for n in range(FIRST_SLOT, 400) if n not in self._slots_in_use)
            self._slots_in_use.add(slot)
        for sandbox in given_up:
            self._end(sandbox)
        sandbox = self._starter.submit(
            PreloadedSandbox.start, self.trial, frameworks, slot
        ).result()
        try:
            sandbox.wait_until_ready(cancelled=cancelled)
        except BaseException:
            self._end(sandbox)
            raise
        return sandbox

    def _put_back(self, sandbox: PreloadedSandbox) -> None:
        if sandbox.is_usable and sandbox.runs < RUNS_PER_SANDBOX:
            with self._lock:
                self._idle.append(sandbox)
        else:
            self._end(sandbox)

    def _end(self, sandbox: PreloadedSandbox) -> None:
        sandbox.end()
        with self._lock:
            self._slots_in_use.discard(sandbox.slot)


def _available_mib() -> float:
    return float(psutil.virtual_memory().available) / 2**20


def _told(result: RunResult, worker: str) -> RunResult:
    resources = result.resources.model_copy(update={"worker": worker[:300]})
    return replace(result, resources=resources)
