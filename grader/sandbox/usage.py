"""What a process tree uses, seen from outside."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """One look at a process tree.

    Attributes:
        cpu_s: User and system time of the living and of the children they waited for, seconds.
        memory_mib: Anonymous and shared memory, without files that are only mapped; what several
            processes share is divided among them where the sum would be too much.
        processes: Threads of all processes.
    """

    cpu_s: float = 0.0
    memory_mib: float = 0.0
    processes: int = 0

    def at_least(self, other: Usage) -> Usage:
        """The larger of each; processes that ended between two looks take their time with them."""
        return Usage(
            cpu_s=max(self.cpu_s, other.cpu_s),
            memory_mib=max(self.memory_mib, other.memory_mib),
            processes=max(self.processes, other.processes),
        )


def usage_of_tree(root: int) -> Usage:
    """Look at a process and all its descendants.

    Args:
        root: Process id of the sandbox's outermost process.
    """
    cpu_s = memory = 0.0
    threads = 0
    try:
        top = psutil.Process(root)
        processes = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return Usage()
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                threads += process.num_threads()
        except psutil.Error:
            continue
        cpu_s += times.user + times.system + times.children_user + times.children_system
        memory += _kib(process.pid, "status", ("RssAnon:", "RssShmem:"))
    return Usage(cpu_s=cpu_s, memory_mib=memory / 2**10, processes=threads)


@dataclass(frozen=True, slots=True)
class ForkBase:
    """A process that runs are forked from, as it stood before a run.

    Attributes:
        pid: Its process id, seen from outside.
        reaped_cpu_s: CPU time of the children that it had waited for.
        memory_mib: Its own memory, which a fork of it shares.
    """

    pid: int
    reaped_cpu_s: float
    memory_mib: float

    @classmethod
    def of(cls, pid: int) -> ForkBase:
        """Look at it now."""
        reaped_cpu_s = 0.0
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            reaped_cpu_s = times.children_user + times.children_system
        memory = _kib(pid, "status", ("RssAnon:", "RssShmem:")) / 2**10
        return cls(pid=pid, reaped_cpu_s=reaped_cpu_s, memory_mib=memory)

    def usage(self) -> Usage:
        """What was forked from it uses; what it was before does not count, nor does itself.

        The oldest child is our own driver, which hardly touches what it shares with it.
        """
        try:
            base = psutil.Process(self.pid)
            times = base.cpu_times()
            children = sorted(base.children(), key=lambda child: (child.create_time(), child.pid))
            trees = [usage_of_tree(child.pid) for child in children]
        except psutil.Error:
            return Usage()
        shared = self.memory_mib if trees else 0.0
        reaped_cpu_s = times.children_user + times.children_system - self.reaped_cpu_s
        return Usage(
            cpu_s=reaped_cpu_s + sum(tree.cpu_s for tree in trees),
            memory_mib=max(0.0, sum(tree.memory_mib for tree in trees) - shared),
            processes=sum(tree.processes for tree in trees),
        )

    def shared_out_memory_mib(self) -> float:
        """Memory of what was forked from it, with each shared page counted once."""
        memory = 0.0
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self.pid).children()
            children.sort(key=lambda child: (child.create_time(), child.pid))
            for driver in children[:1]:
                own = _kib(driver.pid, "status", ("RssAnon:", "RssShmem:")) / 2**10
                memory += max(0.0, own - self.memory_mib)
                children += driver.children()
            memory += sum(shared_out_memory_mib(child.pid) for child in children[1:])
        return memory


def shared_out_memory_mib(root: int) -> float:
    """Memory of a tree with each shared page counted once; slower than :func:`usage_of_tree`.

    A process that hides the details of its memory is charged for all that it shares.
    """
    memory = 0.0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(root)
        for process in (top, *top.children(recursive=True)):
            divided = _kib(process.pid, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
            memory += divided or _kib(process.pid, "status", ("RssAnon:", "RssShmem:"))
    return memory / 2**10


def _kib(pid: int, file: str, fields: tuple[str, ...]) -> float:
    """Sum some fields of a file in ``/proc``, in KiB. Source: Linux, ``proc(5)``."""
    try:
        text = Path("/proc", str(pid), file).read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    lines = (line.split() for line in text.splitlines() if line.startswith(fields))
    return float(sum(int(words[1]) for words in lines))
