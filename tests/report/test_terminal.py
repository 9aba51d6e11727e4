"""The class table fits 80 columns, and no student can colour or scroll the terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from grader.checks.base import Outcome
from grader.evidence import Notice, NoticeKind, RunState
from grader.report.model import Report
from grader.report.terminal import changes_table, class_table, in_few_words, summary_lines
from report.sample_reports import (
    ALL,
    crashed,
    criterion,
    full_marks,
    hostile,
    nothing_trained,
    partial,
    passed_criteria,
    pending,
    report,
)


def printed(*shown: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    for renderable in shown:
        console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO, given just above


@pytest.mark.parametrize("width", [80, 60, 120])
def test_each_student_has_one_line_within_the_width(width: int) -> None:
    lost = criterion("f1", "長" * 90, "4", outcome=Outcome.FAILED, seen="", expected="")
    wide = report(name="李" * 40, key="li", criteria=(lost,))

    lines = printed(class_table([*(build() for build in ALL), wide]), width=width).splitlines()

    assert all(cell_len(line) <= width for line in lines)
    assert len([line for line in lines if " / " in line]) == len(ALL) + 1
    assert "…" in "".join(lines)


def test_points_pending_and_review_are_shown() -> None:
    line = next(
        line for line in printed(class_table([pending(), full_marks()])).splitlines()
        if "Noor" in line
    )  # fmt: skip

    assert line.split()[:7] == ["Noor", "Haddad", "6.5", "/", "8", "1.5", "yes"]


def test_markup_and_terminal_sequences_of_students_stay_text() -> None:
    title = "[link=http://evil]y[/link] \x1b[31m"
    lost = criterion("f1", title, "4", outcome=Outcome.FAILED, seen="", expected="")
    named = report(name="[red]x[/red]", key="x", criteria=(lost,))

    text = printed(class_table([named, hostile()]), *summary_lines([named, hostile()]))

    assert "[red]x[/red]" in text
    assert "[link=http://evil]y[/link]" in text
    assert not set("\x1b\x07\u202e\u2066") & set(text)


def with_run(base: Report, **changes: object) -> Report:
    return base.model_copy(update={"run": base.run.model_copy(update=changes)})


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.CPU_LIMIT, "CPU limit in cell 4"),
        (RunState.WALL_TIME_LIMIT, "time limit in cell 4"),
        (RunState.MEMORY_LIMIT, "memory limit in cell 4"),
        (RunState.PROCESS_LIMIT, "process limit in cell 4"),
        (RunState.DISK_LIMIT, "disk limit in cell 4"),
        (RunState.KERNEL_DIED, "Python process killed in cell 4"),
        (RunState.GRADER_FAILED, "the grader failed"),
        (RunState.NOT_RUN, "nothing handed in"),
    ],
)
def test_a_run_that_broke_off_says_how_and_where(state: RunState, words: str) -> None:
    broken = with_run(nothing_trained(), state=state, cell=4)

    assert in_few_words(broken) == words
    assert words in printed(class_table([broken]))


def test_every_end_of_a_run_has_few_words() -> None:
    for state in RunState:
        assert in_few_words(with_run(full_marks(), state=state))
    assert in_few_words(with_run(crashed(), cell=None)) == "CPU limit"


def test_what_cannot_be_run_is_told_apart_from_nothing_handed_in() -> None:
    unreadable = with_run(nothing_trained(), state=RunState.NOT_RUN)

    reviewed = unreadable.model_copy(update={"needs_review": True})

    assert in_few_words(reviewed) == "could not be run"


def test_nothing_trained_is_said_with_the_cell_that_failed() -> None:
    cells = partial().run.cells_failed

    assert in_few_words(nothing_trained()) == "nothing trained"
    failed = with_run(nothing_trained(), cells_failed=cells)
    assert in_few_words(failed) == "cell 5 failed, nothing trained"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (NoticeKind.TAMPERING, "signs of tampering"),
        (NoticeKind.MISSING_PACKAGE, "a package is missing here"),
        (NoticeKind.OUTPUT_CUT, "models not examined"),
    ],
)
def test_why_no_model_could_be_judged_is_said(kind: NoticeKind, words: str) -> None:
    waiting = pending().model_copy(update={"exercises": nothing_trained().exercises})

    assert in_few_words(with_run(waiting, notices=(Notice(kind=kind, text=""),))) == words


def test_what_lost_points_is_named_causes_before_consequences() -> None:
    skipped = passed_criteria()[0]
    lost_first = skipped.model_copy(update={"outcome": Outcome.SKIPPED, "earned": 0})
    skipped_too = partial().model_copy(update={"criteria": (lost_first, *partial().criteria[1:])})

    assert in_few_words(partial()) == "lost: The loss suits the output layer, F1 on hidden data"
    assert in_few_words(skipped_too).endswith(f"F1 on hidden data, {skipped.title}")


def test_what_is_undecided_is_not_called_lost() -> None:
    assert in_few_words(pending()) == (
        "undecided: The loss suits the output layer, An optimizer moved the parameters"
    )


def test_a_bonus_that_was_not_earned_is_not_lost() -> None:
    bonus = criterion("b", "B", "1", outcome=Outcome.FAILED, seen="", expected="", bonus=True)

    assert in_few_words(report(criteria=(*passed_criteria(), bonus))) == "everything right"


def test_a_failed_cell_that_cost_nothing_is_still_told() -> None:
    fine = with_run(full_marks(), cells_failed=partial().run.cells_failed)

    assert in_few_words(full_marks()) == "everything right"
    assert in_few_words(fine) == "everything right; cell 5 failed"


def test_the_summary_counts_a_class() -> None:
    lines = [line.plain for line in summary_lines([build() for build in ALL])]

    assert lines[0] == "6 students: 3.43 points on average, median 3.29, of 8 points"
    assert lines[1] == "2 to review, 1 with pending points"
    assert lines[2].startswith("hardest criterion: ")
    assert all(cell_len(line) <= 80 for line in lines)


def test_a_class_without_faults_has_no_hardest_criterion() -> None:
    lines = [line.plain for line in summary_lines([full_marks()])]

    assert lines == ["1 student: 7.5 points on average, median 7.5, of 7.5 points"]


def test_an_empty_class_is_said_to_be_empty() -> None:
    assert [line.plain for line in summary_lines([])] == ["Nothing was handed in."]
    assert "Student" in printed(class_table([]))


@dataclass(frozen=True)
class Change:
    """As the pipeline hands it over."""

    display_name: str
    criterion: str
    before: str | None
    after: str | None
    why: str


def test_changes_are_told_with_before_after_and_why() -> None:
    why = "seen: macro F1 is 0.9199; expected: at least 0.95 (inclusive)"
    changes = [
        Change("Bianca Rossi", "f1", "2.57 of 4 (partial)", "0.00 of 4 (failed)", why),
        Change("[red]x[/red] \x1b[31m", "new", None, "1.00 of 1, 1.00 pending (undetermined)", why),
    ]

    text = printed(changes_table(changes))

    assert all(cell_len(line) <= 80 for line in text.splitlines())
    words = " ".join(text.split())
    assert "2.57 of 4 (partial)" in words
    assert "0.00 of 4 (failed)" in words
    assert "[red]x[/red]" in words
    assert "not in the rubric" in words
    assert "\x1b" not in text
