"""The page ``throughput.md``: what was measured, on what, and whether the targets are met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from throughput.figures import (
    Figure,
    Group,
    mean_training_s,
    seconds_per_submission,
    wall_by_student_time,
)
from throughput.measuring import Mode
from throughput.targets import PRELOADED, STAND_IN, Groups, all_targets
from throughput.times import RawTimes, Taken

HOW: Final = """\
Written by `make bench-throughput`; do not edit. `throughput.json` beside it holds every time.

Every tool grades the same notebooks (`benchmarks/throughput/submissions.py`), which differ from one
another in seed, width and learning rate; every fourth has no activation and must lose points. The
time of a tool counts only if it wrote down the right points for everybody. Times are wall clock,
from the start of the first process to the end of the last, divided by the number of submissions;
the tools take turns within a round. Each number is the median over rounds, with the smallest and
largest round in brackets. Each submission has one thread, with every tool.

* **nbgrader**: `nbgrader autograde` once over the class; the tests are two cells, one of them
  hidden. It grades one submission after another; two at a time are two calls over half of the class
  each, with a course folder each.
* **otter**: `otter run` per submission, without Docker, as many calls at a time as stated; the same
  two tests as test files.
* **plain nbclient**: one process, a fresh kernel per notebook, default (graceful) shutdown; nothing
  is graded. Two at a time are two processes over half of the class each.
* **grader, fresh**: `grader grade --fresh`: a fresh sandbox per submission, examination, hidden
  data, rubric and all reports.
* **grader, preloaded**: `grader grade --preload`; the same work.

*Cells* is the mean, over submissions, of the sum of the wall times of the student's own cells:
nbgrader and nbclient leave the kernel's timestamps in the notebook they write, the grader measures
cells itself (`run.resources.cells_s` of a report). otter keeps neither: the cells of plain nbclient
stand for its own. The import of the framework is part of the first cell's time wherever a kernel is
started anew. *Beyond cells* is what is left of a worker's time: wall clock times workers, by
submissions, minus cells. *Steady state* leaves out what came before each worker's first result.
"""


def page(times: RawTimes, modes: Sequence[Mode]) -> str:
    """The whole page, in Markdown."""
    groups = grouped(times.taken)
    rounds = max(one.what.round for one in times.taken)
    dates = sorted({one.date for one in times.taken})
    loads = [one.measurement.load for one in times.taken]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    lines = [
        "# How long a class takes",
        "",
        HOW,
        f"{times.setting['machine']}. {when}, rounds: {rounds}; load average before a measurement "
        f"{min(loads):.1f} to {max(loads):.1f}.",
        "",
        "## Targets",
        "",
        *target_table(groups),
    ]
    for (framework, training, workers), group in sorted(groups.items()):
        size = group.taken[0].what.size
        lines += [
            "",
            f"## {framework}, {training} training, {size} submissions, {workers} at a time",
            "",
            *group_table(group, modes),
            "",
            training_sentence(group),
        ]
    return "\n".join([*lines, "", "## Versions", "", *versions(times.setting["versions"])]) + "\n"


def grouped(taken: Iterable[Taken]) -> Groups:
    """Measurements by framework, training and number of workers."""
    found: dict[tuple[str, str, int], list[Taken]] = defaultdict(list)
    for one in taken:
        found[one.what.framework, one.what.training, one.what.workers].append(one)
    return {key: Group(tuple(group)) for key, group in found.items()}


def target_table(groups: Groups) -> list[str]:
    """Each target and whether it is met."""
    lines = ["| target | measured | |", "| --- | --- | --- |"]
    for target in all_targets(groups):
        lines.append(f"| {target.text} | {shown(target.figure)} | {target.verdict} |")
    return lines


def group_table(group: Group, modes: Sequence[Mode]) -> list[str]:
    """Each tool's figures for one class."""
    lines = [
        "| tool | rounds | s per submission | times the grader preloaded | cells, s | "
        "beyond cells, s | steady state, s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for mode in modes:
        taken = group.of(mode.name)
        if not taken:
            continue
        cells = group.cells_s(mode.name, STAND_IN)
        row = (
            mode.title,
            str(len(taken)),
            shown(group.figure(mode.name, seconds_per_submission)),
            "" if mode.name == PRELOADED else shown(group.ratio(mode.name, PRELOADED)),
            "unknown" if cells is None else f"{cells:.2f}",
            shown(group.overhead(mode.name, STAND_IN)),
            shown(group.steady_overhead(mode.name, STAND_IN)),
        )
        lines.append(f"| {' | '.join(row)} |")
    return lines


def training_sentence(group: Group) -> str:
    """How long the cells that train took, and how far the class is from the ideal."""
    parts = [
        f"{name} {figure.text()}"
        for name in (STAND_IN, PRELOADED)
        if (figure := group.figure(name, mean_training_s)) is not None
    ]
    sentences = [f"The cell that trains took, s: {', '.join(parts)}."] if parts else []
    ideal = group.figure(PRELOADED, wall_by_student_time)
    if ideal is not None:
        sentences.append(
            f"Wall clock of the grader, preloaded, by all cells / workers: {ideal.text()}."
        )
    return " ".join(sentences)


def shown(figure: Figure | None) -> str:
    """A figure in a table."""
    return "unknown" if figure is None else figure.text()


def versions(found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Versions of packages, by tool."""
    names = list(dict.fromkeys(name for each in found.values() for name in each))
    lines = [f"| | {' | '.join(found)} |", f"| --- |{' --- |' * len(found)}"]
    for name in names:
        lines.append(f"| {name} | {' | '.join(each.get(name, '') for each in found.values())} |")
    return lines
