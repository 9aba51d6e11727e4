"""For every rule: cases in which it finds something, leaves something alone, and cannot know."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.diagnoses import Case, DecisionComparison
from grader.evidence import (
    CellError,
    EvaluatedRows,
    Evidence,
    Framework,
    Freshness,
    HiddenLayer,
    InputStatistics,
    LossFamily,
    Mode,
    Operation,
    ScoreKind,
    TargetEncoding,
    Task,
    absent,
    known,
    unknown,
)
from grader.testing import brief_of, loss_curve, measurement, thorough_evidence

P, K = Framework.PYTORCH, Framework.KERAS
UNSEEN = unknown("not seen")
LN2, LN3 = math.log(2), math.log(3)
UNTRAINED: dict[str, Any] = {
    "is_trained": False,
    "training": {
        "steps": absent("no training of this model was seen"),
        "gradients": absent("no training of this model was seen"),
        "loss_calls": 0,
        "parameters_changed": False,
        "evaluated_on": absent("the model was called for nothing but training"),
        "curve": (),
        "evaluation_curve": (),
    },
}
CLASSES: dict[str, Any] = {
    "model": {
        "output_shape": (None, 3),
        "parameters": 99,
        "operations": (
            Operation(kind="dense", inputs=2, units=16),
            Operation(kind="activation", activation="relu"),
            Operation(kind="dense", inputs=16, units=3),
        ),
    },
    "loss": {
        "name": "CrossEntropyLoss",
        "family": LossFamily.CATEGORICAL_CROSS_ENTROPY,
        "target_encoding": TargetEncoding.CLASS_INDEX,
        "target_shape": (None,),
        "target_dtype": "int64",
        "input_shape": (None, 3),
        "classes_seen": 3,
    },
}


@dataclass(frozen=True, slots=True)
class Examples:
    """What one rule does: ``found``, ``left`` and ``blind`` hold at least one case each."""

    found: tuple[Case, ...]
    left: tuple[Case, ...]
    blind: tuple[Case, ...]


def binary(framework: Framework | None = P, **changes: Any) -> Case:  # noqa: ANN401  # as changed
    """A sound case of two classes, changed; ``errors`` and ``decided`` go to the case."""
    return _case(framework, Task.BINARY, {}, changes)


def classes(framework: Framework | None = P, **changes: Any) -> Case:  # noqa: ANN401  # as changed
    """A sound case of three classes, changed likewise."""
    return _case(framework, Task.MULTICLASS, CLASSES, changes)


def labels(framework: Framework | None = P, **changes: Any) -> Case:  # noqa: ANN401  # as changed
    """A sound case of three labels, changed likewise."""
    loss = {"target_encoding": TargetEncoding.MULTI_HOT, "target_shape": (None, 3)}
    start = {
        "model": CLASSES["model"],
        "loss": {**loss, "input_shape": (None, 3), "classes_seen": 3},
    }
    return _case(framework, Task.MULTILABEL, start, changes)


def failed(name: str, message: str, **changes: Any) -> Case:  # noqa: ANN401  # as changed
    """A case of a program that raised before anything was trained."""
    return binary(errors=(CellError(name=name, message=message),), **{**UNTRAINED, **changes})


def nothing_known() -> Case:
    """A case of which nothing is known at all."""
    return Case(Evidence(), brief_of(Task.BINARY))


def _case(
    framework: Framework | None, task: Task, start: Mapping[str, Any], changes: Mapping[str, Any]
) -> Case:
    changes = dict(changes)
    errors, decided = changes.pop("errors", ()), changes.pop("decided", None)
    brief = changes.pop("brief", brief_of(task))
    sections = dict(start)
    for name, change in changes.items():
        merge = isinstance(change, Mapping) and isinstance(sections.get(name), Mapping)
        sections[name] = {**sections[name], **change} if merge else change
    evidence = thorough_evidence(brief=brief or brief_of(task), **sections)
    return Case(evidence, brief, errors, decided, framework)


def operations(*kinds: str, rate: float | None = None) -> tuple[Operation, ...]:
    """Steps of these kinds; dropout with this rate."""
    return tuple(
        Operation(kind=kind, rate=rate if kind == "dropout" else None)
        if kind != "relu"
        else Operation(kind="activation", activation="relu")
        for kind in kinds
    )


def hidden(*activations: str) -> tuple[HiddenLayer, ...]:
    """Hidden layers of 16 units."""
    return tuple(HiddenLayer(units=16, activation=name) for name in activations)


def rows(rows: int, trained: int, share: float) -> EvaluatedRows:
    """Rows that were evaluated."""
    return EvaluatedRows(rows=rows, trained=trained, share_of_training=share)


def poor(**changes: object) -> object:
    """A measurement no better than a constant guess."""
    return measurement(0.5, confusion=((50, 0), (50, 0)), **changes)


def trained(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # as changed
    """A model that was badly trained, on nothing that was measured."""
    return {"validation": UNSEEN, "hidden": UNSEEN, "training": changes}


FLAT = loss_curve(LN2 + 0.001 * (-1) ** step for step in range(60))
SLOW = loss_curve(LN2 - 0.0001 * step for step in range(60))
CREEPS = loss_curve(LN2 - 0.00002 * step for step in range(200))
JUMPS = loss_curve((0.7, 3.0, 1.2, 4.0, 0.9, 2.5)[step % 6] for step in range(40))
GROWS = loss_curve(0.7 * 1.2**step for step in range(40))
STRAIGHT = loss_curve(0.70 - 0.0025 * step for step in range(40))
RISES = loss_curve(
    [0.7, 0.6, 0.5, 0.4, 0.4, 0.42, 0.45, 0.5] + [0.55 + 0.01 * s for s in range(32)]
)


def all_examples() -> dict[str, Examples]:
    """Cases by the id of the rule."""
    return {name: Examples(*made) for part in _PARTS for name, made in part().items()}


Made = dict[str, tuple[tuple[Case, ...], tuple[Case, ...], tuple[Case, ...]]]


def _pairing() -> Made:
    softmax = {"output_activation": "softmax", "emits": ScoreKind.PROBABILITIES}
    sigmoid = {"output_activation": "sigmoid", "emits": ScoreKind.PROBABILITIES}
    probabilities = {"receives": ScoreKind.PROBABILITIES}
    on_probabilities = {**probabilities, "expects": ScoreKind.PROBABILITIES}
    nll = {
        "name": "NLLLoss",
        "family": LossFamily.NEGATIVE_LOG_LIKELIHOOD,
        "expects": ScoreKind.LOG_PROBABILITIES,
    }
    logs = {"receives": ScoreKind.LOG_PROBABILITIES}
    values = {"receives": ScoreKind.VALUES}
    return {
        "softmax-before-loss": (
            (
                classes(model=softmax, loss=probabilities),
                classes(loss={**probabilities, "outside_activation": "softmax"}),
                classes(
                    K,
                    model=softmax,
                    loss={
                        **probabilities,
                        "name": "CategoricalCrossentropy",
                        "target_encoding": TargetEncoding.ONE_HOT,
                        "repaired_by_framework": True,
                    },
                ),
                classes(model=softmax, loss={**nll, **logs, "outside_activation": "log_softmax"}),
            ),
            (
                classes(),
                classes(model={"output_activation": "log_softmax"}, loss=logs),
                classes(
                    K,
                    model=softmax,
                    loss={**on_probabilities, "name": "sparse_categorical_crossentropy"},
                ),
            ),
            (classes(model=softmax, loss={**probabilities, "expects": UNSEEN}),),
        ),
        "sigmoid-before-loss": (
            (
                binary(model=sigmoid, loss=probabilities),
                binary(loss={**probabilities, "outside_activation": "sigmoid"}),
                binary(model=sigmoid, loss={**on_probabilities, "outside_activation": "sigmoid"}),
            ),
            (binary(), binary(model=sigmoid, loss={**on_probabilities, "name": "BCELoss"})),
            (binary(model=sigmoid, loss={"receives": UNSEEN}),),
        ),
        "scores-not-probabilities": (
            (
                binary(loss={"expects": ScoreKind.PROBABILITIES}),
                classes(loss=nll),
                classes(model=softmax, loss={**nll, **probabilities}),
                failed(
                    "RuntimeError",
                    "all elements of input should be between 0 and 1",
                    loss=dict.fromkeys(("name", "expects", "receives", "family"), UNSEEN),
                ),
            ),
            (
                binary(model=sigmoid, loss=on_probabilities),
                classes(model={"output_activation": "log_softmax"}, loss={**nll, **logs}),
                binary(
                    loss={
                        "expects": ScoreKind.PROBABILITIES,
                        "family": LossFamily.MEAN_SQUARED_ERROR,
                    }
                ),
                # NaN raises the same error.
                failed(
                    "RuntimeError",
                    "all elements of input should be between 0 and 1",
                    model=sigmoid,
                    loss=on_probabilities,
                ),
            ),
            (binary(loss={"expects": ScoreKind.PROBABILITIES, "receives": UNSEEN}),),
        ),
        "softmax-over-one-unit": (
            (
                binary(model=softmax, loss=on_probabilities),
                binary(loss={**on_probabilities, "outside_activation": "softmax"}),
            ),
            (
                classes(model=softmax, loss=on_probabilities),
                binary(
                    model={"output_shape": (None, 2), "output_activation": "softmax"},
                    loss={**on_probabilities, "input_shape": (None, 2)},
                ),
            ),
            (
                binary(
                    model={**softmax, "output_shape": UNSEEN},
                    loss={**on_probabilities, "input_shape": UNSEEN},
                ),
            ),
        ),
        "bounded-output": (
            (
                binary(model={"output_activation": "relu"}, loss=values),
                classes(loss={**values, "outside_activation": "tanh"}),
                binary(
                    model={"output_activation": "relu"},
                    loss={**on_probabilities, "outside_activation": "sigmoid"},
                ),
            ),
            (binary(), binary(model=sigmoid, loss=on_probabilities)),
            (binary(model={"output_activation": "relu"}, loss={"receives": UNSEEN}),),
        ),
        "log-softmax-before-cross-entropy": (
            (classes(model={"output_activation": "log_softmax"}, loss=logs),),
            (classes(), classes(model={"output_activation": "log_softmax"}, loss={**nll, **logs})),
            (classes(loss={**logs, "family": UNSEEN}),),
        ),
    }


def _loss_choice() -> Made:
    one_hot = {"target_encoding": TargetEncoding.ONE_HOT, "target_shape": (None, 3)}
    several = {"target_encoding": TargetEncoding.MULTI_HOT, "target_shape": (None, 3)}
    bce = {"name": "BCEWithLogitsLoss", "family": LossFamily.BINARY_CROSS_ENTROPY}
    mse = {"name": "MSELoss", "family": LossFamily.MEAN_SQUARED_ERROR}
    four = {"output_shape": (None, 4)}
    return {
        "wrong-loss-family": (
            (
                binary(
                    loss={
                        "name": "CrossEntropyLoss",
                        "family": LossFamily.CATEGORICAL_CROSS_ENTROPY,
                    }
                ),
                classes(loss=several),
                labels(model={"output_activation": "softmax"}),
            ),
            (
                classes(),
                labels(),
                binary(
                    model={"output_shape": (None, 2)},
                    loss={**CLASSES["loss"], "input_shape": (None, 2), "classes_seen": 2},
                ),
                classes(loss={**one_hot, "name": "CrossEntropyLoss"}),
            ),
            (binary(loss={"name": "CrossEntropyLoss", "family": UNSEEN}),),
        ),
        "regression-loss": (
            (binary(loss=mse), binary(loss={"name": "HuberLoss", "family": LossFamily.OTHER})),
            (binary(loss={"name": "FocalLoss", "family": LossFamily.OTHER}), binary()),
            (binary(loss={**mse, "family": UNSEEN}),),
        ),
        "binary-loss-on-one-hot": (
            (classes(loss={**bce, **one_hot}), classes(brief=None, loss={**bce, **one_hot})),
            (labels(loss=one_hot), classes(), labels()),
            (classes(loss={**bce, "target_encoding": UNSEEN}),),
        ),
        "output-count": (
            (
                classes(model=four, loss={"input_shape": (None, 4)}),
                classes(brief=None, model=four, loss={"input_shape": (None, 4)}),
                failed("IndexError", "Target 3 is out of bounds."),
            ),
            (
                classes(),
                labels(),
                binary(
                    model={"output_shape": (None, 2)},
                    loss={**CLASSES["loss"], "input_shape": (None, 2), "classes_seen": 2},
                ),
                # The last class does not occur among the training rows.
                classes(loss={"classes_seen": 2}),
            ),
            (classes(model=four, loss={"input_shape": (None, 4), "classes_seen": UNSEEN}),),
        ),
    }


def _labels() -> Made:
    keras = {"expects": ScoreKind.PROBABILITIES, "receives": ScoreKind.PROBABILITIES}
    sparse = {**keras, "name": "sparse_categorical_crossentropy"}
    table = {**keras, "name": "CategoricalCrossentropy"}
    one_hot = {"target_encoding": TargetEncoding.ONE_HOT, "target_shape": (None, 3)}
    index = {"target_encoding": TargetEncoding.CLASS_INDEX}
    flat = {"target_shape": (None,)}
    mse = {"name": "MSELoss", "family": LossFamily.MEAN_SQUARED_ERROR}
    sizes = "Target size (torch.Size([{}])) must be the same as input size (torch.Size([{}]))"
    no_loss = dict.fromkeys(("name", "target_encoding", "input_shape", "family"), UNSEEN)
    worse = DecisionComparison(100, 50, (100,), 1, 2, 0.5, 0.96)
    return {
        "label-encoding": (
            (
                classes(K, loss={**sparse, **one_hot}),
                classes(K, loss=table),
                binary(loss=index),
                binary(K, loss={**one_hot, "target_shape": (None, 2)}),
                failed("RuntimeError", "expected scalar type Long but found Float", loss=no_loss),
                failed("ValueError", sizes.format("32", "32, 3"), loss=no_loss),
            ),
            (
                classes(loss=one_hot),
                classes(K, loss=sparse),
                binary(),
                binary(loss={**index, "name": UNSEEN}),
                binary(loss={"target_encoding": TargetEncoding.OTHER}),
                labels(),
            ),
            (classes(K, loss={**sparse, "target_encoding": UNSEEN}),),
        ),
        "shape-broadcast": (
            (
                binary(loss={**mse, **flat}),
                binary(None, loss={**mse, **flat}),
                binary(loss={"name": UNSEEN, "input_shape": (None,)}),
                binary(K, loss={"name": "written by hand", **flat}, training={"callbacks": UNSEEN}),
                failed("ValueError", sizes.format("32", "32, 1"), loss=no_loss),
            ),
            (
                binary(K, loss={"name": "binary_crossentropy", **flat}),
                # A formula in compile, for which Keras brings the labels into shape.
                binary(
                    K,
                    loss={"name": "written by hand", **flat},
                    training={"callbacks": ("History",)},
                ),
                binary(loss={"input_shape": (None,), **flat}),
                classes(),
            ),
            (
                binary(loss={**mse, **flat, "input_shape": UNSEEN}),
                binary(None, loss={**flat, "name": UNSEEN}),
            ),
        ),
        "decision-rule": (
            (
                binary(decided=worse),
                binary(decided=DecisionComparison(100, 0, (), 1, 2)),
                binary(decided=DecisionComparison(100, 50, (100,), 1, 2)),
            ),
            (
                binary(decided=DecisionComparison(100, 99, (100,), 2, 2, 0.95, 0.96)),
                binary(decided=DecisionComparison(100, 80, (100,), 2, 2, 0.9, 0.85)),
                binary(decided=DecisionComparison(4, 2, (4,), 1, 2, 0.5, 1.0)),
            ),
            (binary(decided=None, validation=UNSEEN, hidden=UNSEEN),),
        ),
    }


def _structure() -> Made:
    three = tuple(
        Operation(kind="dense", inputs=inputs, units=units)
        for inputs, units in ((2, 12), (12, 12), (12, 1))
    )
    flat = {"is_affine": True, "hidden_layers": hidden("linear")}
    bent = {
        "is_affine": False,
        "hidden_layers": hidden("linear"),
        "output_activation": "sigmoid",
        "operations": (*operations("dense", "dense"), Operation(kind="activation")),
    }
    heavy = operations("dense", "relu", "dropout", "dense", "relu", "dropout", "dense", rate=0.5)
    light = operations("dense", "relu", "dropout", "dense", "relu", "dropout", "dense", rate=0.2)
    no_rate = operations("dense", "relu", "dropout", "dense", "relu", "dropout", "dense")
    return {
        "no-non-linearity": (
            (binary(model=flat), binary(model=bent)),
            (
                binary(),
                binary(model={"is_affine": True, "hidden_layers": ()}),
                # A network whose units all died is affine, too.
                binary(model={"is_affine": True}),
                binary(
                    model={
                        "hidden_layers": hidden("linear"),
                        "operations": operations("embedding", "average-pool", "dense"),
                    }
                ),
            ),
            (binary(model={**flat, "hidden_layers": UNSEEN}),),
        ),
        "unused-layer": (
            (binary(model={"unused_layers": ("fc3 (Linear)",)}),),
            (
                binary(),
                binary(model={"unused_layers": ("softmax (Softmax)", "loss (BCEWithLogitsLoss)")}),
            ),
            (binary(model={"unused_layers": UNSEEN}),),
        ),
        "init-misspelled": (
            (
                failed("ValueError", "optimizer got an empty parameter list"),
                failed("AttributeError", "cannot assign module before Module.__init__() call"),
                failed("AttributeError", "'Net' object has no attribute '_dtype_policy'"),
                failed(
                    "AttributeError",
                    "Exception encountered when calling Net.call().\n\n"
                    "'Net' object has no attribute 'out'",
                ),
                binary(model={"parameters": 13, "operations": three}),
            ),
            (
                binary(),
                failed("ValueError", "learning rate must be positive"),
                failed("AttributeError", "'list' object has no attribute 'shape'"),
                # The middle layer is used twice, or all but the last is frozen.
                binary(model={"parameters": 205, "operations": (*three[:2], *three[1:])}),
                binary(model={"parameters": 13, "frozen_parameters": 192, "operations": three}),
            ),
            (nothing_known(), binary(model={"parameters": 13, "operations": UNSEEN})),
        ),
        "forward-ignores-input": (
            (binary(model={"uses_input": False}),),
            (binary(), binary(model={"uses_input": False, "inactive_units": 1.0})),
            (binary(model={"uses_input": UNSEEN}),),
        ),
        "identical-units": (
            (binary(model={"identical_units": 1.0}),),
            (binary(), binary(model={"identical_units": 0.2})),
            (binary(model={"identical_units": UNSEEN}),),
        ),
        "heavy-dropout": (
            (binary(model={"operations": heavy}),),
            (binary(), binary(model={"operations": light})),
            (binary(model={"operations": no_rate}), binary(model={"operations": UNSEEN})),
        ),
    }


def _inputs() -> Made:
    wide = InputStatistics(minimum=0.0, maximum=1000.0, spread_ratio=900.0)
    raw = {"applied": absent("no transformer was found"), "rows_fitted": UNSEEN}
    bypassed = {**raw, "bypassed": "scaler (StandardScaler)"}
    gaps = InputStatistics(minimum=-1, maximum=1, has_missing=True)
    toy = InputStatistics(minimum=-13.0, maximum=12.0, spread_ratio=1.4)
    dummies = InputStatistics(minimum=-3.0, maximum=4.6, spread_ratio=25.0)
    first = operations("batch-norm", "dense", "relu", "dense")
    words = operations("embedding", "average-pool", "dense")
    split_off = {"rows": 320, "evaluated_on": rows(180, 0, 0.0)}
    return {
        "missing-values": (
            (binary(training={"inputs": gaps}),),
            (binary(),),
            (binary(training={"inputs": UNSEEN}),),
        ),
        "scaler-not-applied": (
            (binary(preprocessing=bypassed),),
            (binary(), binary(preprocessing={"bypassed": "scaler (StandardScaler)"})),
            (binary(preprocessing={**raw, "bypassed": UNSEEN}),),
        ),
        "inputs-not-scaled": (
            (binary(preprocessing=raw, training={"inputs": wide}),),
            (
                binary(preprocessing=raw),
                binary(training={"inputs": wide}),
                binary(preprocessing=raw, training={"inputs": toy}),
                binary(preprocessing=raw, training={"inputs": dummies}),
                binary(preprocessing=raw, training={"inputs": wide}, model={"operations": first}),
                binary(preprocessing=raw, training={"inputs": wide}, model={"operations": words}),
            ),
            (
                binary(preprocessing=raw, training={"inputs": UNSEEN}),
                binary(preprocessing=raw, training={"inputs": wide}, model={"operations": UNSEEN}),
            ),
        ),
        "scaler-fitted-on-other-rows": (
            (
                binary(preprocessing={"rows_fitted": 500}),
                binary(preprocessing={"refitted_on": 100}),
            ),
            (
                binary(),
                # A few rows occur twice, which the distinct ones do not count.
                binary(preprocessing={"rows_fitted": 405}),
                # Fitted before fit() set its validation rows aside; test rows are others.
                binary(preprocessing={"rows_fitted": 400}, training=split_off),
                # The next fold of a cross-validation.
                binary(preprocessing={"refitted_on": 400}),
            ),
            (binary(preprocessing={"rows_fitted": 500}, training={"evaluated_on": UNSEEN}),),
        ),
        "columns-dropped": (
            (binary(preprocessing={"dropped_columns": 5}),),
            (binary(),),
            (binary(preprocessing={"dropped_columns": UNSEEN}),),
        ),
    }


def _loop() -> Made:
    idle = {"steps": 0, "parameters_changed": False, "loss_calls": 60, "gradients": 60}
    no_gradient = {**idle, "gradients": absent("none"), "steps": absent("none")}
    grad_error = "element 0 of tensors does not require grad and does not have a grad_fn"
    return {
        "never-trained": (
            (binary(**UNTRAINED), binary(**{**UNTRAINED, "is_trained": absent("nothing changed")})),
            (
                binary(),
                failed("TypeError", "forward() takes 1 positional argument but 2 were given"),
                binary(**{**UNTRAINED, "training": {"parameters_changed": True}}),
            ),
            (
                binary(**{**UNTRAINED, "is_trained": UNSEEN}),
                binary(
                    is_trained=absent("the CPU limit was reached"),
                    training={
                        name: absent("the CPU limit was reached")
                        for name in ("steps", "gradients", "loss_calls", "parameters_changed")
                    },
                ),
            ),
        ),
        "no-backward": (
            (binary(is_trained=False, training=no_gradient),),
            (
                binary(),
                binary(is_trained=False, training=idle),
                binary(
                    is_trained=False,
                    training=no_gradient,
                    errors=(CellError(name="RuntimeError", message=grad_error),),
                ),
            ),
            (binary(is_trained=False, training={**no_gradient, "loss_calls": UNSEEN}),),
        ),
        "no-step": (
            (binary(is_trained=False, training=idle),),
            (
                binary(),
                binary(training={"steps": 0}),
                binary(is_trained=False, training=idle, optimizer={"holds_parameters": False}),
            ),
            (binary(is_trained=False, training={**idle, "parameters_changed": UNSEEN}),),
        ),
        "optimizer-holds-other-parameters": (
            (binary(is_trained=False, training=idle, optimizer={"holds_parameters": False}),),
            (binary(), binary(training={"steps": 0}, optimizer={"holds_parameters": False})),
            (binary(optimizer={"holds_parameters": UNSEEN}),),
        ),
        "missing-zero-grad": (
            (
                binary(training={"zero_grad": Freshness.NEVER}),
                binary(training={"zero_grad": Freshness.SOME_STEPS}),
            ),
            (binary(), binary(training={"zero_grad": Freshness.NEVER, "steps": 2})),
            (binary(training={"zero_grad": UNSEEN}),),
        ),
        "no-graph": (
            (failed("RuntimeError", grad_error),),
            (binary(), failed("RuntimeError", "mat1 and mat2 shapes cannot be multiplied")),
            (nothing_known(),),
        ),
        "manual-gradient-descent": (
            (binary(training={"steps": 0}),),
            (binary(), binary(training={"steps": 0, "parameters_changed": False})),
            (binary(training={"steps": UNSEEN}),),
        ),
    }


def _modes() -> Made:
    with_dropout = {"operations": operations("dense", "relu", "dropout", "dense", rate=0.2)}
    in_vain = {"operations": operations("dense", "relu", "dropout", "dense", rate=0.0)}
    norm = {"operations": operations("dense", "batch-norm", "relu", "dense")}
    evaluation = {"trained_in": Mode.EVALUATION}
    training = {"evaluated_in": Mode.TRAINING}
    glance = {**training, "evaluated_on": rows(5, 5, 0.01)}
    return {
        "trained-in-evaluation-mode": (
            (
                binary(model=with_dropout, training=evaluation),
                binary(K, model=norm, training={"trained_in": Mode.MIXED}),
            ),
            (
                binary(model=with_dropout),
                binary(training=evaluation),
                binary(model=in_vain, training=evaluation),
            ),
            (
                binary(model={"operations": UNSEEN}, training=evaluation),
                binary(model=norm, training={"trained_in": UNSEEN}),
            ),
        ),
        "evaluated-in-training-mode": (
            (binary(model=with_dropout, training=training), binary(model=norm, training=training)),
            (
                binary(training=training),
                binary(model=norm),
                binary(model=norm, training={"evaluated_in": Mode.MIXED}),
                binary(model=norm, training=glance),
            ),
            (binary(model={"operations": UNSEEN}, training=training),),
        ),
        "evaluation-mode-harmless": (
            (binary(training=evaluation),),
            (binary(), binary(model=norm, training=evaluation), binary(K, training=evaluation)),
            (binary(model={"operations": UNSEEN}, training=evaluation),),
        ),
        "evaluated-with-gradients": (
            (binary(training={"evaluated_with_gradients": True}),),
            (binary(), binary(K, training={"evaluated_with_gradients": True})),
            (binary(training={"evaluated_with_gradients": UNSEEN}),),
        ),
        "removed-api": (
            (
                failed("AttributeError", "'Sequential' object has no attribute 'predict_classes'"),
                failed("ValueError", "Argument(s) not recognized: {'lr': 0.01}"),
            ),
            (binary(), failed("AttributeError", "'list' object has no attribute 'shape'")),
            (nothing_known(),),
        ),
    }


def _rows() -> Made:
    part, whole = rows(100, 100, 0.25), rows(400, 400, 1.0)
    chosen = {"selected_on_evaluated": True, "callbacks": ("EarlyStopping", "History")}
    small = {"single_class_batches": 0.7, "epochs": 10, "rows": 200, "steps": 250}
    missed = measurement(0.95, confusion=((95, 0), (5, 0)), majority_share=0.95)
    rare = measurement(0.95, confusion=((99, 0), (1, 0)), majority_share=0.99)
    return {
        "trained-on-test-rows": (
            (binary(training={"evaluated_on": part}),),
            (
                binary(),
                binary(training={"evaluated_on": whole}),
                binary(training={"evaluated_on": rows(8, 8, 0.02)}),
                binary(training={"evaluated_on": rows(200, 100, 0.25)}),
            ),
            (binary(training={"evaluated_on": UNSEEN}),),
        ),
        "evaluated-on-training-rows": (
            (binary(training={"evaluated_on": whole}),),
            (
                binary(),
                binary(training={"evaluated_on": rows(500, 400, 1.0)}),
                binary(training={"evaluated_on": rows(10, 10, 1.0)}),
                binary(training={"evaluated_on": absent("only trained")}),
            ),
            (binary(training={"evaluated_on": UNSEEN}),),
        ),
        "selected-on-test-rows": (
            (binary(K, training=chosen),),
            (
                binary(),
                binary(K, training={**chosen, "selected_on_evaluated": False}),
                binary(K, training={**chosen, "callbacks": ("History",)}),
            ),
            (binary(K, training={**chosen, "selected_on_evaluated": UNSEEN}),),
        ),
        "unshuffled-batches": (
            (
                binary(training={"single_class_batches": 0.9}),
                binary(training={"single_class_batches": 0.7}),
            ),
            (
                binary(),
                binary(training={"single_class_batches": 1.0, "steps": 2}),
                # Batches of eight rows, of which a rare class is missing by chance.
                binary(training=small, validation=UNSEEN, hidden=UNSEEN),
                binary(training=small, validation=known(measurement(0.95, majority_share=0.95))),
            ),
            (binary(training={"single_class_batches": UNSEEN}),),
        ),
        "minority-class-missed": (
            (binary(validation=known(missed)), binary(validation=UNSEEN, hidden=known(missed))),
            (
                binary(validation=known(measurement(0.9, confusion=((95, 0), (4, 1))))),
                binary(validation=known(rare)),
                labels(validation=known(measurement(0.5))),
            ),
            (binary(validation=UNSEEN, hidden=UNSEEN),),
        ),
    }


def _dynamics() -> Made:
    sgd = {"name": "SGD", "learning_rate": 5.0, "highest_learning_rate": 5.0}
    tiny = {"learning_rate": 1e-6, "highest_learning_rate": 1e-6}
    swept = {"first_learning_rate": 1e-4, "learning_rate": 8.9, "highest_learning_rate": 8.9}
    warmed = {"first_learning_rate": 1e-6, "learning_rate": 1e-3}
    return {
        "learning-rate-too-high": (
            (
                binary(optimizer=sgd, **trained(curve=JUMPS)),
                binary(optimizer=sgd, **trained(curve=GROWS)),
                binary(optimizer=sgd, **trained(finite_losses=False, curve=())),
            ),
            (
                binary(optimizer=sgd),
                binary(**trained(curve=JUMPS)),
                binary(optimizer=sgd, training={"curve": JUMPS}),
                binary(optimizer=sgd, **trained(curve=STRAIGHT)),
                # The logarithm of 0, out of the blue.
                binary(
                    optimizer=sgd,
                    **trained(finite_losses=False, curve=loss_curve([0.7, 0.1, 0.01, None])),
                ),
            ),
            (
                binary(optimizer=sgd, **trained(curve=())),
                binary(
                    optimizer={"learning_rate": UNSEEN, "highest_learning_rate": UNSEEN},
                    **trained(curve=JUMPS),
                ),
            ),
        ),
        "learning-rate-too-low": (
            (
                binary(optimizer=tiny, **trained(curve=SLOW)),
                binary(optimizer=tiny, **trained(curve=FLAT)),
            ),
            (
                binary(optimizer=tiny),
                binary(**trained(curve=SLOW)),
                binary(optimizer=tiny, **trained(curve=SLOW[:15], steps=15)),
            ),
            (binary(optimizer=tiny, **trained(curve=())),),
        ),
        "learning-rate-sweep-left": (
            (binary(optimizer=swept),),
            (
                binary(),
                binary(optimizer=warmed),
                binary(optimizer={**swept, "learning_rate": 1e-3}),
            ),
            (binary(optimizer={**swept, "first_learning_rate": UNSEEN}),),
        ),
        "loss-stuck": (
            (
                binary(**trained(curve=FLAT)),
                classes(**trained(curve=loss_curve([LN3] * 60))),
                binary(training={"curve": FLAT}, validation=known(poor()), hidden=UNSEEN),
                # Two hundred steps at a good rate for nothing.
                binary(**trained(curve=CREEPS, steps=200)),
            ),
            (
                binary(),
                binary(training={"curve": FLAT}),
                binary(**trained(curve=CREEPS, steps=60)),
                binary(optimizer={"learning_rate": 1e-4}, **trained(curve=CREEPS, steps=200)),
                binary(**trained(curve=loss_curve([0.02] * 60))),
                binary(**trained(curve=FLAT[:15], steps=15)),
                binary(**trained(curve=STRAIGHT)),
            ),
            (binary(**trained(curve=())), binary(loss={"family": UNSEEN}, **trained(curve=FLAT))),
        ),
        "loss-exploded": (
            (
                binary(**trained(finite_losses=False)),
                binary(**trained(curve=loss_curve(0.7 * 1.4**step for step in range(40)))),
            ),
            (
                binary(),
                binary(**trained(curve=loss_curve([0.7, 90.0, 5.0, 0.7, *[0.3] * 36]))),
                binary(**trained(curve=JUMPS)),
            ),
            (binary(**trained(finite_losses=UNSEEN, curve=())),),
        ),
    }


def _fit() -> Made:
    overfit = {"evaluation_curve": RISES}
    dead, full = {"inactive_units": 0.8}, {"saturated_units": 0.8}
    levels_off = loss_curve(0.6 + 0.1 * 0.8**step for step in range(40))
    noisy = loss_curve(0.7 - 0.0025 * step + 0.02 * (-1) ** step for step in range(40))
    unmeasured = {"validation": UNSEEN, "hidden": UNSEEN}
    return {
        "inactive-units": (
            (binary(model=dead, **trained(curve=FLAT)),),
            (
                binary(model=dead),
                binary(model={"inactive_units": 0.5}, **trained(curve=FLAT)),
                binary(model=dead, **unmeasured),
            ),
            (binary(model={"inactive_units": UNSEEN}, **trained(curve=FLAT)),),
        ),
        "saturated-units": (
            (binary(model=full, **trained(curve=FLAT)),),
            (binary(model=full), binary(model=full, **unmeasured)),
            (binary(model={"saturated_units": UNSEEN}, **trained(curve=FLAT)),),
        ),
        "still-falling": (
            (
                binary(**trained(curve=STRAIGHT)),
                binary(
                    training={"curve": loss_curve(0.7 - 0.01 * step for step in range(8))},
                    validation=known(poor()),
                ),
            ),
            (
                binary(),
                binary(training={"curve": STRAIGHT}),
                binary(**trained(curve=levels_off)),
                # No better than a constant guess, since one class is rare; but it levels off.
                binary(training={"curve": levels_off}, validation=known(poor())),
                binary(**trained(curve=noisy)),
                binary(**trained(curve=SLOW)),
                binary(**trained(curve=loss_curve(0.7 - 0.015 * step for step in range(40)))),
            ),
            (binary(**trained(curve=())),),
        ),
        "overfitted": (
            (binary(training=overfit),),
            (
                binary(),
                binary(training={**overfit, "callbacks": ("EarlyStopping",)}),
                binary(training={"evaluation_curve": RISES[:8]}),
                binary(training={**overfit, "curve": STRAIGHT}),
                binary(
                    training={
                        "evaluation_curve": loss_curve(
                            [0.2, 0.1, 0.01, 0.01, *[0.02 + 0.0001 * s for s in range(36)]]
                        )
                    }
                ),
            ),
            (binary(training={"evaluation_curve": ()}),),
        ),
    }


_PARTS: tuple[Callable[[], Made], ...] = (
    _pairing,
    _loss_choice,
    _labels,
    _structure,
    _inputs,
    _loop,
    _modes,
    _rows,
    _dynamics,
    _fit,
)
