"""The battery holds what it promises, and a sheet that cannot be meant is refused."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from battery.data import rows_of
from battery.specification import (
    CORRECTED,
    ERRORS,
    FOLDER,
    FRAMEWORKS,
    WARNINGS,
    Sheet,
    read_battery,
)
from grader.diagnoses import RULES as RULES_OF_THE_GRADER
from grader.diagnoses import Severity

PROGRAMS, PROBLEMS = read_battery()
PROGRAMS_AT_LEAST: Final = 200
STYLES_AT_LEAST: Final = 40
BENCHMARKS = FOLDER.parents[1] / "benchmarks"
FIRST_RUN = BENCHMARKS / "blind_first_run.json"
RULES: Final = (
    "R01", "R02", "R04", "R05", "R06", "R07", "R08", "R08b", "R09", "R10", "R11", "R12", "R13",
    "R14", "R15", "R16", "R17", "R20", "R21", "R22", "R23", "R24", "R25", "R26", "R27", "R28",
    "R29", "R30", "R31", "R32", "R33", "R34", "R37", "R38", "R39", "R40", "R41", "R42", "R43",
    "R44", "R45",
)  # fmt: skip
"""Rules with an error or a warning; the others are notes, or are told in another way."""
NOT_APPLICABLE: Final = {
    ("keras", "R32"): "Keras computes every gradient afresh, there is nothing to clear",
    ("pytorch", "R25"): "PyTorch has no callbacks; what a loop decides by cannot be seen",
}
EXAMPLE = FOLDER / "README.md"


def example() -> dict[str, Any]:
    """The sheet that the README shows, without what only some sheets have."""
    text = EXAMPLE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    sheet = tomllib.loads(text)
    for name in ("model", "raises", "exercise"):
        del sheet[name]
    return sheet


def test_every_sheet_can_be_read_and_stands_where_it_belongs() -> None:
    assert PROBLEMS == []


def test_the_sheet_in_the_readme_is_accepted() -> None:
    assert Sheet.model_validate(example()).facts.parameters == 99


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("facts", "epochs", None),
        ("facts", "epoch", 3),
        ("facts", "emits", "logit"),
        ("facts", "hidden_units", [16, 8]),
        ("facts", "input_shape", "(2,2)"),
        ("facts", "ingredients", ["dropout", "batch-norm"]),
        ("facts", "parameters_changed", "yes"),
        ("diagnoses", "expected", ["softmax-befor-loss"]),
        ("diagnoses", "expected", []),
    ],
)
def test_a_sheet_that_cannot_be_meant_is_refused(section: str, name: str, value: object) -> None:
    sheet = example()
    if value is None:
        del sheet[section][name]
    else:
        sheet[section][name] = value

    with pytest.raises(ValidationError):
        Sheet.model_validate(sheet)


def test_there_are_as_many_programs_as_promised() -> None:
    styles = {
        name: sum(one.folder == "styles" and one.framework == name for one in PROGRAMS)
        for name in FRAMEWORKS
    }

    assert len(PROGRAMS) >= PROGRAMS_AT_LEAST
    assert min(styles.values()) >= STYLES_AT_LEAST, styles


def test_every_blind_program_has_its_first_run_on_record() -> None:
    stored = json.loads(FIRST_RUN.read_text(encoding="utf-8")) if FIRST_RUN.exists() else {}
    blind = {one.name for one in PROGRAMS if one.folder == "blind"}

    assert set(stored.get("programs", ())) == blind
    if blind:
        page = (BENCHMARKS / "battery.md").read_text(encoding="utf-8")
        assert f"{len(blind)} programs, written by somebody who had seen neither" in page


def test_every_fault_has_its_corrected_twin() -> None:
    names = {one.name for one in PROGRAMS}

    alone = [
        one.name
        for one in PROGRAMS
        if one.folder == "faults"
        and one.sheet.kind == "fault"
        and f"{one.name}{CORRECTED}" not in names
    ]

    assert alone == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_rule_has_a_fault_where_it_applies(framework: str) -> None:
    covered = {
        one.sheet.rule
        for one in PROGRAMS
        if one.framework == framework and one.sheet.kind == "fault"
    }

    missing = [
        rule for rule in RULES if rule not in covered and (framework, rule) not in NOT_APPLICABLE
    ]

    assert missing == []


def test_every_error_and_warning_is_expected_of_some_program() -> None:
    expected = {name for one in PROGRAMS for name in one.sheet.diagnoses.expected}

    assert (ERRORS | WARNINGS) - expected == set()


def test_sheets_may_name_exactly_the_errors_and_warnings_that_the_grader_has() -> None:
    by_severity = {
        severity: {rule.id for rule in RULES_OF_THE_GRADER.values() if rule.severity is severity}
        for severity in Severity
    }

    assert by_severity[Severity.ERROR] == ERRORS
    assert by_severity[Severity.WARNING] == WARNINGS


@pytest.mark.parametrize(
    ("name", "train", "validation", "classes"),
    [("circles", 120, 40, 2), ("blobs", 150, 60, 3), ("rare", 200, 100, 2)],
)
def test_the_rows_of_an_exercise_are_as_the_readme_says(
    name: str, train: int, validation: int, classes: int
) -> None:
    rows = rows_of(name)

    assert len(rows.train_inputs) == len(rows.train_labels) == train
    assert len(rows.validation_inputs) == len(rows.validation_labels) == validation
    assert set(rows.train_labels) == set(rows.validation_labels) == set(range(classes))
    assert rows.train_inputs.tobytes() == rows_of(name).train_inputs.tobytes()


def test_programs_say_nothing_about_the_grader() -> None:
    told = [
        one.name
        for one in PROGRAMS
        if "grader" in Path(one.source).read_text(encoding="utf-8").lower()
    ]

    assert told == []
