"""What is worth telling about a cell although it is no fault: installs, downloads, questions."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

from grader.evidence import CellError, CellRun, Limits, Notice, NoticeKind

IGNORED_MARK = "[ignored by the grader]"
"""The kernel prints this with the command where it leaves one out; see ``kernel.py``."""
_MISSING = re.compile(r"No module named '([\w.]+)'")
_NETWORK = ("URLError", "ConnectionError", "gaierror", "MaxRetryError", "NewConnectionError")
_NO_MEMORY = re.compile(r"_ArrayMemoryError|DefaultCPUAllocator: (?:can't|not enough)|\[Errno 12\]")
_NO_INPUT = ("StdinNotImplementedError",)
_INSTALLERS = re.compile(r"\b(pip3?|conda|mamba|apt|apt-get|uv)\b")


def notices_of_cell(run: CellRun, *, printed: tuple[str, str]) -> list[Notice]:
    """What a cell tried that the grader does not do.

    Args:
        run: What became of it.
        printed: What it printed, and which limit dropped part of that, if one did.
    """
    notices = []
    text, limit = printed
    for line in text.splitlines():
        if line.startswith(IGNORED_MARK):
            command = line.removeprefix(IGNORED_MARK).strip()[:200]
            is_install = _INSTALLERS.search(command) is not None
            kind = NoticeKind.INSTALL_IGNORED if is_install else NoticeKind.SHELL_IGNORED
            notices.append(Notice(kind=kind, text=f"not carried out: {command}", cell=run.number))
    if limit:
        notices.append(
            Notice(
                kind=NoticeKind.OUTPUT_CUT,
                text=f"this cell printed more than {limit}; the rest was dropped",
                cell=run.number,
            )
        )
    if run.error and run.error.name in _NO_INPUT:
        notices.append(
            Notice(
                kind=NoticeKind.NO_INPUT,
                text="input() was called, but nobody can answer while this is graded",
                cell=run.number,
            )
        )
    if run.error and _is_network(run.error):
        notices.append(
            Notice(
                kind=NoticeKind.NO_NETWORK,
                text="this cell wanted the network, which is not there while this is graded",
                cell=run.number,
            )
        )
    return notices


def notices_of_limits(error: CellError, cell: int, limits: Limits) -> list[Notice]:
    """Name the limit, with its value, that a cell ran into without the run being ended by it.

    The kernel refuses the system call; what the student sees of that is an ordinary exception.
    """
    text = ""
    if "[Errno 27]" in error.message:
        text = f"a file may be no larger than {limits.file_mib} MiB"
    elif "[Errno 11]" in error.message or "can't start new thread" in error.message:
        text = f"there may be no more than {limits.processes} processes and threads at a time"
    elif error.name == "MemoryError" or _NO_MEMORY.search(f"{error.name}: {error.message}"):
        text = f"there may be no more than {limits.memory_mib} MiB of memory in use"
    return [Notice(kind=NoticeKind.LIMIT, text=text, cell=cell)] if text else []


def missing_package(error: CellError, work: Path) -> str:
    """Name the package that the environment lacks, if that is why a cell failed.

    Args:
        error: Of the cell.
        work: The working folder; what lies there is the student's own.

    Returns:
        The top-level name; empty if the error has another reason.
    """
    if error.name not in ("ModuleNotFoundError", "ImportError"):
        return ""
    found = _MISSING.search(error.message)
    if not found:
        return ""
    name = found.group(1).split(".")[0]
    is_there = (
        name in sys.stdlib_module_names
        or (work / f"{name}.py").exists()
        or (work / name).is_dir()
        or importlib.util.find_spec(name) is not None
    )
    return "" if is_there else name


def _is_network(error: CellError) -> bool:
    text = f"{error.name}: {error.message}"
    return any(word in text for word in _NETWORK) or "name resolution" in text
