"""Metrics from scores and labels, compared with scikit-learn on edge cases."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from grader.evidence import (
    ArrayRef,
    Fact,
    HiddenProblem,
    Measurement,
    Prediction,
    Provenance,
    Route,
    ScoreKind,
    Split,
    Task,
    absent,
    known,
    unknown,
)
from grader.metrics import Array, UndecidableError, decide, measure, measure_prediction
from grader.testing import brief_of

BINARY = brief_of(Task.BINARY)
MULTICLASS = brief_of(Task.MULTICLASS)
MULTILABEL = brief_of(Task.MULTILABEL)


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        (ScoreKind.LOGITS, [-3.0, 0.0, 0.001, 5.0]),
        (ScoreKind.PROBABILITIES, [0.1, 0.5, 0.501, 1.0]),
        (ScoreKind.LOG_PROBABILITIES, [-9.0, np.log(0.5), np.log(0.501), 0.0]),
        (ScoreKind.LABELS, [0.0, 0.0, 1.0, 1.0]),
    ],
)
def test_one_column_is_label_1_above_one_half(kind: ScoreKind, scores: list[float]) -> None:
    flat = np.array(scores)

    for shape in ((4,), (4, 1)):
        labels = decide(flat.reshape(shape), kind, Task.BINARY, 2)
        assert labels.tolist() == [0, 0, 1, 1]
        assert labels.dtype == np.int64


@pytest.mark.parametrize("kind", [*ScoreKind, None])
def test_the_largest_of_several_columns_wins_whatever_the_kind(kind: ScoreKind | None) -> None:
    scores = np.array([[0.1, 0.9, 0.0], [-5.0, -4.0, -1.0], [1.0, 1.0, 0.0]])

    assert decide(scores, kind, Task.MULTICLASS, 3).tolist() == [1, 2, 0]
    assert decide(scores[:, :2], kind, Task.BINARY, 2).tolist() == [1, 1, 0]


def test_multilabel_columns_are_decided_one_by_one() -> None:
    scores = np.array([[0.9, 0.5, 0.1], [0.6, 0.7, 0.8]], dtype=np.float32)

    labels = decide(scores, ScoreKind.PROBABILITIES, Task.MULTILABEL, 3)

    assert labels.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert decide(labels, ScoreKind.LABELS, Task.MULTILABEL, 3).tolist() == labels.tolist()


@pytest.mark.parametrize("kind", [ScoreKind.VALUES, None])
@pytest.mark.parametrize(
    ("scores", "task", "classes"),
    [(np.zeros(4), Task.BINARY, 2), (np.zeros((4, 3)), Task.MULTILABEL, 3)],
)
def test_values_without_a_meaning_are_never_guessed(
    kind: ScoreKind | None, scores: Array, task: Task, classes: int
) -> None:
    with pytest.raises(UndecidableError, match="no decision threshold"):
        decide(scores, kind, task, classes)


@pytest.mark.parametrize(
    ("shape", "kind", "task", "classes", "message"),
    [
        ((4, 2, 2), ScoreKind.LOGITS, Task.BINARY, 2, "shape"),
        ((4, 0), ScoreKind.LOGITS, Task.BINARY, 2, "shape"),
        ((4, 2), ScoreKind.LOGITS, Task.MULTILABEL, 3, "3 labels"),
        ((4,), ScoreKind.LOGITS, Task.MULTILABEL, 3, "3 labels"),
        ((4, 1), ScoreKind.LOGITS, Task.MULTICLASS, 3, "3 classes apart"),
    ],
)
def test_shapes_that_name_no_class_are_refused(
    shape: tuple[int, ...], kind: ScoreKind, task: Task, classes: int, message: str
) -> None:
    with pytest.raises(UndecidableError, match=message):
        decide(np.zeros(shape), kind, task, classes)


def test_labels_must_be_whole_numbers_and_may_name_any_class() -> None:
    assert decide(np.array([0.0, 2.0]), ScoreKind.LABELS, Task.MULTICLASS, 3).tolist() == [0, 2]
    with pytest.raises(UndecidableError, match="whole numbers"):
        decide(np.array([0.0, 1.5]), ScoreKind.LABELS, Task.MULTICLASS, 3)


ORACLE_CASES = {
    "ordinary": ([0, 1, 2, 0, 1, 2, 2, 0], [0, 2, 2, 0, 1, 1, 2, 1]),
    "one class only": ([1, 1, 1], [1, 1, 1]),
    "one class, never found": ([1, 1, 1], [0, 0, 0]),
    "nothing of class 2": ([0, 1, 0, 1], [0, 1, 1, 1]),
    "constant": ([0, 1, 2, 2], [2, 2, 2, 2]),
    "one row, right": ([2], [2]),
    "one row, wrong": ([2], [0]),
    "extra class": ([0, 1, 2, 2, 1], [0, 3, 2, 3, 1]),
    "far outside": ([0, 1, 2, 2, 1], [-1, 99, 2, 7, 1]),
}


@pytest.mark.parametrize("case", ORACLE_CASES)
def test_multiclass_metrics_are_those_of_scikit_learn(case: str) -> None:
    y_true, y_pred = (np.array(labels) for labels in ORACLE_CASES[case])

    found = measure(y_true, y_pred, MULTICLASS)

    assert found.samples == len(y_true)
    assert found.accuracy == accuracy_score(y_true, y_pred)
    assert set(found.averages) == {"macro", "micro", "weighted"}
    options = {"labels": [0, 1, 2], "zero_division": 0}
    for average, scores in found.averages.items():
        given = {**options, "average": average}
        assert scores.precision == pytest.approx(precision_score(y_true, y_pred, **given))
        assert scores.recall == pytest.approx(recall_score(y_true, y_pred, **given))
        assert scores.f1 == pytest.approx(f1_score(y_true, y_pred, **given))
    each = f1_score(y_true, y_pred, **options, average=None)
    assert [scores.f1 for scores in found.per_class.values()] == pytest.approx(each.tolist())
    expected = confusion_matrix(y_true, y_pred, labels=[0, 1, 2])
    assert found.confusion == tuple(tuple(row) for row in expected.tolist())


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([0, 1, 1, 0], [0, 1, 0, 0]),
        ([0, 0, 0], [0, 0, 0]),
        ([0, 0, 0], [1, 1, 1]),
        ([1, 1], [1, 1]),
        ([1], [0]),
        ([1], [1]),
    ],
)
def test_binary_metrics_are_those_of_scikit_learn(y_true: list[int], y_pred: list[int]) -> None:
    found = measure(np.array(y_true), np.array(y_pred), BINARY)

    positive = found.averages["binary"]
    assert positive == found.per_class["inner"]
    assert positive.precision == precision_score(y_true, y_pred, zero_division=0)
    assert positive.recall == recall_score(y_true, y_pred, zero_division=0)
    assert positive.f1 == f1_score(y_true, y_pred, zero_division=0)
    assert found.averages["macro"].f1 == pytest.approx(
        f1_score(y_true, y_pred, labels=[0, 1], average="macro", zero_division=0)
    )


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([[1, 0, 1], [0, 1, 1], [0, 0, 0]], [[1, 0, 0], [0, 1, 1], [0, 0, 1]]),
        ([[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]),
        ([[1, 1, 1]], [[0, 0, 0]]),
    ],
)
def test_multilabel_metrics_are_those_of_scikit_learn(
    y_true: list[list[int]], y_pred: list[list[int]]
) -> None:
    true, pred = np.array(y_true), np.array(y_pred)

    found = measure(true, pred, MULTILABEL)

    assert found.accuracy == accuracy_score(true, pred)
    assert found.confusion == ()
    for average, scores in found.averages.items():
        expected = f1_score(true, pred, average=average, zero_division=0)
        assert scores.f1 == pytest.approx(expected)


def test_an_extra_class_counts_against_accuracy_and_recall_but_not_precision() -> None:
    found = measure(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 3]), MULTICLASS)

    assert found.accuracy == 0.75
    assert found.per_class["blue"].recall == 0.5
    assert found.per_class["blue"].precision == 1.0
    assert found.confusion == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert found.predicted_classes == 4


def test_majority_and_variety_are_counted() -> None:
    single = measure(np.array([0, 0, 0, 1]), np.array([1, 1, 1, 1]), BINARY)
    several = measure(
        np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0]]),
        np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0]]),
        MULTILABEL,
    )

    assert (single.majority_share, single.predicted_classes) == (0.75, 1)
    assert several.majority_share == pytest.approx(2 / 3)
    assert several.predicted_classes == 2


@pytest.mark.parametrize(("rows", "answers"), [(0, 0), (3, 2)])
def test_labels_that_do_not_match_are_refused(rows: int, answers: int) -> None:
    with pytest.raises(ValueError, match="shape"):
        measure(np.zeros(rows, dtype=int), np.zeros(answers, dtype=int), BINARY)


LABELS = np.array([0, 1, 1, 0] * 100)
LOGITS = (LABELS * 2.0 - 1.0).astype(np.float32)


def ask(
    *,
    scores: Array | Fact[ArrayRef] | None = None,
    labels: Array | Fact[ArrayRef] | None = None,
    route: Route = Route.MODEL,
    kind: Fact[ScoreKind] | None = None,
    y_true: Array = LABELS,
    task: Task = Task.BINARY,
) -> Fact[Measurement]:
    arrays: dict[str, Array] = {}

    def refer(name: str, given: Array | Fact[ArrayRef] | None) -> Fact[ArrayRef]:
        if given is None:
            return absent("not asked for")
        if isinstance(given, Fact):
            return given
        arrays[name] = given
        return known(ArrayRef(file=name, shape=given.shape, dtype=str(given.dtype)))

    prediction = Prediction(
        exercise="circles",
        split=Split.HIDDEN,
        route=route,
        scores=refer("scores.npy", scores),
        labels=refer("labels.npy", labels),
    )
    what = known(ScoreKind.LOGITS) if kind is None else kind
    return measure_prediction(prediction, arrays, y_true, brief_of(task), what)


def test_scores_are_decided_and_measured() -> None:
    fact = ask(scores=LOGITS)

    assert fact.is_known
    assert fact.known_value.accuracy == 1.0
    assert fact.provenance is Provenance.MEASURED


def test_a_model_that_diverged_is_absent_not_unknown() -> None:
    fact = ask(scores=np.full(400, np.nan, dtype=np.float32))
    by_predict = ask(
        scores=np.full(400, np.nan, dtype=np.float32), labels=LABELS, route=Route.PREDICT
    )
    said_by_worker = ask(scores=unknown(HiddenProblem.NOT_FINITE))

    assert fact.is_absent
    assert by_predict.is_absent
    assert said_by_worker.is_absent
    assert fact.reason == "the model's outputs on hidden data are not numbers (NaN)"


def test_infinite_scores_are_absent_except_the_logarithm_of_nothing() -> None:
    logs = np.where(LABELS == 1, -0.1, -np.inf)

    assert ask(scores=np.where(LABELS == 1, np.inf, 0.0)).is_absent
    assert ask(scores=logs).is_absent
    fact = ask(scores=logs, kind=known(ScoreKind.LOG_PROBABILITIES))
    assert fact.known_value.accuracy == 1.0


def test_a_wrong_number_of_rows_is_unknown() -> None:
    fact = ask(scores=LOGITS[:-1])

    assert fact.is_unknown
    assert "400 rows" in fact.reason


def test_more_or_fewer_outputs_than_classes_are_measured() -> None:
    truth = np.array([0, 1, 2, 2])
    wide = ask(scores=np.eye(4)[[0, 1, 2, 3]], y_true=truth, task=Task.MULTICLASS)
    narrow = ask(scores=np.eye(2)[[0, 1, 0, 1]], y_true=truth, task=Task.MULTICLASS)

    assert wide.known_value.accuracy == 0.75
    assert narrow.known_value.accuracy == 0.5
    assert narrow.known_value.per_class["blue"].recall == 0.0


def test_shapes_that_name_no_class_are_the_models_own_fault() -> None:
    one_for_three = ask(scores=LOGITS, task=Task.MULTICLASS)
    images = ask(scores=np.zeros((400, 28, 2)))

    assert one_for_three.is_absent
    assert "cannot tell 3 classes apart" in one_for_three.reason
    assert images.is_absent


def test_an_unknown_kind_is_unknown_for_one_column_only() -> None:
    unclear: Fact[ScoreKind] = unknown("a lambda layer")

    one = ask(scores=LOGITS, kind=unclear)
    two = ask(scores=np.column_stack([-LOGITS, LOGITS]), kind=unclear)
    clipped = ask(scores=LOGITS, kind=known(ScoreKind.VALUES))
    class_numbers = ask(scores=LOGITS, kind=unclear, task=Task.MULTICLASS)

    assert one.is_unknown
    assert "a lambda layer" in one.reason
    assert two.known_value.accuracy == 1.0
    assert clipped.is_unknown
    assert class_numbers.is_unknown


def test_what_the_worker_could_not_get_is_passed_on() -> None:
    no_route = ask(scores=unknown(HiddenProblem.NO_ROUTE))
    crashed = ask(scores=absent(HiddenProblem.RAISED))
    lost = ask(scores=known(ArrayRef(file="gone.npy", shape=(400,), dtype="float32")))

    assert (no_route.state, no_route.reason) == ("unknown", HiddenProblem.NO_ROUTE)
    assert (crashed.state, crashed.reason) == ("absent", HiddenProblem.RAISED)
    assert lost.is_unknown


def test_predict_is_measured_where_the_model_confirms_it() -> None:
    labels = LABELS.copy()
    labels[:2] = 1 - labels[:2]

    same = ask(scores=LOGITS, labels=LABELS, route=Route.PREDICT)
    almost = ask(scores=LOGITS, labels=labels, route=Route.PREDICT)
    column = ask(scores=LOGITS, labels=LABELS[:, None], route=Route.PREDICT)

    assert same.known_value.accuracy == column.known_value.accuracy == 1.0
    assert almost.known_value.accuracy == pytest.approx(398 / 400)


def test_predict_that_the_model_does_not_confirm_is_unknown() -> None:
    labels = LABELS.copy()
    labels[:3] = 1 - labels[:3]
    route = Route.PREDICT

    differs = ask(scores=LOGITS, labels=labels, route=route)
    unseen = ask(scores=unknown(HiddenProblem.NOT_SEEN), labels=LABELS, route=route)
    unclear = ask(scores=LOGITS, labels=LABELS, route=route, kind=unknown("a lambda layer"))
    clever = ask(scores=LOGITS, labels=LABELS, route=route, task=Task.MULTICLASS)
    fractions = ask(scores=LOGITS, labels=LABELS / 2, route=route)
    nothing = ask(scores=LOGITS, labels=unknown(HiddenProblem.PREDICT_RAISED), route=route)

    for fact in (differs, unseen, unclear, clever, fractions, nothing):
        assert fact.is_unknown
    assert "on 3 of 400 rows" in differs.reason
    assert HiddenProblem.NOT_SEEN in unseen.reason


def test_multilabel_predictions_are_compared_row_by_row() -> None:
    truth = np.tile([[1, 0, 1], [0, 1, 0]], (100, 1))
    scores = truth * 2.0 - 1.0

    fact = ask(scores=scores, labels=truth, y_true=truth, route=Route.PREDICT, task=Task.MULTILABEL)
    wrong = ask(
        scores=scores, labels=truth[:, 0], y_true=truth, route=Route.PREDICT, task=Task.MULTILABEL
    )

    assert fact.known_value.accuracy == 1.0
    assert wrong.is_unknown


def test_multilabel_answers_other_than_0_and_1_are_unknown() -> None:
    truth = np.tile([[1, 0, 1], [0, 1, 0]], (200, 1))
    odd = truth.copy()
    odd[0, 0] = 2

    by_predict = ask(
        scores=truth * 2.0 - 1.0,
        labels=odd,
        y_true=truth,
        route=Route.PREDICT,
        task=Task.MULTILABEL,
    )
    by_model = ask(scores=odd, y_true=truth, kind=known(ScoreKind.LABELS), task=Task.MULTILABEL)

    assert by_predict.is_unknown
    assert by_model.is_unknown
    assert by_model.reason == "the labels on hidden data are not all 0 or 1"


def test_importing_metrics_and_checks_imports_no_scikit_learn() -> None:
    program = (
        "import sys, grader.metrics, grader.checks, grader.choice, grader.rubric.points; "
        "sys.exit(any(name.split('.')[0] in {'sklearn', 'scipy', 'torch', 'tensorflow'}"
        " for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
