"""The small phrases that reports are made of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.checks.base import Outcome
from grader.evidence import CellState, Limits, RunState
from grader.report.model import AttemptReport, CellReport
from grader.report.words import (
    OUTCOME_WORDS,
    RUN_WORDS,
    attempt_text,
    consequences_text,
    criterion_points,
    decimal_text,
    limits_text,
    points_text,
    what_happened,
)
from report.sample_reports import crashed, criterion, nothing_trained, report


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("10", "10"),
        ("10.00", "10"),
        ("0.50", "0.5"),
        ("2.57", "2.57"),
        ("0.00", "0"),
        ("1E+2", "100"),
    ],
)
def test_points_have_no_needless_zeros(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


def test_one_point_is_one_point() -> None:
    assert points_text(Decimal("1.00")) == "1 point"
    assert points_text(Decimal("0.5")) == "0.5 points"


@pytest.mark.parametrize(
    ("outcome", "fields", "text"),
    [
        (Outcome.PASSED, {}, "4 / 4"),
        (Outcome.FAILED, {}, "0 / 4"),
        (Outcome.PARTIAL, {"earned": Decimal("2.57")}, "2.57 / 4"),
        (Outcome.UNDETERMINED, {}, "pending / 4"),
        (Outcome.UNDETERMINED, {"earned": Decimal(1), "pending": Decimal(3)}, "1 + pending / 4"),
        (Outcome.PASSED, {"bonus": True}, "4 / 4 bonus"),
    ],
)
def test_pending_points_are_never_a_zero(
    outcome: Outcome, fields: dict[str, object], text: str
) -> None:
    entry = criterion("f1", "F1", "4", outcome=outcome, seen="x", expected="y", **fields)

    assert criterion_points(entry) == text


@pytest.mark.parametrize(
    ("later", "text"),
    [
        ((), ""),
        ((7,), "Cell 7 failed only because of it."),
        ((5, 7), "Cells 5 and 7 failed only because of it."),
        ((5, 6, 9), "Cells 5, 6 and 9 failed only because of it."),
        ((5, 6, 7, 9), "Cells 5 to 7 and 9 failed only because of it."),
    ],
)
def test_consequences_are_folded_into_one_sentence(later: tuple[int, ...], text: str) -> None:
    cell = CellReport(number=2, state=CellState.FAILED, consequences=later)

    assert consequences_text(cell) == text


def test_an_earlier_attempt_is_not_called_the_latest() -> None:
    assert attempt_text(report(attempt=AttemptReport(number=1, of=3))) == "attempt 1 of 3"
    assert attempt_text(report()) == "only attempt"


def test_every_outcome_and_every_end_of_a_run_has_a_word() -> None:
    assert set(OUTCOME_WORDS) == set(Outcome)
    assert set(RUN_WORDS) == set(RunState)


def test_the_one_line_is_the_first_thing_to_mend_unless_the_run_broke_off() -> None:
    assert what_happened(nothing_trained()) == nothing_trained().first_thing
    assert what_happened(crashed()) == crashed().run.headline


def test_every_limit_is_named_with_its_value() -> None:
    values = {name: 101 + at for at, name in enumerate(Limits.model_fields)}
    values |= {"memory_mib": 999, "cell_output_mib": 7, "output_mib": 29}

    text = limits_text(Limits(**values))

    for value in values.values():
        assert f"{value} " in text
