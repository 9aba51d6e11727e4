"""Accuracy, precision, recall, F1 and the confusion matrix, from scores and labels.

Runs outside the sandbox. scikit-learn is imported when something is measured, not before: the
command line imports this module and has to answer at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from grader.evidence import (
    ArrayRef,
    AveragedScores,
    ExerciseBrief,
    Fact,
    HiddenProblem,
    Knowledge,
    Measurement,
    Prediction,
    Provenance,
    Route,
    ScoreKind,
    Task,
    absent,
    known,
    unknown,
)

Array = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]

MINIMUM_AGREEMENT: Final = 0.995
"""Share of rows, inclusive, on which ``predict`` and the model's own scores must agree."""

_DECISION_THRESHOLDS: Final = {
    ScoreKind.LOGITS: 0.0,
    ScoreKind.PROBABILITIES: 0.5,
    ScoreKind.LOG_PROBABILITIES: math.log(0.5),
}


class UndecidableError(ValueError):
    """No labels follow from scores of this shape and kind; guessing is not an option."""


def decide(scores: Array, kind: ScoreKind | None, task: Task, n_classes: int) -> Labels:
    """Turn scores into labels.

    Args:
        scores: ``(N,)``, ``(N, 1)`` or ``(N, C)``; the number of columns may differ from
            ``n_classes`` unless the task is multilabel.
        kind: What the scores mean; ``None`` if that is not known.
        task: Kind of classification.
        n_classes: C, or L for multilabel.

    Returns:
        int64 ``(N,)``, or 0/1 ``(N, L)`` for multilabel. The largest of several columns wins,
        whatever the kind of score, and the first one of equals. One column, and each column of
        multilabel scores, is label 1 where it lies above (not at) probability one half.

    Raises:
        UndecidableError: The shape names no class, or one column has a kind without a decision
            threshold.
    """
    table = scores.reshape(-1, 1) if scores.ndim == 1 else scores
    problem = _shape_problem(table.shape, kind, task, n_classes)
    if problem:
        raise UndecidableError(problem)
    if kind is ScoreKind.LABELS and (task is Task.MULTILABEL or table.shape[1] == 1):
        return _whole(table if task is Task.MULTILABEL else table[:, 0])
    if task is not Task.MULTILABEL and table.shape[1] > 1:
        winners: Labels = np.argmax(table, axis=1).astype(np.int64)
        return winners
    if kind is None or kind not in _DECISION_THRESHOLDS:
        message = f"no decision threshold is known for {kind or 'scores of an unknown kind'}"
        raise UndecidableError(message)
    labels = (table > _DECISION_THRESHOLDS[kind]).astype(np.int64)
    return labels if task is Task.MULTILABEL else labels[:, 0]


