"""The builders of evidence that people who write checks use."""

from __future__ import annotations

import pytest

from grader.evidence import Knowledge, Provenance, ScoreKind, unknown
from grader.testing import (
    absent_evidence,
    binary_evidence,
    changed,
    measurement,
    multiclass_evidence,
    multilabel_evidence,
    unknown_evidence,
)


def test_plain_values_become_known_facts_of_the_same_provenance() -> None:
    evidence = binary_evidence(loss={"expects": ScoreKind.PROBABILITIES}, hidden=measurement(0.7))

    assert evidence.loss.expects.known_value is ScoreKind.PROBABILITIES
    assert evidence.loss.expects.provenance is Provenance.RECORDED
    assert evidence.hidden.known_value.accuracy == 0.7
    assert evidence.hidden.provenance is Provenance.MEASURED
    assert evidence.loss.name == binary_evidence().loss.name


def test_facts_are_taken_as_they_are() -> None:
    evidence = binary_evidence(model={"emits": unknown("a lambda layer")})

    assert evidence.model.emits.reason == "a lambda layer"


def test_changes_are_validated() -> None:
    with pytest.raises(ValueError, match="expects"):
        binary_evidence(loss={"expects": "apples"})
    with pytest.raises(KeyError, match="expect"):
        binary_evidence(loss={"expect": ScoreKind.LOGITS})
    with pytest.raises(ValueError, match="extra_forbidden"):
        measurement(0.5, colour=1.0)


def test_sections_can_be_changed_on_their_own() -> None:
    start = binary_evidence()

    story = changed(start.training, steps=3)

    assert story.steps.known_value == 3
    assert start.training.steps.known_value == 500


def test_every_fact_of_nothing_says_the_same() -> None:
    for evidence, state in (
        (absent_evidence("crashed"), Knowledge.ABSENT),
        (unknown_evidence("crashed"), Knowledge.UNKNOWN),
    ):
        facts = [
            evidence.is_trained,
            evidence.hidden,
            evidence.model.emits,
            evidence.loss.family,
            evidence.optimizer.name,
            evidence.training.steps,
        ]
        assert {(fact.state, fact.reason) for fact in facts} == {(state, "crashed")}


def test_outputs_follow_the_classes() -> None:
    for evidence in (multiclass_evidence(), multilabel_evidence()):
        assert evidence.model.output_shape.known_value == (None, len(evidence.brief.classes))
