"""The class as a table for the terminal, made to be read at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from rich import box
from rich.table import Table
from rich.text import Text

from grader.checks.base import Outcome
from grader.evidence import NoticeKind, RunState
from grader.report.class_summary import latest, summarise
from grader.report.model import CriterionReport, Report
from grader.report.text import one_line, shortened
from grader.report.words import decimal_text, points_text

_STUDENT_WIDTH: Final = 18
_VERDICT_WIDTH: Final = 21
_NOT_THERE: Final = "not in the rubric"
_STOPPED: Final = {
    RunState.CPU_LIMIT: "CPU limit",
    RunState.WALL_TIME_LIMIT: "time limit",
    RunState.MEMORY_LIMIT: "memory limit",
    RunState.PROCESS_LIMIT: "process limit",
    RunState.DISK_LIMIT: "disk limit",
    RunState.KERNEL_DIED: "Python process killed",
}
_WITHOUT_MODEL: Final = {
    NoticeKind.TAMPERING: "signs of tampering",
    NoticeKind.MISSING_PACKAGE: "a package is missing here",
}


class ChangeShown(Protocol):
    """What the table of changes needs of one criterion that came out differently.

    Attributes:
        display_name: Of the student.
        criterion: Its id.
        before: Points and outcome before; ``None`` for a new criterion.
        after: Likewise now; ``None`` for one that is gone.
        why: What is seen and expected now.
    """

    @property
    def display_name(self) -> str: ...  # noqa: D102 - described above
    @property
    def criterion(self) -> str: ...  # noqa: D102 - described above
    @property
    def before(self) -> str | None: ...  # noqa: D102 - described above
    @property
    def after(self) -> str | None: ...  # noqa: D102 - described above
    @property
    def why(self) -> str: ...  # noqa: D102 - described above


def class_table(reports: Iterable[Report]) -> Table:
    """Show a class, one line per student.

    Student text is put in as :class:`rich.text.Text`, so that ``[red]`` in it stays what it is.

    Args:
        reports: Of one assignment; the latest attempt of each student counts.
    """
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, collapse_padding=True)
    table.add_column("Student", width=_STUDENT_WIDTH, no_wrap=True, overflow="ellipsis")
    table.add_column("Points", justify="right", no_wrap=True, min_width=6)
    table.add_column("Pend.", justify="right", no_wrap=True, min_width=5)
    table.add_column("Review", no_wrap=True)
    table.add_column("What happened", no_wrap=True, overflow="ellipsis", ratio=1)
    for cells in latest(reports, _cells):
        table.add_row(*cells)
    return table


def _cells(report: Report) -> tuple[Text, ...]:
    totals = report.totals
    return (
        Text(one_line(report.student.display_name)),
        Text(f"{decimal_text(totals.earned)} / {decimal_text(totals.maximum)}"),
        Text(decimal_text(totals.pending) if totals.pending else "", style="magenta"),
        Text("yes" if report.needs_review else "", style="magenta"),
        Text(one_line(in_few_words(report))),
    )


def in_few_words(report: Report) -> str:
    """Tell the outcome of a submission so that the most important part fits half a line.

    Args:
        report: In either view.
    """
    run = report.run
    if run.state is RunState.NOT_RUN:
        return "could not be run" if report.needs_review else "nothing handed in"
    if run.state is RunState.GRADER_FAILED:
        return "the grader failed"
    if run.state in _STOPPED:
        return _STOPPED[run.state] + (f" in cell {run.cell}" if run.cell else "")
    failed = f"cell {run.cells_failed[0].number} failed" if run.cells_failed else ""
    undecided = [c for c in report.criteria if c.pending > 0 or c.outcome.is_pending]
    if all(exercise.model is None for exercise in report.exercises):
        if not undecided:
            return f"{failed}, nothing trained" if failed else "nothing trained"
        kinds = {notice.kind for notice in run.notices}
        reasons = (words for kind, words in _WITHOUT_MODEL.items() if kind in kinds)
        return next(reasons, "models not examined")
    parts = []
    if lost := _lost(report.criteria):
        parts.append(f"lost: {', '.join(c.title for c in lost)}")
    if undecided:
        parts.append(f"undecided: {', '.join(c.title for c in undecided)}")
    return "; ".join(parts) or (f"everything right; {failed}" if failed else "everything right")


def _lost(criteria: Iterable[CriterionReport]) -> list[CriterionReport]:
    """Criteria that lost points: causes before consequences, nothing earned before something."""
    order = (Outcome.FAILED, Outcome.PARTIAL, Outcome.SKIPPED)
    lost = [c for c in criteria if c.outcome in order and c.earned < c.maximum and not c.bonus]
    return sorted(lost, key=lambda c: order.index(c.outcome))


def changes_table(changes: Iterable[ChangeShown]) -> Table:
    """Show which criteria of which students came out differently, and why.

    Args:
        changes: In the order in which they are shown.
    """
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, collapse_padding=True)
    table.add_column("Student, criterion", width=_STUDENT_WIDTH, overflow="fold")
    table.add_column("Before, after", width=_VERDICT_WIDTH, overflow="fold")
    table.add_column("Why", ratio=1, overflow="fold")
    for change in changes:
        who = Text(one_line(change.display_name))
        who.append(f"\n{one_line(change.criterion)}", style="dim")
        verdicts = [one_line(text or _NOT_THERE) for text in (change.before, change.after)]
        table.add_row(who, Text("\n".join(verdicts)), Text(one_line(change.why)))
    return table


def summary_lines(reports: Iterable[Report]) -> tuple[Text, ...]:
    """Say in a few lines what a class did.

    Args:
        reports: Of one assignment; the latest attempt of each student counts.
    """
    summary = summarise(reports)
    if not summary.students:
        return (Text("Nothing was handed in."),)
    noun = "student" if summary.students == 1 else "students"
    lines = [
        f"{summary.students} {noun}: {decimal_text(summary.mean_earned)} points on average, "
        f"median {decimal_text(summary.median_earned)}, of {points_text(summary.maximum)}",
    ]
    if summary.needs_review:
        lines.append(f"{summary.needs_review} to review, {summary.pending} with pending points")
    ranked = sorted(
        (criterion for criterion in summary.criteria if criterion.decided),
        key=lambda criterion: criterion.everything / criterion.decided,
    )
    if ranked and ranked[0].everything < ranked[0].decided:
        hardest = ranked[0]
        lines.append(
            f"hardest criterion: {shortened(hardest.title, 35)} "
            f"({hardest.everything} of {hardest.decided} earned everything)"
        )
    return tuple(Text(line) for line in lines)
