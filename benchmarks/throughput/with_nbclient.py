"""Plain nbclient: one process, a fresh kernel for each notebook, no grading at all.

The floor for every grader that starts a kernel per notebook. Two workers are two processes, each
over half of the class.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from throughput.environments import executable, process_environment
from throughput.measuring import Case, Command, Graded, Plan
from throughput.submissions import ENTRY, notebook_bytes

PROCESS: Final = Path(__file__).with_name("nbclient_process.py")


@dataclass(frozen=True, slots=True)
class Plain:
    """nbclient as its documentation shows it: ``NotebookClient(...).execute()``."""

    name: str = "nbclient"
    title: str = "plain nbclient"

    def prepare(self, case: Case) -> Plan:
        """One folder per student, with the data beside the notebook."""
        lay_out(case, case.folder)
        python = executable("grader", "python")
        commands = tuple(
            Command((python, "-P", str(PROCESS), str(case.folder), *keys), case.folder)
            for keys in ([one.key for one in case.part(n)] for n in range(case.workers))
            if keys
        )
        return Plan(commands, case.workers, process_environment("grader"))

    def read(self, case: Case) -> dict[str, Graded]:
        """Nothing is graded: every cell must have run and the evaluation have been printed."""
        found = {}
        for path in sorted(case.folder.glob(f"*/executed-{ENTRY}")):
            cells = code_cells_of(path)
            number = next(one.number for one in case.submissions if one.key == path.parent.name)
            problem = what_did_not_run(cells, f"F1 of student {number}:")
            found[path.parent.name] = Graded(
                is_right=not problem,
                said=problem or "ran",
                finished_at=path.stat().st_mtime,
                cells_s=cell_times(cells),
            )
        return found


def lay_out(case: Case, folder: Path) -> None:
    """Write ``folder/<student>/circles.ipynb`` and the data beside it."""
    for one in case.submissions:
        target = folder / one.key
        target.mkdir(parents=True)
        (target / ENTRY).write_bytes(notebook_bytes(one.cells))
        for name, content in case.data.items():
            (target / name).write_bytes(content)


def code_cells_of(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook, as JSON."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def what_did_not_run(cells: Sequence[dict[str, Any]], wanted: str) -> str:
    """Say what is amiss with executed cells; empty if each ran and one printed ``wanted``."""
    for number, cell in enumerate(cells, start=1):
        if cell["execution_count"] is None:
            return f"cell {number} did not run"
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                return f"cell {number}: {output['ename']}: {output['evalue']}"
    printed = "".join(
        "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream"
    )
    return "" if wanted in printed else f"nothing printed {wanted!r}"


def cell_times(cells: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    """Wall time of each cell from the timestamps that nbclient leaves, seconds.

    Source: nbclient's trait ``record_timing``: ``metadata.execution`` of a cell holds the time at
    which the kernel took the cell up and the time of its reply.
    """
    times = []
    for cell in cells:
        stamps = cell["metadata"].get("execution", {})
        start, end = stamps.get("iopub.execute_input"), stamps.get("shell.execute_reply")
        if start is None or end is None:
            return ()
        times.append((as_time(end) - as_time(start)).total_seconds())
    return tuple(times)


def as_time(stamp: str) -> datetime:
    """A timestamp of nbclient's."""
    return datetime.fromisoformat(stamp)
