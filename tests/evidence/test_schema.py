"""What comes out of a sandbox is bounded and finite, or it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from grader.evidence import (
    Candidate,
    Examination,
    Fact,
    HiddenAnswers,
    LossPoint,
    ModelDescription,
    ScoreKind,
    TrainingStory,
    known,
    unknown,
)


def examination(**candidate: object) -> str:
    """An examination with one candidate, changed at will, as a forger would write it."""
    content: dict[str, Any] = {
        "candidates": [{"id": "m1", "framework": "pytorch", **candidate}],
    }
    return json.dumps(content)


def test_evidence_survives_the_way_through_json() -> None:
    candidate = Candidate(
        id="m1",
        framework="pytorch",
        model=ModelDescription(
            input_shape=known((None, 2)),
            emits=known(ScoreKind.LOGITS),
            is_affine=unknown("not tried"),
        ),
        training=TrainingStory(curve=(LossPoint(step=1, loss=0.5), LossPoint(step=2, loss=None))),
    )
    whole = Examination(candidates=(candidate,))

    assert Examination.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize(
    "candidate",
    [
        {"model": {"emits": {"state": "known"}}},
        {"model": {"emits": {"state": "unknown", "value": "logits"}}},
        {"model": {"emits": {"state": "unknown", "reason": "x" * 100_000}}},
        {"model": {"input_shape": {"state": "known", "value": [10**400]}}},
        {"model": {"input_shape": {"state": "known", "value": [-1]}}},
        {"model": {"class_name": "x" * 1000}},
        {"training": {"curve": [{"step": 10**400, "loss": 0.1}]}},
        {"training": {"curve": [{"step": 1, "loss": 0.1}] * 10_000}},
        {"training": {"steps": {"state": "known", "value": -5}}},
        {"names": ["x"] * 1000},
        {"points": 13},
    ],
)
def test_a_forgery_beyond_the_bounds_is_refused(candidate: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Examination.model_validate_json(examination(**candidate))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    text = examination(optimizer={"learning_rate": {"state": "known", "value": 0.125}})

    with pytest.raises(ValidationError):
        Examination.model_validate_json(text.replace("0.125", number))


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValidationError):
        Examination.model_validate_json('{"problem": "\\ud800"}')


def test_hidden_answers_hold_no_more_than_the_candidates_can_say() -> None:
    with pytest.raises(ValidationError):
        HiddenAnswers.model_validate_json(
            json.dumps({"predictions": {str(n): [] for n in range(99)}})
        )


def test_a_long_reason_is_cut_where_we_write_it() -> None:
    fact: Fact[int] = unknown("x" * 10_000)

    assert len(fact.reason) == 500