def measure(y_true: Array, y_pred: Array, brief: ExerciseBrief) -> Measurement:
    """Compare decided labels with the true ones.

    A decided label that is no class of the exercise (a model may have more outputs than there
    are classes) is wrong: it counts against accuracy and against the recall of the true class.
    It is no false positive of any class, so precision does not know it, and the confusion matrix
    stays C by C: its row then adds up to less than the class has rows.

    Args:
        y_true: Labels, integer ``(N,)``; multilabel: 0/1 ``(N, L)``. N is at least 1.
        y_pred: Decided labels of the same shape.
        brief: The exercise.

    Returns:
        The measurement. In multilabel tasks the majority share is that of the most frequent
        combination of labels: what a constant guess would get right.

    Raises:
        ValueError: The shapes differ, or there is no row.

    Source:
        scikit-learn ``precision_recall_fscore_support``, ``zero_division=0``.
    """
    from sklearn.metrics import confusion_matrix

    if y_true.shape != y_pred.shape or not len(y_true):
        message = f"labels of shape {y_true.shape}, decided labels of shape {y_pred.shape}"
        raise ValueError(message)
    multilabel = brief.task is Task.MULTILABEL
    n_classes = len(brief.classes)
    right = np.all(y_true == y_pred, axis=1) if multilabel else y_true == y_pred
    inside = np.where((y_pred >= 0) & (y_pred < n_classes), y_pred, n_classes)

    each = _scores(y_true, inside, n_classes, None)
    per_class = {
        name: AveragedScores(precision=p, recall=r, f1=f)
        for name, p, r, f in zip(brief.classes, *(part.tolist() for part in each), strict=True)
    }
    averages = {
        average: AveragedScores(precision=float(p), recall=float(r), f1=float(f))
        for average in ("macro", "micro", "weighted")
        for p, r, f in (_scores(y_true, inside, n_classes, average),)
    }
    if brief.task is Task.BINARY:
        averages = {"binary": per_class[brief.classes[1]], **averages}
    confusion: tuple[tuple[int, ...], ...] = ()
    if not multilabel:
        counts = confusion_matrix(y_true, inside, labels=range(n_classes))
        confusion = tuple(tuple(row) for row in counts.tolist())
    _, frequencies = np.unique(y_true, axis=0, return_counts=True)
    predicted = np.count_nonzero(y_pred.any(axis=0)) if multilabel else len(np.unique(y_pred))
    return Measurement(
        samples=len(y_true),
        accuracy=float(np.mean(right)),
        averages=averages,
        per_class=per_class,
        confusion=confusion,
        majority_share=float(frequencies.max() / len(y_true)),
        predicted_classes=int(predicted),
    )


def measure_prediction(
    prediction: Prediction,
    arrays: Mapping[str, Array],
    y_true: Array,
    brief: ExerciseBrief,
    kind: Fact[ScoreKind],
) -> Fact[Measurement]:
    """Measure what a candidate said about the rows of one split.

    On the route ``predict`` the student's labels are measured, provided that the model was seen
    to run on these rows and that its own scores lead to the same labels (``MINIMUM_AGREEMENT``);
    on the other routes the labels are decided from the scores.

    Args:
        prediction: What the evidence says.
        arrays: The stored arrays by file name.
        y_true: The labels, integer ``(N,)`` or ``(N, L)``.
        brief: The exercise.
        kind: What the model emits.

    Returns:
        Known, measured; absent where the model itself cannot name classes (it diverged to NaN, or
        its outputs have an impossible shape), so that it fails; unknown, so that a person looks,
        where we cannot tell what its outputs mean or whether ``predict`` used it.
    """
    decided = _decided(prediction, arrays, len(y_true), brief, kind)
    if prediction.route is Route.PREDICT:
        decided = _confirmed(prediction, arrays, y_true.shape, decided)
    if not decided.is_known:
        return Fact[Measurement](
            state=decided.state, reason=decided.reason, provenance=Provenance.MEASURED
        )
    y_pred: Array = decided.known_value
    if brief.task is Task.MULTILABEL and not np.isin(y_pred, (0, 1)).all():
        return unknown(f"the labels on {prediction.split} data are not all 0 or 1")
    return known(measure(y_true, y_pred, brief), provenance=Provenance.MEASURED)


def _scores(
    y_true: Array, y_pred: Array, n_classes: int, average: str | None
) -> tuple[Any, Any, Any]:
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, f1, _ = precision_recall_fscore_support(
        y_true, y_pred, labels=range(n_classes), average=average, zero_division=0
    )
    return precision, recall, f1


