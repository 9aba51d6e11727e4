"""The gradebook as CSV: numbers are numbers, pending is not zero, text is no formula."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from report.sample_reports import crashed, criterion, full_marks, hostile, partial, pending, report

from grader.gradebook import gradebook_rows, write_gradebook_csv
from grader.gradebook.csv_table import safe_text
from grader.report.model import AttemptReport


def written(tmp_path: Path, *reports: object, **options: object) -> list[dict[str, str]]:
    path = tmp_path / "gradebook.csv"
    write_gradebook_csv(path, reports, **options)  # type: ignore[arg-type]  # reports and options
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_a_row_has_points_for_each_criterion(tmp_path: Path) -> None:
    (row,) = written(tmp_path, partial(), emails={"bianca-rossi": "b@example.org"})

    assert row == {
        "key": "bianca-rossi",
        "display_name": "Bianca Rossi",
        "email": "b@example.org",
        "attempt": "2",
        "attempts": "2",
        "earned": "5.07",
        "pending": "0",
        "maximum": "7.5",
        "needs_review": "no",
        "state": "completed",
        "trained": "1",
        "hidden-units": "0.5",
        "output": "1",
        "pairing": "0",
        "f1": "2.57",
    }


def test_an_undecided_criterion_is_the_word_pending(tmp_path: Path) -> None:
    (row,) = written(tmp_path, pending())

    assert (row["pairing"], row["optimizer"], row["f1"]) == ("pending", "pending", "4")
    assert (row["earned"], row["pending"], row["needs_review"]) == ("6.5", "1.5", "yes")


def test_each_student_has_one_row_with_the_latest_attempt(tmp_path: Path) -> None:
    first = report(attempt=AttemptReport(number=1, of=2), criteria=())
    second = report(attempt=AttemptReport(number=2, of=2))

    rows = written(tmp_path, second, first, crashed())

    assert [(row["key"], row["attempt"]) for row in rows] == [
        ("ada-fischer", "2"),
        ("tomas-novak", "1"),
    ]
    assert rows[1]["state"] == "cpu limit"


def test_a_criterion_that_a_student_does_not_have_is_empty(tmp_path: Path) -> None:
    rows = written(tmp_path, full_marks(), pending())

    assert [row["optimizer"] for row in rows] == ["", "pending"]


def test_a_criterion_called_like_another_column_keeps_its_own(tmp_path: Path) -> None:
    odd = criterion("state", "State", "2", seen="x", expected="y")

    (row,) = written(tmp_path, report(criteria=(odd,)))

    assert (row["state"], row["criterion:state"]) == ("completed", "2")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "＝", "＋", " =", " \t@"])  # noqa: RUF001 - full-width signs are formulas to a spreadsheet
def test_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path, start: str) -> None:
    (row,) = written(tmp_path, report(name=f"{start}cmd|' /C calc'!A0", key="x"))

    assert row["display_name"] == f"'{start}cmd|' /C calc'!A0"


def test_carriage_returns_are_made_visible() -> None:
    assert safe_text("\r=1+1") == "␍=1+1"


@pytest.mark.parametrize("text", ["Ada", "a=b", "x-y", "", "ada@example.org"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


def test_hostile_names_stay_in_their_cell(tmp_path: Path) -> None:
    rows = written(tmp_path, report(name='a,"b"\n=c', key="x"), hostile())

    assert [row["key"] for row in rows] == ["mallory", "x"]
    assert rows[1]["display_name"] == 'a,"b"\n=c'
    assert rows[0]["display_name"].startswith("'=cmd() <script>")


def test_the_file_is_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    written(tmp_path, crashed())

    data = (tmp_path / "gradebook.csv").read_bytes()

    assert "Tomáš Novák".encode() in data
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")


def test_an_empty_class_has_a_header(tmp_path: Path) -> None:
    assert written(tmp_path) == []
    text = (tmp_path / "gradebook.csv").read_text(encoding="utf-8")
    assert text.startswith("key,display_name,email,")


def test_rows_hold_decimals_that_add_up() -> None:
    (row,) = gradebook_rows([partial()])

    assert sum((c.earned for c in row.criteria.values()), Decimal(0)) == row.earned
    assert row.happened == partial().first_thing
