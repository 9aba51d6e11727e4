"""The recorder's store: curves, rows, labels, bounds; and conversions of rows."""

from __future__ import annotations

import numpy as np
import pytest

from grader.evidence import MAX_CURVE_POINTS, Framework, TargetEncoding
from grader.probe.affine import is_affine
from grader.probe.recorder import MAX_MODELS, Recorder
from grader.probe.rows import as_labels, as_scores, is_among, is_of_similar_scale, numbers
from grader.probe.tallies import Curve, RowSample, TargetTally
from grader.probe.wording import described, printable


def test_a_long_curve_is_thinned_and_keeps_both_ends() -> None:
    curve = Curve()
    for step in range(1, 10_001):
        curve.add(step, 1 / step)

    points = curve.thinned()

    assert len(points) <= MAX_CURVE_POINTS
    assert (points[0].step, points[-1].step) == (1, 10_000)


def test_a_loss_that_is_no_number_has_no_value() -> None:
    curve = Curve()
    curve.add(1, float("nan"))

    assert curve.thinned()[0].loss is None


def test_distinct_rows_are_counted_over_shuffled_batches() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1000, 2)).astype(np.float32)
    sample = RowSample()
    for _ in range(3):
        for batch in np.array_split(rng.permutation(rows), 8):
            sample.add(batch)

    assert sample.distinct() == 1000
    assert sample.sample() is not None
    assert len(sample.sample()) == 512


def test_rows_that_never_repeat_are_not_counted_beyond_the_bound() -> None:
    sample = RowSample()
    rng = np.random.default_rng(0)
    for _ in range(12):
        sample.add(rng.normal(size=(10_000, 1)).astype(np.float32))

    assert sample.distinct() is None


@pytest.mark.parametrize(
    ("labels", "takes_index", "encoding"),
    [
        ([0, 1, 1], False, TargetEncoding.BINARY),
        ([0, 1, 1], True, TargetEncoding.CLASS_INDEX),
        ([0.0, 1.0, 2.0], False, TargetEncoding.CLASS_INDEX),
        ([0.1, 0.9], False, TargetEncoding.OTHER),
        ([[0, 1], [1, 0]], False, TargetEncoding.ONE_HOT),
        ([[0, 1], [1, 1]], False, TargetEncoding.MULTI_HOT),
        ([[0.2, 0.8]], False, TargetEncoding.OTHER),
    ],
)
def test_labels_are_named_by_what_they_look_like(
    labels: list[object], takes_index: bool, encoding: TargetEncoding
) -> None:
    tally = TargetTally()
    tally.add(np.array(labels), takes_index=takes_index)

    assert tally.encoding() is encoding


def test_untrained_models_are_let_go_before_trained_ones() -> None:
    recorder = Recorder()
    models = [object() for _ in range(MAX_MODELS + 5)]
    first = recorder.record_of(Framework.PYTORCH, models[0])
    first.gradients = 1
    for model in models[1:]:
        recorder.record_of(Framework.PYTORCH, model)

    assert len(recorder.records) == MAX_MODELS
    assert first in recorder.records.values()
    assert recorder.models_seen == MAX_MODELS + 5


def test_rows_are_found_again_but_for_rounding() -> None:
    public = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)

    assert is_among(public[::3] * np.float32(1 + 1e-7), public).all()
    assert not is_among(public[::3] + 0.01, public).any()


def test_only_rows_of_the_same_mean_and_spread_are_similar() -> None:
    rng = np.random.default_rng(0)
    public, own = rng.normal(size=(200, 2)), rng.normal(size=(200, 2))

    assert is_of_similar_scale(own, public)
    assert not is_of_similar_scale(own * 1.6, public)
    assert not is_of_similar_scale(own + 1, public)
    assert not is_of_similar_scale(own[:5], public)


@pytest.mark.parametrize(
    "value", [[0, 1, 1], np.array([[0], [1], [1]]), np.array([0.0, 1.0, 1.0]), (False, True, True)]
)
def test_labels_are_accepted_in_every_reasonable_form(value: object) -> None:
    labels = as_labels(numbers(value), rows=3, classes=2, is_multilabel=False)

    assert labels is not None
    assert labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize("value", [[0.2, 0.8, 0.5], [0, 1, 2], [0, 1, -1], [[0, 1]] * 3, [0, 1]])
def test_what_is_no_label_of_a_known_class_is_refused(value: object) -> None:
    assert as_labels(numbers(value), rows=3, classes=2, is_multilabel=False) is None


def test_labels_of_a_multilabel_task_have_a_column_each() -> None:
    value = np.array([[0, 1, 1], [1, 0, 0]])

    assert as_labels(value, rows=2, classes=3, is_multilabel=True).tolist() == value.tolist()
    assert as_labels(value, rows=2, classes=2, is_multilabel=True) is None


def test_text_and_objects_are_no_numbers() -> None:
    assert numbers(["inner", "outer"]) is None
    assert numbers([{}, {}]) is None
    assert numbers([[1], [1, 2]]) is None


def test_scores_get_a_column_and_keep_their_rows() -> None:
    assert as_scores(np.zeros(3), rows=3).shape == (3, 1)
    assert as_scores(np.zeros((3, 1, 2)), rows=3).shape == (3, 2)
    assert as_scores(np.zeros((2, 1)), rows=3) is None
    assert as_scores(np.float64(1), rows=1) is None


def test_superposition_tells_affine_functions_from_bent_ones() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    weights = np.array([[1.5], [-2.0]], dtype=np.float32)

    assert is_affine(lambda x: x @ weights + 3, rows, seed=0) is True
    assert is_affine(lambda x: np.maximum(x @ weights, 0), rows, seed=0) is False
    assert is_affine(lambda x: np.ones((len(x), 1)), rows, seed=0) is None


def test_text_of_students_is_printable_and_short() -> None:
    class RudeError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert printable("a\x1b[31mb\nc\ud800" + "x" * 200) == ("a [31mb c" + " " + "x" * 90)
    assert described(RudeError()) == "RudeError"
