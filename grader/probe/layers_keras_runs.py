"""What a Keras model computes, from a run: numbers that go into layers and come out of them.

Between two layers only numbers are looked at: which known function of known values gives the
numbers that the next layer was given? No graph is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from grader.evidence import Operation
from grader.probe.layers_keras_activations import names_for
from grader.probe.layers_keras_calls import Call, recorded
from grader.probe.layers_keras_search import Found, Search, UnclearError
from grader.probe.layers_keras_table import (
    DROPOUTS,
    configured_activation,
    has_activation,
    operations_of,
)
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_MOST_NUMBERS = 150_000
_MOST_ROWS = 24


@dataclass(slots=True)
class Run:
    """What was found out so far.

    Attributes:
        operations: In the order of the calls.
        values: Result of each operation, float64, rows first; ``None`` where it was not looked at.
        source: The model's input.
        places: Place of the operation that made a tensor, by the tensor's ``id``; -1: the input.
        kept: Tensors, so that no ``id`` is given twice.
        layers: The layer that each operation belongs to.
    """

    operations: list[Operation] = field(default_factory=list)
    values: list[Array | None] = field(default_factory=list)
    source: Array = field(default_factory=lambda: np.zeros(0))
    places: dict[int, tuple[int, ...]] = field(default_factory=dict)
    kept: list[Opaque] = field(default_factory=list)
    layers: list[Opaque] = field(default_factory=list)

    def add(
        self,
        operation: Operation,
        after: tuple[int, ...],
        value: Array | None,
        layer: Opaque = None,
    ) -> int:
        """Add an operation; its place."""
        self.operations.append(operation.model_copy(update={"after": after}))
        self.values.append(value)
        self.layers.append(layer)
        return len(self.operations) - 1

    def known(self) -> list[tuple[int, Array]]:
        """Values that are known, the latest first."""
        found = [(place, value) for place, value in enumerate(self.values) if value is not None]
        return [*reversed(found), (-1, self.source)]


def run_of(model: Opaque, rows: Array, *, varied: bool = True) -> Run:
    """Run a model eagerly and explain every value by those before.

    Args:
        model: Was built; see :func:`~grader.probe.layers_keras_calls.undisturbed`.
        rows: At least 3, in the type that the model was trained on.
        varied: Whether to look at more rows than those given, so that more is seen.

    Raises:
        UnclearError: A value could not be explained, or in more than one way.
    """
    import keras
    import tensorflow as tf

    inputs = tf.convert_to_tensor(more_rows(rows) if varied else rows)
    tf.config.run_functions_eagerly(True)
    try:
        with recorded(keras) as calls:
            output = model(inputs, training=False)
    finally:
        tf.config.run_functions_eagerly(False)
    if not isinstance(output, tf.Tensor):
        message = "the model returns something else than one tensor"
        raise UnclearError(message)
    run = Run(source=_numbers(inputs), kept=[inputs, output])
    run.places[id(inputs)] = (-1,)
    search = Search(run.source, own_variables(model, calls))
    needed = _needed(calls, output)
    for call, is_needed in zip(calls, needed, strict=True):
        run.kept.extend((call.inputs, call.outputs))
        if is_needed:
            _take(run, search, call)
    last = _located(run, search, output)
    if not run.operations or last != (len(run.operations) - 1,):
        run.add(Operation(kind="identity"), last, None)
    return run


def _needed(calls: list[Call], output: Opaque) -> list[bool]:
    """Which calls may matter: Keras's layers all, a student's layer where its result is used."""
    used = {id(x) for call in calls for x in call.inputs} | {id(output)}
    made: set[int] = set()
    answer = []
    for call in calls:
        results = {id(x) for x in call.outputs}
        answer.append(call.is_own or bool(results & used and not results <= made))
        made |= results
    return answer


def more_rows(rows: Array) -> Array:
    """The rows, and rows further out: numbers on both sides tell activations apart."""
    if not np.issubdtype(rows.dtype, np.floating):
        return rows[:_MOST_ROWS]
    size = max(int(np.prod(rows.shape[1:])), 1)
    count = int(np.clip(_MOST_NUMBERS // size, 3, _MOST_ROWS))
    some = np.resize(rows, (count, *rows.shape[1:]))
    rng = np.random.default_rng(0)
    spread = max(float(rows.std()), 1e-3)
    scales = np.array([0.0, 1.0, 3.0])[np.arange(count) % 3].reshape(-1, *[1] * (rows.ndim - 1))
    moved = some + scales * spread * rng.standard_normal(some.shape)
    if np.all(rows >= 0) and np.all(rows == np.round(rows)):
        return some  # numbers of classes or words, kept as floats
    return moved.astype(rows.dtype)


def own_variables(model: Opaque, calls: list[Call]) -> list[Array]:
    """Weights that belong to no layer of Keras's that was called, in order."""
    import keras

    taken = {id(v) for call in calls if call.is_own for v in call.layer.weights}
    free = [v for v in model.weights if id(v) not in taken]
    kept = [v for v in free[:12] if np.prod(v.shape) <= 10**6]
    return [np.asarray(keras.ops.convert_to_numpy(v), dtype=np.float64) for v in kept]


