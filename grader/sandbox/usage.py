"""What a process tree uses, seen from outside."""

from __future__ import annotations

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """One look at a process tree.

    Attributes:
        cpu_s: User and system time of the living and of the children they waited for, seconds.
        memory_mib: Private memory: resident less shared, summed over processes.
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
                sizes = process.memory_info()
                threads += process.num_threads()
        except psutil.Error:
            continue
        cpu_s += times.user + times.system + times.children_user + times.children_system
        memory += max(0, sizes.rss - sizes.shared)
    return Usage(cpu_s=cpu_s, memory_mib=memory / 2**20, processes=threads)
