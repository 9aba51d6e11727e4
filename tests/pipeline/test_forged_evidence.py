"""Evidence that makes no sense spoils one report at most, never the class."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from grader.evidence import (
    CellError,
    CellRun,
    CellState,
    LossPoint,
    Notice,
    NoticeKind,
    RunState,
    ScoreKind,
)
from grader.pipeline import Setting
from grader.report.model import ExerciseReport, Report
from grader.sandbox.interface import Array, Job, RunResult
from grader.testing import candidate
from pipeline.prepared import (
    RESULTS,
    PreparedRunner,
    completed,
    ended,
    graded,
    hand_in,
    trained,
)

pytestmark = pytest.mark.slow

Result = Callable[[Job, PreparedRunner], RunResult]


def told(**changes: object) -> Result:
    return lambda job, runner: trained(job, runner, changes=changes)


def answered(scores: Array, **changes: object) -> Result:
    return lambda job, runner: trained(job, runner, loss_scores=scores, changes=changes)


def drawn(array: Array) -> Result:
    """Labels for the plot, from a ``predict``, that are not what they should be."""

    def result(job: Job, runner: PreparedRunner) -> RunResult:
        run = trained(job, runner, labels_wrong=0)
        run.arrays["labels-plot.npy"] = array
        return run

    return result


FORGED: dict[str, Result] = {
    "a curve out of all bounds": told(
        training={
            "curve": (
                LossPoint(step=2**53, loss=1e308),
                LossPoint(step=0, loss=-1e308),
                LossPoint(step=0, loss=None),
            )
        }
    ),
    "the largest numbers": told(
        model={"parameters": 2**53, "output_shape": (2**53,) * 16, "hidden_layers": ()},
        training={"steps": 2**53, "input_width": 2**53},
        optimizer={"learning_rate": 1e308},
    ),
    "no shape": told(model={"input_shape": (), "output_shape": ()}),
    "no column": answered(np.empty((2000, 0), np.float32)),
    "four axes": answered(np.zeros((2000, 1, 1, 1), np.float32)),
    "minus infinity": answered(np.full((2000, 1), -np.inf, np.float32)),
    "whole numbers": answered(np.full((2000, 1), 2**62), model={"emits": ScoreKind.LABELS}),
    "a plot of NaN": drawn(np.full(10_000, np.nan)),
    "a plot of nothing": drawn(np.float32(1).reshape(())),
    "a plot of classes that are none": drawn(np.arange(10_000) - 5),
}


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Result], None]:
    return lambda result: monkeypatch.setitem(RESULTS, "forged", result)


@pytest.mark.parametrize("what", FORGED)
def test_a_class_is_graded_whatever_one_student_left_behind(
    circles: Setting, tmp_path: Path, forge: Callable[[Result], None], what: str
) -> None:
    forge(FORGED[what])
    handed_in = hand_in(tmp_path / "class", ada="forged", bea="nothing")

    ada, bea = graded(circles, [handed_in], tmp_path / "out").reports

    assert ada.run.state is RunState.COMPLETED  # so it was judged, not given up
    assert not any(criterion.traceback for criterion in ada.criteria)
    assert bea.run.headline == "Every cell ran; nothing trained."
    feedback = tmp_path / "out" / "feedback" / "ada" / "report.json"
    assert Report.model_validate_json(feedback.read_bytes()).totals == ada.totals


LONG = "so long a text " * 133


def long_notice(job: Job, runner: PreparedRunner) -> RunResult:
    del job
    return completed(runner, notices=(Notice(kind=NoticeKind.MISSING_PACKAGE, text=LONG),))


def long_error(job: Job, runner: PreparedRunner) -> RunResult:
    del job
    error = CellError(name="E" * 100, message=LONG)
    idle = tuple(
        candidate(number, is_trained=False, model={"class_name": "C" * 100})
        for number in range(1, 9)
    )
    failed = CellRun(number=1, state=CellState.FAILED, error=error)
    return completed(runner, *idle, cells=(failed,))


@pytest.mark.parametrize(
    ("result", "state", "pending"),
    [
        (long_notice, RunState.COMPLETED, 13),
        (long_error, RunState.COMPLETED, 0),
        (lambda *_: ended(RunState.CPU_LIMIT, LONG), RunState.CPU_LIMIT, 0),
    ],
)
def test_a_long_text_changes_no_verdict(
    circles: Setting,
    tmp_path: Path,
    forge: Callable[[Result], None],
    result: Result,
    state: RunState,
    pending: int,
) -> None:
    forge(result)

    (report,) = graded(
        circles, [hand_in(tmp_path / "class", ada="forged")], tmp_path / "out"
    ).reports

    assert report.run.state is state
    assert (report.totals.earned, report.totals.pending) == (0, pending)
    assert not any(criterion.traceback for criterion in report.criteria)


def test_evidence_that_cannot_be_made_sense_of_is_our_failure(
    circles: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confused(*_: object) -> ExerciseReport:
        message = "a case that nobody thought of"
        raise OverflowError(message)

    monkeypatch.setattr("grader.pipeline.judge.describe_model", confused)
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")

    ada, bea = graded(circles, [handed_in], tmp_path / "out").reports

    assert (ada.totals.earned, ada.totals.pending) == (0, Decimal(13))
    assert ada.needs_review
    assert ada.run.state is RunState.GRADER_FAILED
    assert "OverflowError: a case that nobody thought of" in ada.run.resources.log
    assert (bea.totals.earned, bea.totals.pending) == (0, 0)
    feedback = (tmp_path / "out" / "feedback" / "ada" / "report.json").read_bytes()
    assert b"OverflowError" not in feedback
    stored = tmp_path / "out" / "private" / "students" / "ada" / "1" / "evidence.json"
    assert json.loads(stored.read_bytes())["outcome"]["state"] == "completed"
