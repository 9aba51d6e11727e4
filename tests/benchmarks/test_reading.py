"""What a tool wrote down is read as it stands there, and a wrong score is never let through."""

from __future__ import annotations

from typing import Any

import pytest
from throughput.measuring import BenchmarkError, Graded, refuse_wrong
from throughput.submissions import make_class
from throughput.with_grader import is_as_deserved
from throughput.with_nbclient import cell_times, what_did_not_run
from throughput.with_nbgrader import STEPS, filled_in, scores_of_export, source_notebook, step_cells
from throughput.with_otter import score_of_results

EXPORT = """\
assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score
circles,,,student01,,,,3.0,0.0,3.0,3.0
circles,,,student04,,,,1.0,0.0,1.0,3.0
another,,,student01,,,,9.0,0.0,9.0,9.0
"""


def test_scores_come_out_of_nbgraders_export() -> None:
    assert scores_of_export(EXPORT) == {"student01": (3.0, 3.0), "student04": (1.0, 3.0)}


def test_otters_points_are_added_up_without_its_summary() -> None:
    results = {
        "tests": [
            {"name": "Public Tests", "score": 0, "max_score": 0, "status": "passed"},
            {"name": "accuracy", "score": 0.0, "max_score": 2},
            {"name": "output", "score": 1.0, "max_score": 1},
        ]
    }

    assert score_of_results(results) == (1.0, 3.0)


def test_times_of_cells_come_from_the_kernels_timestamps() -> None:
    stamps = {
        "iopub.execute_input": "2026-11-28T01:00:00.250000Z",
        "shell.execute_reply": "2026-11-28T01:00:02.000000Z",
    }

    assert cell_times([{"metadata": {"execution": stamps}}]) == (1.75,)
    assert cell_times([{"metadata": {"execution": stamps}}, {"metadata": {}}]) == ()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"execution_count": None, "outputs": []}, "cell 1 did not run"),
        (
            {
                "execution_count": 1,
                "outputs": [{"output_type": "error", "ename": "NameError", "evalue": "x"}],
            },
            "cell 1: NameError: x",
        ),
        ({"execution_count": 1, "outputs": []}, "nothing printed 'F1'"),
        (
            {"execution_count": 1, "outputs": [{"output_type": "stream", "text": ["F1 is 1\n"]}]},
            "",
        ),
    ],
)
def test_a_notebook_that_did_not_run_is_found_out(cell: dict[str, Any], said: str) -> None:
    assert what_did_not_run([cell], "F1") == said


def test_a_students_cells_take_the_places_of_the_solutions() -> None:
    first, second = make_class("keras", "short", 2)
    released = notebook_of(source_notebook(first))

    submitted = notebook_of(filled_in(released, second))

    assert tuple("".join(cell["source"]) for cell in step_cells(submitted)) == second.cells
    assert submitted["cells"][len(STEPS) :] == released["cells"][len(STEPS) :]
    assert "### BEGIN HIDDEN TESTS" in "".join(released["cells"][-1]["source"])


def test_a_release_with_other_cells_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="other cells"):
        filled_in({"cells": []}, make_class("keras", "short", 1)[0])


def notebook_of(content: bytes) -> dict[str, Any]:
    import json

    notebook: dict[str, Any] = json.loads(content)
    return notebook


def test_a_wrong_score_and_a_missing_student_end_the_benchmark() -> None:
    submissions = make_class("pytorch", "short", 2)
    right = Graded(is_right=True, said="3 of 3 points", finished_at=1.0)
    wrong = Graded(is_right=False, said="0 of 3 points", finished_at=1.0)

    refuse_wrong("otter", submissions, {"student01": right, "student02": right})
    with pytest.raises(BenchmarkError, match="student02: 0 of 3 points"):
        refuse_wrong("otter", submissions, {"student01": right, "student02": wrong})
    with pytest.raises(BenchmarkError, match="student02"):
        refuse_wrong("otter", submissions, {"student01": right})
    with pytest.raises(BenchmarkError, match="stranger"):
        refuse_wrong("otter", submissions[:1], {"student01": right, "stranger": right})


@pytest.mark.parametrize(
    ("is_sound", "outcome", "earned", "pending", "state", "is_right"),
    [
        (True, "passed", 13.0, 0.0, "completed", True),
        (True, "failed", 7.0, 0.0, "completed", False),
        (True, "passed", 12.0, 1.0, "completed", False),
        (True, "passed", 13.0, 0.0, "grader failed", False),
        (False, "failed", 7.0, 0.0, "completed", True),
        (False, "passed", 13.0, 0.0, "completed", False),
        (False, "failed", 0.0, 0.0, "completed", False),
    ],
)
def test_our_own_reports_must_be_right_too(  # one line per case
    is_sound: bool, outcome: str, earned: float, pending: float, state: str, is_right: bool
) -> None:
    report = {
        "totals": {"earned": earned, "pending": pending, "maximum": 13.0},
        "criteria": [
            {"id": "trained", "outcome": "passed"},
            {"id": "accuracy", "outcome": outcome},
        ],
        "run": {"state": state},
    }

    assert is_as_deserved(report, is_sound=is_sound) == is_right