def _numbers(tensor: Opaque) -> Array:
    return np.asarray(tensor.numpy(), dtype=np.float64)


def _located(run: Run, search: Search, tensor: Opaque) -> tuple[int, ...]:
    """Place of the operation that made a tensor; adds those in between."""
    if id(tensor) in run.places:
        return run.places[id(tensor)]
    if tensor.dtype.name in {"string", "variant", "resource"}:
        message = "a layer was given something else than numbers"
        raise UnclearError(message)
    found = search.explained(_numbers(tensor), run.known())
    place = _added(run, found)
    run.places[id(tensor)] = place
    return place


def _added(run: Run, found: Found) -> tuple[int, ...]:
    after = found.after
    for part in found.parts:
        after = (*after, *_added(run, part))
    if found.is_constant:
        return ()
    for operation, value in zip(found.operations, found.values, strict=True):
        after = (run.add(operation, after, value),)
    return after


def _take(run: Run, search: Search, call: Call) -> None:
    """Add what a call did."""
    if not call.outputs:
        return
    if not call.is_own:
        _located(run, search, call.outputs[0])
        return
    name = type(call.layer).__name__
    shapes = tuple(tuple(x.shape.as_list()) for x in call.inputs)
    output = call.outputs[0]
    operations = operations_of(call.layer, shapes, tuple(output.shape.as_list()))
    if name in DROPOUTS or (not operations and not has_activation(call.layer)):
        place = _located(run, search, call.inputs[0]) if call.inputs else (-1,)
        for operation in operations:
            place = (run.add(operation, place, _value(run, place), call.layer),)
        run.places[id(output)] = place
        return
    after: tuple[int, ...] = ()
    for tensor in call.inputs:
        after += tuple(one for one in _located(run, search, tensor) if one not in after)
    before = before_activation(call.layer, call) if has_activation(call.layer) else None
    for operation in operations:
        is_last = operation is operations[-1]
        value = (_numbers(output) if before is None else before) if is_last else None
        after = (run.add(operation, after, value, call.layer),)
    if before is not None:
        activation = confirmed_activation(call.layer, before, _numbers(output))
        if activation is not None:
            after = (run.add(activation, after, _numbers(output), call.layer),)
    for tensor in call.outputs:
        run.places[id(tensor)] = after


def _value(run: Run, place: tuple[int, ...]) -> Array | None:
    return run.source if place == (-1,) else run.values[place[0]] if place else None


def before_activation(layer: Opaque, call: Call) -> Array:
    """What a layer computes before its activation, by a call with the activation taken out."""
    import keras

    name = type(layer).__name__
    if name in {"Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"}:
        return _numbers(call.inputs[0])
    inner = layer.layer if name == "TimeDistributed" else layer
    kept = inner.__dict__["activation"]
    inner.__dict__["activation"] = keras.activations.linear
    try:
        return _numbers(layer.call(call.inputs[0]))
    finally:
        inner.__dict__["activation"] = kept


def confirmed_activation(layer: Opaque, before: Array, after: Array) -> Operation | None:
    """The activation that the numbers show; ``None`` for none.

    Raises:
        UnclearError: The numbers do not show the configured one, or fit several.
    """
    configured = configured_activation(layer, after.ndim)
    if configured == ("linear", None):
        return None
    names = names_for(before, after)
    if configured is not None:
        name, axis = configured
        if name in names or _is_confirmed(layer, before, after):
            found = names.get(name, axis)
            axis = found if "softmax" in name else None
            return Operation(kind="activation", activation=name, axis=axis)
        message = f"a layer was given the activation {name}, its numbers show another one"
        raise UnclearError(message)
    if len(names) != 1:
        message = "the numbers before and after an activation fit none or several"
        raise UnclearError(message)
    name, axis = names.popitem()
    return None if name == "linear" else Operation(kind="activation", activation=name, axis=axis)


def _is_confirmed(layer: Opaque, before: Array, after: Array) -> bool:
    """Whether the configured function really gives the numbers: rarer ones, with free numbers."""
    import tensorflow as tf

    if type(layer).__name__ in {"ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"}:
        function = layer.call
    else:
        inner = layer.layer if type(layer).__name__ == "TimeDistributed" else layer
        function = inner.activation
    result = np.asarray(function(tf.convert_to_tensor(before.astype(np.float32))))
    return result.shape == after.shape and bool(np.allclose(result, after, rtol=1e-3, atol=1e-4))
