"""Runs a few cells for real, at an isolation level."""

from __future__ import annotations

from pathlib import PurePosixPath

import nbformat

from grader.evidence import CellRun, CellState, Limits, RunState, Testimony
from grader.pipeline.grade import public_rows
from grader.pipeline.setting import Setting
from grader.sandbox.interface import Job, RunResult
from grader.sandbox.runner import FreshSandboxRunner
from grader.sandbox.trial import Trial


def job_of(
    setting: Setting,
    *cells: str,
    kind: str = "notebook",
    files: dict[str, bytes] | None = None,
    **limits: float,
) -> Job:
    """Make a job of some cells, with the data of the first exercise."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    return Job(
        notebook=str(nbformat.writes(book)),
        entry_kind=kind,
        entry_name="work.py" if kind == "module" else "work.ipynb",
        files={PurePosixPath(name): content for name, content in (files or {}).items()},
        briefs=(setting.assignment.exercises[0].brief(),),
        public=public_rows(setting),
        hidden_inputs={"circles": setting.hidden["circles"].inputs},
        limits=Limits(**{"cpu_s": 30, "wall_time_s": 60, **limits}),
    )


def run_cells(
    trial: Trial,
    setting: Setting,
    *cells: str,
    kind: str = "notebook",
    files: dict[str, bytes] | None = None,
    **limits: float,
) -> RunResult:
    """Run some cells in a fresh sandbox of a level."""
    job = job_of(setting, *cells, kind=kind, files=files, **limits)
    return FreshSandboxRunner(trial).run(job, cancelled=lambda: False)


def told(result: RunResult) -> Testimony:
    assert result.outcome.state is RunState.COMPLETED, (result.outcome, result.log)
    assert result.testimony is not None
    return result.testimony


def states(cells: tuple[CellRun, ...]) -> list[CellState]:
    return [cell.state for cell in cells]
