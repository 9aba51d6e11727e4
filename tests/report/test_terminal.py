"""The class table fits 80 columns, and no student can colour or scroll the terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from grader.report.terminal import changes_table, class_table, summary_lines
from report.sample_reports import ALL, crashed, full_marks, hostile, pending, report


def printed(*shown: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    for renderable in shown:
        console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO, given just above


@pytest.mark.parametrize("width", [80, 60, 120])
def test_each_student_has_one_line_within_the_width(width: int) -> None:
    wide = report(name="李" * 40, key="li", first_thing="長" * 90)

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
    named = report(name="[red]x[/red]", key="x", first_thing="[link=http://evil]y[/link] \x1b[31m")

    text = printed(class_table([named, hostile()]), *summary_lines([named, hostile()]))

    assert "[red]x[/red]" in text
    assert "[link=http://evil]y[/link]" in text
    assert not set("\x1b\x07\u202e\u2066") & set(text)


def test_a_limit_that_struck_is_what_happened() -> None:
    assert "Stopped in cell 2" in printed(class_table([crashed()]))


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
