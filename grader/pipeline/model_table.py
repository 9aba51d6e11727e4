"""What is known of one model, as a table of words: what, value, provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from grader.evidence import (
    Candidate,
    EvaluatedRows,
    Fact,
    HiddenLayer,
    InputStatistics,
    Operation,
    OptimizerDescription,
    Provenance,
    known,
)

TRAINED_ON: Final = "trained on"
"""Told in terms of the rows of an exercise; unknown where there is none."""
Row = tuple[str, str, str]
_SHOWN_OPERATIONS = 24
_LABELS = {"activation": "", "matrix-product": "matrix product"}


def model_rows(candidate: Candidate) -> tuple[Row, ...]:
    """The facts that a report shows of the chosen model."""
    return (*built_rows(candidate), *trained_rows(candidate))


def built_rows(candidate: Candidate) -> tuple[Row, ...]:
    """What the model computes."""
    model = candidate.model
    rows = [
        _row("input shape", model.input_shape, shape_words),
        _row("computation", model.operations, operations_words),
        _row("hidden layers", model.hidden_layers, _layers),
        _row("output shape", model.output_shape, shape_words),
        _row("activation of the output layer", model.output_activation, str),
        _row("the model emits", model.emits, str),
        _row("one straight function (affine)", model.is_affine, _yes_no),
        _row("trainable parameters", model.parameters, _count),
    ]
    if model.frozen_parameters.value:
        rows.append(_row("frozen parameters", model.frozen_parameters, _count))
    if model.unused_layers.value:
        rows.append(_row("built but not used", model.unused_layers, ", ".join))
    return tuple(rows)


def trained_rows(candidate: Candidate) -> tuple[Row, ...]:
    """How it was trained."""
    loss, training, preprocessing = candidate.loss, candidate.training, candidate.preprocessing
    rows = [
        _row("loss", loss.name, str),
        _row("the loss expects", loss.expects, str),
        _row("the loss received", loss.receives, str),
        _row("labels written as", loss.target_encoding, str),
        _row("labels' shape", loss.target_shape, shape_words),
        _row("optimizer", candidate.optimizer.name, str),
        _row("learning rate", _rates(candidate.optimizer), str),
        _row("training steps", training.steps, _count),
        _row("epochs", training.epochs, _count),
        _row("different training rows", training.rows, _count),
        _row(TRAINED_ON, training.trained_on, str),
        _row("trained in", training.trained_in, str),
        _row("evaluated in", training.evaluated_in, str),
        _row("gradients cleared", training.zero_grad, str),
    ]
    if loss.weights_classes.value:
        rows.append(_row("classes weighted", loss.weights_classes, _yes_no))
    if preprocessing.applied.is_known:
        rows.append(_row("rows went through", preprocessing.applied, str))
    if training.callbacks.value:
        rows.append(_row("callbacks", training.callbacks, ", ".join))
    return tuple(rows)


def further_rows(candidate: Candidate) -> tuple[Row, ...]:
    """What only ``grader explain`` shows."""
    model, training = candidate.model, candidate.training
    return (
        _row("training rows lie", training.inputs, _statistics),
        _row("evaluated on", training.evaluated_on, _evaluated),
        _row("gradients computed", training.gradients, _count),
        _row("losses finite", training.finite_losses, _yes_no),
        _row("parameters changed", training.parameters_changed, _yes_no),
        _row("units always 0", model.inactive_units, _percent),
        _row("units saturated", model.saturated_units, _percent),
        _row("units that are copies", model.identical_units, _percent),
    )


def _row(what: str, fact: Fact[Any], words: Callable[[Any], str]) -> Row:
    if fact.is_known:
        return what, words(fact.known_value), str(fact.provenance)
    return what, f"{fact.state}: {fact.reason}", str(fact.provenance)


def shape_words(shape: tuple[int | None, ...]) -> str:
    """``(None, 2)`` as ``N x 2``; ``(None,)`` as ``N``."""
    return " x ".join("N" if size is None else str(size) for size in shape) or "one number"


def operations_words(operations: tuple[Operation, ...]) -> str:
    """A computation in one line: ``dense 2 to 16, relu, dense 16 to 1``."""
    shown = list(_merged(_operation_words(each) for each in operations))
    if len(shown) > _SHOWN_OPERATIONS:
        left_out = len(shown) - _SHOWN_OPERATIONS
        shown = [*shown[: _SHOWN_OPERATIONS - 1], f"({left_out} more)", shown[-1]]
    return ", ".join(shown) or "nothing"


def _operation_words(operation: Operation) -> str:
    words = operation.activation or _LABELS.get(operation.kind, operation.kind)
    if operation.inputs is not None and operation.units is not None:
        return f"{words} {operation.inputs} to {operation.units}"
    if operation.units is not None:
        return f"{words} to {operation.units}"
    if operation.axis not in {None, -1}:
        return f"{words} over axis {operation.axis}"
    return words


def _merged(words: Iterable[str]) -> Iterable[str]:
    """Say a step that stands several times in a row once."""
    last, times = "", 0
    for word in (*words, ""):
        if word == last:
            times += 1
            continue
        if last:
            yield last if times == 1 else f"{last} ({times} times)"
        last, times = word, 1


def _rates(optimizer: OptimizerDescription) -> Fact[str]:
    """The learning rate; from where to where it went if it changed."""
    last, first = optimizer.learning_rate, optimizer.first_learning_rate
    low, high = optimizer.lowest_learning_rate, optimizer.highest_learning_rate
    if not last.is_known:
        return Fact[str](state=last.state, reason=last.reason, provenance=last.provenance)
    words = f"{last.known_value:g}"
    if first.is_known and low.is_known and high.is_known and low.value != high.value:
        words = f"from {first.value:g} to {words} (between {low.value:g} and {high.value:g})"
    return known(words, provenance=Provenance.RECORDED)


def _layers(layers: tuple[HiddenLayer, ...]) -> str:
    return "; ".join(f"{each.units} units, {each.activation}" for each in layers) or "none"


def _statistics(inputs: InputStatistics) -> str:
    missing = ", some missing" if inputs.has_missing else ""
    return f"between {inputs.minimum:.4g} and {inputs.maximum:.4g}{missing}"


def _evaluated(rows: EvaluatedRows) -> str:
    return f"{_count(rows.rows)} rows, {_count(rows.trained)} of them trained on"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _count(value: int) -> str:
    return f"{value:,}"
