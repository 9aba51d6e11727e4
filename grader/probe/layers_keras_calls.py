"""Which layers a Keras model calls, in order, with what goes in and comes out."""

from __future__ import annotations

import contextlib
import random
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_MOST_CALLS = 5_000
_PASSED_THROUGH = {"SpectralNormalization", "Pipeline", "Wrapper", "TFSMLayer"}


class NotBuiltError(ValueError):
    """The model would have to make new weights to be examined."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a layer.

    Attributes:
        layer: The layer.
        inputs: Tensors it was given, in order.
        outputs: Tensors it returned.
        is_own: Whether the class is Keras's own; otherwise only the layers inside tell what it
            does, and its result is just a waypoint.
    """

    layer: Opaque
    inputs: tuple[Opaque, ...]
    outputs: tuple[Opaque, ...]
    is_own: bool


def is_keras_own(layer: Opaque) -> bool:
    """Whether a layer's class is one of Keras's, whose meaning is known by name."""
    return str(type(layer).__module__).startswith("keras.src.layers.")


def is_container(keras: Opaque, layer: Opaque) -> bool:
    """Whether only the layers inside tell what a layer does."""
    if isinstance(layer, keras.Model) or not is_keras_own(layer):
        return True
    return type(layer).__name__ in _PASSED_THROUGH


@contextlib.contextmanager
def recorded(keras: Opaque) -> Iterator[list[Call]]:
    """Note every call of a layer while the context lasts, inner calls of Keras's layers aside."""
    import tensorflow as tf

    kind = keras.layers.Layer
    original = kind.__dict__["__call__"]
    calls: list[Call] = []
    depth = 0

    def tensors(value: Opaque) -> tuple[Opaque, ...]:
        return tuple(one for one in tf.nest.flatten(value) if isinstance(one, tf.Tensor))

    def __call__(layer: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:  # noqa: N807  # stands in for it
        nonlocal depth
        if depth or isinstance(layer, keras.Model):
            return original(layer, *args, **kwargs)
        if not getattr(layer, "built", True) and type(layer).build is not kind.build:
            message = f"{type(layer).__name__} has no weights yet"
            raise NotBuiltError(message)
        is_leaf = not is_container(keras, layer)
        depth += is_leaf
        try:
            output = original(layer, *args, **kwargs)
        finally:
            depth -= is_leaf
        if len(calls) < _MOST_CALLS:
            if tf.executing_eagerly():  # a layer that a global array is given to
                args = tf.nest.map_structure(
                    lambda x: tf.constant(x) if isinstance(x, np.ndarray) else x, args
                )
            given = tensors((args, {k: v for k, v in kwargs.items() if "mask" not in k}))
            is_known = is_leaf and type(layer).__name__ != "Lambda"
            calls.append(Call(layer, given, tensors(output), is_known))
        return output

    kind.__call__ = __call__
    try:
        yield calls
    finally:
        kind.__call__ = original


@contextlib.contextmanager
def undisturbed(model: Opaque) -> Iterator[None]:
    """Put back what a call may change: moving averages, seeds, random numbers, losses."""
    import keras

    tf = _tensorflow(keras)
    states = (random.getstate(), np.random.get_state())
    kept = [
        (variable, np.array(keras.ops.convert_to_numpy(variable))) for variable in _moving(model)
    ]
    eager = tf is not None and tf.config.functions_run_eagerly()
    try:
        with warnings.catch_warnings(), _as_written(model):
            warnings.simplefilter("ignore")
            yield
    finally:
        if tf is not None:
            tf.config.run_functions_eagerly(eager)
        for variable, before in kept:
            if not np.array_equal(keras.ops.convert_to_numpy(variable), before):
                variable.assign(before)
        random.setstate(states[0])
        np.random.set_state(states[1])
        with contextlib.suppress(Exception):
            model._clear_losses()


def _tensorflow(keras: Opaque) -> Opaque | None:
    """TensorFlow, where Keras runs on it."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return tf


def has_finite_weights(model: Opaque) -> bool:
    """Whether every weight is a number."""
    import keras

    return all(
        np.all(np.isfinite(keras.ops.convert_to_numpy(one)))
        for one in model.weights
        if "float" in str(one.dtype)
    )


def finite(rows: Array) -> Array:
    """Rows with numbers in place of missing and infinite ones."""
    if not np.issubdtype(rows.dtype, np.floating):
        return rows
    return np.nan_to_num(rows, nan=0.0, posinf=1.0, neginf=-1.0)


@contextlib.contextmanager
def renewed(model: Opaque, *, seed: int) -> Iterator[Opaque]:
    """The model as it would compute with random finite weights; its own are not touched."""
    import keras

    rng = np.random.default_rng(seed)
    trained = {id(variable) for variable in model.trainable_variables}
    mapping = []
    for variable in model.weights:
        if "float" not in str(variable.dtype):
            continue
        shape = tuple(variable.shape)
        width = max(int(np.prod(shape[:-1])), 1)
        values = rng.standard_normal(shape) / np.sqrt(width) if id(variable) in trained else 1.0
        mapping.append((variable, np.broadcast_to(values, shape).astype(str(variable.dtype))))
    converted = [(one, keras.ops.convert_to_tensor(values)) for one, values in mapping]
    with keras.StatelessScope(state_mapping=converted):
        yield model


def layers_of(model: Opaque) -> list[Opaque]:
    """The model and every layer in it, each once."""
    seen: dict[int, Opaque] = {}
    for layer in model._flatten_layers(include_self=True, recursive=True):
        seen.setdefault(id(layer), layer)
    return list(seen.values())


def _moving(model: Opaque) -> list[Opaque]:
    found = []
    for layer in layers_of(model):
        found += list(getattr(layer, "_non_trainable_variables", ()))
        found += [seed.state for seed in getattr(layer, "_seed_generators", ())]
    return found


@contextlib.contextmanager
def _as_written(model: Opaque) -> Iterator[None]:
    """Let functional models call their layers in the order in which they were written."""
    changed = []
    try:
        for layer in layers_of(model):
            graph = getattr(layer, "_functional", None) or layer
            levels = getattr(graph, "_nodes_by_depth", None)
            if not isinstance(levels, dict):
                continue
            nodes = in_written_order([node for level in levels.values() for node in level])
            if nodes is not None:
                changed.append((graph, levels))
                graph._nodes_by_depth = {0: nodes}
        yield
    finally:
        for graph, levels in changed:
            graph._nodes_by_depth = levels


def in_written_order(nodes: list[Opaque]) -> list[Opaque] | None:
    """Nodes of a functional model as they were made; ``None`` if that is not known for sure.

    Keras numbers its symbolic tensors as it makes them: ``keras_tensor``, ``keras_tensor_1``, ...
    """
    numbers = {}
    for node in nodes:
        found = [re.fullmatch(r"keras_tensor(?:_(\d+))?", x.name) for x in node.outputs]
        if node.is_input:
            numbers[id(node)] = -1
        elif found and found[0]:
            numbers[id(node)] = int(found[0].group(1) or 0)
        else:
            return None
    ordered = sorted(nodes, key=lambda node: numbers[id(node)])
    made: set[int] = set()
    for node in ordered:
        if not node.is_input and any(id(x) not in made for x in node.input_tensors):
            return None
        made |= {id(x) for x in node.outputs}
    return ordered
