"""Puts a run, a model and its numbers into the words and tables of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.choice import Choice
from grader.evidence import (
    MAX_CANDIDATES,
    Candidate,
    CellRun,
    Evidence,
    ExerciseBrief,
    Measurement,
    Notice,
    NoticeKind,
    RunRecord,
    RunState,
)
from grader.pipeline.model_table import model_rows
from grader.pipeline.setting import Setting
from grader.pipeline.store import HandedIn
from grader.pipeline.view import (
    ExerciseView,
    describe_failure,
    failed_cells,
    lacking_package,
    plot_decisions,
)
from grader.report.model import (
    Boundary,
    CellReport,
    ClassScores,
    MetricsReport,
    ModelReport,
    RunReport,
    RunReportResources,
)

MAX_PLOT_POINTS = 400
MAX_FOREIGN_CLASSES = 8
"""Decisions for more classes than these, beyond those of the exercise, are forged: no picture."""
MAX_LOG_CHARACTERS = 20_000


def describe_run(record: RunRecord, handed_in: HandedIn, log: str) -> RunReport:
    """Tell the story of a run."""
    testimony = record.testimony
    cells = testimony.cells if testimony else ()
    notices = (*testimony.notices, *testimony.examination.notices) if testimony else ()
    resources = record.resources
    intake = tuple(Notice(kind=NoticeKind.INTAKE, text=note) for note in handed_in.notes)
    return RunReport(
        state=record.outcome.state,
        headline=_headline(record, handed_in),
        cell=record.outcome.cell,
        cells_total=len(cells),
        cells_failed=tuple(_cell_report(cell, cells) for cell in failed_cells(record)),
        notices=(*intake, *notices),
        entry=handed_in.entry_name,
        isolation=record.isolation,
        limits=record.limits,
        packages=testimony.environment.packages if testimony else {},
        resources=RunReportResources(
            started_at=resources.started_at,
            wall_time_s=resources.wall_time_s,
            cpu_s=resources.cpu_s,
            peak_memory_mib=resources.peak_memory_mib,
            worker=resources.worker,
            cells_s=tuple(cell.wall_time_s for cell in cells),
            log=log[-MAX_LOG_CHARACTERS:],
        ),
    )


def _headline(record: RunRecord, handed_in: HandedIn) -> str:
    outcome = record.outcome
    if handed_in.problem is not None:
        return f"Nothing was run: {handed_in.problem.detail}"
    if outcome.state is RunState.GRADER_FAILED:
        return "The grader failed while running this; it says nothing about the work."
    if outcome.state is not RunState.COMPLETED:
        where = f" It happened in cell {outcome.cell}." if outcome.cell else ""
        stopped = "" if outcome.state is RunState.KERNEL_DIED else "The run was stopped. "
        return f"{stopped}{outcome.detail}{where}"
    failed = failed_cells(record)
    trained = _trained(record)
    models = "nothing trained"
    if record.testimony is None or record.testimony.examination.problem:
        models = "its models could not be examined"
    elif trained:
        models = f"{trained} model{'' if trained == 1 else 's'} trained"
        if trained == MAX_CANDIDATES:
            models = f"{trained} or more models trained"
    if failed:
        return f"The code ran, but {describe_failure(failed[0])}; {models}."
    return f"Every cell ran; {models}."


_WHAT_TO_DO = {
    RunState.CPU_LIMIT: "Find out why {cell} takes so long: an endless loop, or too much training.",
    RunState.WALL_TIME_LIMIT: "Find out why {cell} does not end: it waits for something.",
    RunState.MEMORY_LIMIT: "Find out what {cell} keeps in memory: keep numbers, not tensors.",
    RunState.PROCESS_LIMIT: "Do without the processes or threads that {cell} starts.",
    RunState.DISK_LIMIT: "Write fewer or smaller files in {cell}.",
    RunState.KERNEL_DIED: "Mend {cell} first: it ends the Python process.",
}


def first_thing_to_mend(record: RunRecord, handed_in: HandedIn) -> str:
    """What must be mended before anything else can count; empty if the criteria say it."""
    state = record.outcome.state
    if handed_in.problem is not None:
        return "Hand in a notebook or module that can be opened, with your code in it."
    if state in _WHAT_TO_DO:
        cell = record.outcome.cell
        return _WHAT_TO_DO[state].format(cell=f"cell {cell}" if cell else "your code")
    failed = failed_cells(record)
    if lacking_package(record) is not None:
        return ""
    if state is RunState.COMPLETED and failed and not _trained(record):
        failure = describe_failure(failed[0]).removeprefix(f"cell {failed[0].number} ")
        return f"Mend cell {failed[0].number} first. It {failure}."
    return ""


def _trained(record: RunRecord) -> int:
    candidates = record.testimony.examination.candidates if record.testimony else ()
    return sum(candidate.is_trained for candidate in candidates)


def _cell_report(cell: CellRun, cells: tuple[CellRun, ...]) -> CellReport:
    consequences = tuple(
        other.number for other in cells if other.error and other.error.caused_by_cell == cell.number
    )
    return CellReport(
        number=cell.number, state=cell.state, error=cell.error, consequences=consequences
    )


def describe_model(candidate: Candidate, choice: Choice) -> ModelReport:
    """Put the chosen model into a table of facts."""
    return ModelReport(
        name=", ".join(candidate.names) or f"a {candidate.model.class_name or 'model'}",
        why=_ended(choice.why),
        framework=str(candidate.framework),
        rows=model_rows(candidate),
        others=tuple(_ended(other) for other in choice.others),
    )


def no_model_sentence(view: ExerciseView) -> str:
    """Why no model is shown."""
    return _sentence(view.evidence.hidden.reason)


def metrics_of(evidence: Evidence) -> tuple[MetricsReport, ...]:
    """Tables of what was measured, hidden data first."""
    return tuple(
        _metrics(fact.known_value, split)
        for fact, split in ((evidence.hidden, "hidden"), (evidence.validation, "validation"))
        if fact.is_known
    )


def _metrics(measurement: Measurement, split: str) -> MetricsReport:
    scores = (*measurement.per_class.items(), *measurement.averages.items())
    return MetricsReport(
        split="hidden" if split == "hidden" else "validation",
        samples=measurement.samples,
        accuracy=measurement.accuracy,
        scores=tuple(
            ClassScores(name=name, precision=each.precision, recall=each.recall, f1=each.f1)
            for name, each in scores
        ),
        confusion=tuple(tuple(float(n) for n in row) for row in measurement.confusion),
    )


def boundary(
    candidate: Candidate,
    arrays: Mapping[str, npt.NDArray[Any]],
    brief: ExerciseBrief,
    setting: Setting,
) -> Boundary | None:
    """Decisions over the plane, for plane data."""
    public = setting.public[brief.id]
    decided = plot_decisions(candidate, arrays, brief)
    grid = public.grid
    if decided is None or len(decided) == 0 or len(decided) != len(grid.x) * len(grid.y):
        return None
    if len(np.unique(decided)) > len(brief.classes) + MAX_FOREIGN_CLASSES:
        return None
    rows = decided.reshape(len(grid.y), len(grid.x))
    points = zip(
        public.train.inputs[:MAX_PLOT_POINTS], public.train.labels[:MAX_PLOT_POINTS], strict=True
    )
    return Boundary(
        x=tuple(round(float(value), 4) for value in grid.x),
        y=tuple(round(float(value), 4) for value in grid.y),
        decided=tuple(tuple(int(value) for value in row) for row in rows),
        points=tuple(
            (round(float(x), 4), round(float(y), 4), int(label)) for (x, y), label in points
        ),
    )


def _ended(text: str) -> str:
    """End a sentence that begins with a variable's name, which keeps its small letter."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
