"""What is diagnosed of a program, by the very functions that a report is made with."""

from __future__ import annotations

import numpy as np

from battery.facts import asked_about
from battery.harness import Seen
from grader import __version__
from grader.evidence import (
    CellRun,
    CellState,
    RunOutcome,
    RunRecord,
    RunState,
    Testimony,
)
from grader.pipeline.diagnosis import Findings, errors_of, findings_of
from grader.pipeline.view import Labels, view_exercise


def diagnosed_in(seen: Seen) -> tuple[str, ...]:
    """Ids of the errors and warnings, the root first."""
    record = record_of(seen)
    rows = seen.exercise
    if rows is None:
        candidate = asked_about(seen.examination, seen.program.sheet.model)
        findings = Findings(candidate=candidate, errors=errors_of(record))
    else:
        files = seen.folder.glob("*.npy")
        arrays = {file.name: np.load(file, allow_pickle=False) for file in files}
        nothing = np.empty(0, dtype=np.int64)
        labels = Labels(hidden=nothing, validation=rows.validation_labels)
        view = view_exercise(record, None, arrays, rows.brief, labels, exercises=1)
        findings = findings_of(view, record, arrays, rows.brief, labels.validation)
    return tuple(one.id for one in findings.diagnoses())


def record_of(seen: Seen) -> RunRecord:
    """The record of a run with one cell, as the worker would have left it."""
    state = CellState.RAN if seen.error is None else CellState.FAILED
    return RunRecord(
        grader_version=__version__,
        assignment="battery",
        submission_sha256="",
        isolation="none",
        outcome=RunOutcome(state=RunState.COMPLETED),
        testimony=Testimony(
            entry_kind="module",
            cells=(CellRun(number=1, state=state, error=seen.error),),
            examination=seen.examination,
        ),
    )
