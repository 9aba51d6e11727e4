"""An explanation for the terminal, made to be read at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.report.explanation import Explanation, ModelExplanation
from grader.report.model import DiagnosisReport
from grader.report.text import one_line
from grader.report.words import limits_text

_LABEL_WIDTH: Final = 30
_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}


def explanation_text(explanation: Explanation) -> Group:
    """Show what was found in one file.

    Student text is put in as :class:`rich.text.Text`, so that ``[red]`` in it stays what it is.
    """
    return Group(*_parts(explanation))


def _parts(explanation: Explanation) -> Iterator[RenderableType]:
    run = explanation.run
    yield Text(one_line(f"{explanation.file}: {run.headline}"), style="bold")
    for cell in run.cells_failed:
        if cell.error is not None:
            line = f", line {cell.error.line}" if cell.error.line else ""
            source = f": {cell.error.source_line}" if cell.error.source_line else ""
            text = f"cell {cell.number}{line}{source}"
            yield Padding(Text(one_line(text)), (0, 0, 0, 2))
    for notice in run.notices:
        yield Padding(Text(one_line(notice.text)), (0, 0, 0, 2))
    for diagnosis in explanation.diagnoses:
        yield _diagnosis(diagnosis)
    for model in explanation.models:
        yield Text("")
        yield from _model(model, is_chosen=model.facts.id == explanation.chosen)
    left_out = explanation.models_seen - len(explanation.models)
    if left_out > 0:
        yield Text(f"\n{left_out} more models were seen and are not shown.")
    if explanation.why:
        yield Text("")
        yield Text(one_line(f"An exercise would be graded by: {explanation.why}"))
    yield Text("")
    yield Text(f"isolation: {run.isolation or 'not run'}; limits: {limits_text(run.limits)}", "dim")


def _model(model: ModelExplanation, *, is_chosen: bool) -> Iterator[RenderableType]:
    facts = model.facts
    title = Text(one_line(model.name), style="bold")
    kind = facts.model.class_name or "model"
    trained = "trained" if facts.is_trained else "never trained"
    chosen = ", the one that would be graded" if is_chosen else ""
    title.append(
        f"  {one_line(f'{facts.id}, {kind} ({facts.framework}), {trained}{chosen}')}", "dim"
    )
    yield title
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(width=_LABEL_WIDTH, no_wrap=True, overflow="ellipsis", style="dim")
    table.add_column(ratio=1, overflow="fold")
    for what, value, _ in model.summary:
        table.add_row(Text(one_line(what)), Text(one_line(value)))
    yield Padding(table, (0, 0, 0, 2))
    if not model.diagnoses:
        yield Padding(Text("nothing that is likely wrong was found", style="green"), (0, 0, 0, 2))
    for diagnosis in model.diagnoses:
        yield _diagnosis(diagnosis)


def _diagnosis(diagnosis: DiagnosisReport) -> RenderableType:
    head = Text(diagnosis.severity, style=_STYLES[diagnosis.severity])
    head.append(f"  {one_line(diagnosis.title)}", style="bold")
    head.append(f"  [{diagnosis.id}]", style="dim")
    lines = [
        ("Seen", diagnosis.seen),
        ("Why it matters", diagnosis.why),
        ("What to change", diagnosis.change),
        *(("Follows from it", each) for each in diagnosis.follows),
    ]
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(width=16, no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    for what, value in lines:
        table.add_row(what, Text(one_line(value)))
    return Padding(Group(head, Padding(table, (0, 0, 0, 2))), (0, 0, 0, 2))
