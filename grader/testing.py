"""Builders of evidence, public: people who write checks test with them.

Each builder starts from evidence in which everything is right and takes changes by section::

    evidence = binary_evidence(loss={"expects": ScoreKind.LOGITS}, hidden=unknown("no route"))

Plain values become known facts; a fact that is absent or unknown is given as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from grader.evidence import (
    AveragedScores,
    Candidate,
    Data,
    EvaluatedRows,
    Evidence,
    ExerciseBrief,
    Fact,
    Framework,
    Freshness,
    HiddenLayer,
    InputStatistics,
    LossDescription,
    LossFamily,
    LossPoint,
    Measurement,
    Mode,
    ModelDescription,
    Operation,
    OptimizerDescription,
    Provenance,
    ScoreKind,
    TargetEncoding,
    Task,
    TrainingStory,
    absent,
    known,
    unknown,
)

D = TypeVar("D", bound=Data)
T = TypeVar("T")

_BRIEFS = {
    Task.BINARY: ("outer", "inner"),
    Task.MULTICLASS: ("red", "green", "blue"),
    Task.MULTILABEL: ("sun", "wind", "rain"),
}


def brief_of(task: Task, **changes: object) -> ExerciseBrief:
    """Describe an exercise with rows of two numbers.

    Args:
        task: Two classes if binary, otherwise three.
        changes: Other values for attributes of :class:`ExerciseBrief`.
    """
    start = {"id": "circles", "task": task, "classes": _BRIEFS[task], "input_shape": (2,)}
    return ExerciseBrief.model_validate({**start, **changes})


def measurement(value: float = 0.95, **changes: object) -> Measurement:
    """Make a measurement on 1000 rows in which every metric has one value.

    Args:
        value: Accuracy, and precision, recall and F1 under every average.
        changes: Other values for attributes of :class:`Measurement`.
    """
    scores = AveragedScores(precision=value, recall=value, f1=value)
    start = {
        "samples": 1000,
        "accuracy": value,
        "averages": dict.fromkeys(("binary", "macro", "micro", "weighted"), scores),
        "per_class": dict.fromkeys(_BRIEFS[Task.BINARY], scores),
        "majority_share": 0.5,
        "predicted_classes": 2,
    }
    return Measurement.model_validate({**start, **changes})


def binary_evidence(**changes: object) -> Evidence:
    """Describe ``Linear(2, 16), ReLU(), Linear(16, 1)`` with ``BCEWithLogitsLoss``, well trained.

    Args:
        changes: As :func:`changed` takes them.
    """
    right = Evidence(
        brief=brief_of(Task.BINARY),
        model=ModelDescription(
            class_name="Sequential",
            input_shape=known((None, 2)),
            output_shape=known((None, 1)),
            hidden_layers=known((HiddenLayer(units=16, activation="relu"),)),
            output_activation=known("linear"),
            emits=known(ScoreKind.LOGITS),
            is_affine=known(False),
            parameters=known(65),
        ),
        loss=LossDescription(
            name=_recorded("BCEWithLogitsLoss"),
            family=_recorded(LossFamily.BINARY_CROSS_ENTROPY),
            expects=_recorded(ScoreKind.LOGITS),
            receives=_recorded(ScoreKind.LOGITS),
            outside_activation=_recorded("linear"),
            target_encoding=_recorded(TargetEncoding.BINARY),
            target_shape=_recorded((None, 1)),
            target_dtype=_recorded("float32"),
        ),
        optimizer=OptimizerDescription(
            name=_recorded("Adam"),
            learning_rate=_recorded(0.01),
            holds_parameters=_recorded(True),
        ),
        training=TrainingStory(
            steps=_recorded(500),
            parameters_changed=_recorded(True),
            gradients=_recorded(500),
            input_width=_recorded(2),
            trained_on=_recorded("public data"),
        ),
        is_trained=_recorded(True),
        hidden=known(measurement(0.98), provenance=Provenance.MEASURED),
        validation=known(measurement(0.97), provenance=Provenance.MEASURED),
    )
    return changed(right, **changes)


def thorough_evidence(**changes: object) -> Evidence:
    """Describe :func:`binary_evidence` with every fact known that a rule may ask for.

    Scaled rows, shuffled batches, 40 epochs with a loss from 0.7 to 0.1, tested on rows of their
    own in evaluation mode.

    Args:
        changes: As :func:`changed` takes them.
    """
    right = binary_evidence(
        model={
            "operations": (
                Operation(kind="dense", inputs=2, units=16),
                Operation(kind="activation", activation="relu"),
                Operation(kind="dense", inputs=16, units=1),
            ),
            "frozen_parameters": 0,
            "unused_layers": (),
            "uses_input": True,
            "is_constant": False,
            "identical_units": 0.0,
            "inactive_units": 0.1,
            "saturated_units": 0.0,
        },
        loss={"input_shape": (None, 1), "classes_seen": 2, "weights_classes": False},
        optimizer={
            "first_learning_rate": 0.01,
            "lowest_learning_rate": 0.01,
            "highest_learning_rate": 0.01,
        },
        training={
            "epochs": 40,
            "rows": 400,
            "zero_grad": Freshness.EVERY_STEP,
            "trained_in": Mode.TRAINING,
            "evaluated_in": Mode.EVALUATION,
            "evaluated_with_gradients": False,
            "loss_calls": 500,
            "inputs": InputStatistics(minimum=-3.1, maximum=2.9, spread_ratio=1.2),
            "finite_losses": True,
            "single_class_batches": 0.0,
            "evaluated_on": EvaluatedRows(rows=100, trained=0, share_of_training=0.0),
            "selected_on_evaluated": False,
            "callbacks": absent("PyTorch has no callbacks"),
            "curve": loss_curve(0.1 + 0.6 * 0.85**step for step in range(40)),
            "evaluation_curve": loss_curve(0.15 + 0.55 * 0.85**step for step in range(40)),
        },
        preprocessing={
            "applied": "scaler (StandardScaler)",
            "bypassed": absent("no scaler was passed by"),
            "rows_fitted": 400,
            "refitted_on": absent("no transformer was fitted again"),
            "dropped_columns": 0,
        },
    )
    return changed(right, **changes)


def loss_curve(losses: Iterable[float | None]) -> tuple[LossPoint, ...]:
    """Make a curve with a point for each step.

    Args:
        losses: ``None`` for a loss that was no number.
    """
    return tuple(LossPoint(step=step, loss=loss) for step, loss in enumerate(losses, start=1))


def multiclass_evidence(**changes: object) -> Evidence:
    """Describe ``Linear(2, 16), ReLU(), Linear(16, 3)`` with ``CrossEntropyLoss``, well trained.

    Args:
        changes: As :func:`changed` takes them.
    """
    right = binary_evidence(
        brief=brief_of(Task.MULTICLASS),
        model={"output_shape": (None, 3)},
        loss={
            "name": "CrossEntropyLoss",
            "family": LossFamily.CATEGORICAL_CROSS_ENTROPY,
            "target_encoding": TargetEncoding.CLASS_INDEX,
            "target_shape": (None,),
            "target_dtype": "int64",
        },
    )
    return changed(right, **changes)


def multilabel_evidence(**changes: object) -> Evidence:
    """Describe ``Linear(2, 16), ReLU(), Linear(16, 3)`` with ``BCEWithLogitsLoss`` on multi-hot.

    Args:
        changes: As :func:`changed` takes them.
    """
    right = binary_evidence(
        brief=brief_of(Task.MULTILABEL),
        model={"output_shape": (None, 3)},
        loss={"target_encoding": TargetEncoding.MULTI_HOT, "target_shape": (None, 3)},
    )
    return changed(right, **changes)


def absent_evidence(reason: str = "no model was trained") -> Evidence:
    """Describe a submission in which nothing was there to look at.

    Args:
        reason: Of every fact.
    """
    return _with_every_fact(Evidence(), absent(reason))


def unknown_evidence(reason: str = "the sandbox could not be read") -> Evidence:
    """Describe a submission of which nothing is known.

    Args:
        reason: Of every fact.
    """
    return _with_every_fact(Evidence(), unknown(reason))


def candidate(number: int = 1, **changes: object) -> Candidate:
    """Describe a trained candidate that suits the exercise of :func:`binary_evidence`.

    Args:
        number: Makes its id and its rank by when it was last trained.
        changes: As :func:`changed` takes them.
    """
    right = binary_evidence()
    start = Candidate(
        id=f"m{number}",
        framework=Framework.PYTORCH,
        names=(f"model_{number}",),
        last_trained=number,
        is_trained=True,
        model=right.model,
        loss=right.loss,
        optimizer=right.optimizer,
        training=right.training,
    )
    return changed(start, **changes)


def changed(data: D, **changes: object) -> D:
    """Copy data with other values, validated like the original.

    Args:
        data: Evidence, a candidate, or a section of one.
        changes: By attribute; a mapping changes attributes within a section, and a plain value
            for a fact becomes known.
    """
    values: dict[str, Any] = {name: getattr(data, name) for name in type(data).model_fields}
    for name, value in changes.items():
        before = values[name]
        if isinstance(before, Fact) and not isinstance(value, Fact):
            values[name] = known(value, provenance=before.provenance)
        elif isinstance(before, Data) and isinstance(value, Mapping):
            values[name] = changed(before, **value)
        else:
            values[name] = value
    return type(data).model_validate(values)


def _recorded(value: T) -> Fact[T]:
    return known(value, provenance=Provenance.RECORDED)


def _with_every_fact(data: D, fact: Fact[Any]) -> D:
    values: dict[str, Any] = {name: getattr(data, name) for name in type(data).model_fields}
    for name, value in tuple(values.items()):
        if isinstance(value, Fact):
            values[name] = fact
        elif isinstance(value, Data):
            values[name] = _with_every_fact(value, fact)
    return type(data).model_validate(values)