def _decided(
    prediction: Prediction,
    arrays: Mapping[str, Array],
    rows: int,
    brief: ExerciseBrief,
    kind: Fact[ScoreKind],
) -> Fact[Any]:
    """Decide labels from the model's own scores, or say why that cannot be done."""
    outputs = f"the model's outputs on {prediction.split} data"
    stored = _stored(prediction.scores, arrays, rows, outputs)
    if stored.reason == HiddenProblem.NOT_FINITE:
        return absent(f"{outputs} are not numbers (NaN or infinite)")
    if not stored.is_known:
        return stored

    scores: Array = stored.known_value
    score_kind = kind.value if kind.is_known else None
    if np.isnan(scores).any():
        return absent(f"{outputs} are not numbers (NaN)")
    # The logarithm of a probability that underflowed to 0 is minus infinity, and rightly so.
    may_be_minus_infinity = score_kind is ScoreKind.LOG_PROBABILITIES
    if (np.isposinf(scores) if may_be_minus_infinity else np.isinf(scores)).any():
        return absent(f"{outputs} are infinite")

    table_shape = scores.shape if scores.ndim > 1 else (*scores.shape, 1)
    n_classes = len(brief.classes)
    may_be_labels = ScoreKind.LABELS if kind.is_unknown else score_kind
    problem = _shape_problem(table_shape, may_be_labels, brief.task, n_classes)
    if problem:
        # A predict that makes something of such outputs may be right: a person looks.
        state = unknown if prediction.route is Route.PREDICT else absent
        return state(f"{outputs} name no class: {problem}")
    try:
        return known(decide(scores, score_kind, brief.task, n_classes))
    except UndecidableError as error:
        reason = kind.reason if not kind.is_known else str(error)
        return unknown(f"it could not be told which label {outputs} stand for: {reason}")


def _confirmed(
    prediction: Prediction,
    arrays: Mapping[str, Array],
    shape: tuple[int, ...],
    decided: Fact[Any],
) -> Fact[Any]:
    """Take the labels that ``predict`` returned if the model's own scores confirm them."""
    what = f"the labels that predict returned on {prediction.split} data"
    stored = _stored(prediction.labels, arrays, shape[0], what)
    if not stored.is_known:
        return stored
    labels: Array = stored.known_value
    if len(shape) == 1 and labels.shape == (shape[0], 1):
        labels = labels[:, 0]
    if labels.shape != shape or labels.dtype.kind not in "iub":
        return unknown(f"{what} are {labels.dtype} of shape {labels.shape}, not one label per row")
    if decided.is_absent:
        return decided
    if not decided.is_known:
        return unknown(f"{what} could not be compared with the model's outputs: {decided.reason}")

    same = labels == decided.known_value
    agreeing = same if same.ndim == 1 else same.all(axis=1)
    if np.mean(agreeing) < MINIMUM_AGREEMENT:
        differing = int(np.count_nonzero(~agreeing))
        return unknown(
            f"{what} differ from the model's own outputs on {differing} of {len(agreeing)} rows"
        )
    return known(labels.astype(np.int64))


def _stored(ref: Fact[ArrayRef], arrays: Mapping[str, Array], rows: int, what: str) -> Fact[Any]:
    """Fetch an array that has one entry per row, or say why there is none."""
    if not ref.is_known:
        return Fact[Any](state=ref.state, reason=ref.reason, provenance=ref.provenance)
    array = arrays.get(ref.known_value.file)
    if array is None:
        return unknown(f"{what} were not kept")
    if array.ndim == 0 or len(array) != rows:
        return unknown(f"{what} do not have one entry for each of the {rows} rows")
    if array.dtype.kind not in "fiub":
        return unknown(f"{what} are not plain numbers")
    return Fact[Any](state=Knowledge.KNOWN, value=array)


def _shape_problem(
    shape: tuple[int, ...], kind: ScoreKind | None, task: Task, n_classes: int
) -> str:
    """Say why no class can be read from outputs of this shape; empty if one can."""
    if len(shape) != 2 or shape[1] == 0:
        return f"they have the shape {shape} instead of one line of numbers for each row"
    columns = shape[1]
    if task is Task.MULTILABEL and columns != n_classes:
        return f"there are {columns} for each row, but the exercise has {n_classes} labels"
    if task is Task.MULTICLASS and columns == 1 and kind is not ScoreKind.LABELS:
        return f"there is one for each row, which cannot tell {n_classes} classes apart"
    return ""


def _whole(values: Array) -> Labels:
    """Read scores that are class labels already."""
    labels = values.astype(np.int64)
    if not np.array_equal(labels, values):
        message = "the outputs are said to be class labels, but are not whole numbers"
        raise UndecidableError(message)
    return labels
