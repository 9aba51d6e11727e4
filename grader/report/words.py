"""How a report says things: outcomes, points, limits, provenance; the same in every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from grader.checks.base import Outcome
from grader.evidence import CellState, Limits, RunState
from grader.report.model import CellReport, CriterionReport, Report, RunReport


@dataclass(frozen=True, slots=True)
class OutcomeWord:
    """A sign and a word, so that no outcome is told by its colour alone."""

    sign: str
    word: str


OUTCOME_WORDS: Final = {
    Outcome.PASSED: OutcomeWord("✓", "passed"),
    Outcome.PARTIAL: OutcomeWord("◐", "in part"),
    Outcome.FAILED: OutcomeWord("✗", "not passed"),
    Outcome.UNDETERMINED: OutcomeWord("?", "undecided"),
    Outcome.SKIPPED: OutcomeWord("—", "skipped"),
    Outcome.ERROR: OutcomeWord("?", "undecided"),
}

PROVENANCE_WORDS: Final = {
    "recorded": "noted while the submitted code ran",
    "probed": "found by examining the model after the last cell",
    "measured": "computed by the grader, outside the submitted program",
}

RUN_WORDS: Final = {
    RunState.COMPLETED: "ran to the end",
    RunState.KERNEL_DIED: "the program ended in the middle of a cell",
    RunState.CPU_LIMIT: "stopped at the limit of computing time",
    RunState.WALL_TIME_LIMIT: "stopped at the time limit",
    RunState.MEMORY_LIMIT: "stopped at the memory limit",
    RunState.PROCESS_LIMIT: "stopped at the limit of processes",
    RunState.DISK_LIMIT: "stopped at the limit of disk space",
    RunState.NOT_RUN: "could not be run",
    RunState.GRADER_FAILED: "the grader failed, not the submission",
}


def class_name(classes: Sequence[str], index: int) -> str:
    """Name a class; a model may have more outputs than the task has classes."""
    return classes[index] if 0 <= index < len(classes) else f"output {index}, which is no class"


def decimal_text(number: Decimal) -> str:
    """Write points without needless zeros: ``10``, ``0.5``, ``2.57``."""
    if not number:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def points_text(number: Decimal) -> str:
    """Write points with their noun: ``1 point``, ``2.5 points``."""
    return f"{decimal_text(number)} {'point' if number == 1 else 'points'}"


def criterion_points(criterion: CriterionReport) -> str:
    """Write what a criterion brought: ``0.5 / 1``, ``pending / 4``, ``+0.5 bonus``."""
    if criterion.pending > 0 or criterion.outcome.is_pending:
        earned = f"{decimal_text(criterion.earned)} + " if criterion.earned else ""
        text = f"{earned}pending / {decimal_text(criterion.maximum)}"
    else:
        text = f"{decimal_text(criterion.earned)} / {decimal_text(criterion.maximum)}"
    return f"{text} bonus" if criterion.bonus else text


def limits_text(limits: Limits) -> str:
    """Write every limit that was in force."""
    return (
        f"{limits.cpu_s:g} s of computing time, {limits.wall_time_s:g} s in all, "
        f"{limits.memory_mib} MiB of memory, {limits.processes} processes and threads, "
        f"{limits.file_mib} MiB per file and {limits.slot_mib} MiB of files in all, "
        f"{limits.cell_output_mib} MiB of output per cell and {limits.output_mib} MiB in all"
    )


def rests_on_evidence(criterion: CriterionReport) -> bool:
    """Whether something was looked at, so that it means something where that comes from."""
    return criterion.outcome not in (Outcome.SKIPPED, Outcome.ERROR)


def advice_label(criterion: CriterionReport) -> str:
    """What stands before the advice: there is nothing to try while a person has to decide."""
    return "Next" if criterion.outcome.is_pending else "Try"


def cell_heading(cell: CellReport) -> str:
    """Say which cell failed and in which line."""
    line = cell.error.line if cell.error else None
    where = f", line {line}" if line is not None else ""
    return f"Cell {cell.number}{where}: {cell.state}"


def consequences_text(cell: CellReport) -> str:
    """Say which later cells failed only because this one did; empty if none."""
    return f"{_cells(cell.consequences)} failed only because of it." if cell.consequences else ""


def cells_not_run(run: RunReport) -> str:
    """Say which cells were never started; empty if none."""
    numbers = tuple(c.number for c in run.cells_failed if c.state is CellState.NOT_RUN)
    return f"{_cells(numbers)} did not run." if numbers else ""


def _cells(numbers: tuple[int, ...]) -> str:
    """Name cells, three or more in a row as a range: ``Cells 2, 5 and 7 to 9``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        parts += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run]
    if len(numbers) == 1:
        return f"Cell {parts[0]}"
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"Cells {listed}"


def attempt_text(report: Report) -> str:
    """Say which attempt was graded."""
    attempt = report.attempt
    if attempt.of <= 1:
        return "only attempt"
    latest = ", the latest, which counts" if attempt.number == attempt.of else ""
    return f"attempt {attempt.number} of {attempt.of}{latest}"


def what_happened(report: Report) -> str:
    """The one line on a report that tells an instructor most."""
    if report.run.state is RunState.COMPLETED and report.first_thing:
        return report.first_thing
    return report.run.headline


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "decimal": decimal_text,
    "points": points_text,
    "criterion_points": criterion_points,
    "cell_heading": cell_heading,
    "consequences": consequences_text,
    "cells_not_run": cells_not_run,
    "rests_on_evidence": rests_on_evidence,
    "advice_label": advice_label,
    "limits": limits_text,
}
"""What templates of every format call to say things."""

GLOBALS: Final[Mapping[str, Any]] = {
    "outcome_words": OUTCOME_WORDS,
    "provenance_words": PROVENANCE_WORDS,
    "run_words": RUN_WORDS,
    "name_of": class_name,
    "format": format,
}
"""What templates of every format look things up in."""
