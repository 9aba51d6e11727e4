"""Single layers of a Keras model: values and weights of hidden ones, layers that nobody uses."""

from __future__ import annotations

import numpy as np

from grader.probe.graph_keras_trace import Traced, traced
from grader.probe.kinds import NORMS, SHAPES, WEIGHTED
from grader.probe.layers_keras_calls import is_container, undisturbed
from grader.probe.layers_keras_runs import Run, run_of
from grader.probe.layers_keras_table import DROPOUTS, operations_of
from grader.probe.opaque import Opaque
from grader.probe.structure import structure_of
from grader.probe.tallies import Array
from grader.probe.wording import class_name, printable

_THROUGH = SHAPES | NORMS | {"max-pool", "average-pool"}
_KERNELS = {"Dense", "EinsumDense"}


def hidden_values(model: Opaque, rows: Array) -> list[tuple[str, Array]]:
    """Activation and activated values of each hidden layer.

    Args:
        model: Is left as it was.
        rows: Rows to run it on.

    Returns:
        Neutral name and float64 values ``(n, ...)``, in the order of the calls; nothing where
        the run does not tell.
    """
    try:
        with undisturbed(model):
            run = run_of(model, rows, varied=False)
    except Exception:  # noqa: BLE001  # a student's call may do anything
        return []
    found = structure_of(run.operations).hidden
    places = _weighted(run)[:-1]
    if found is None or len(found) != len(places):
        return []
    values = []
    for place, layer in zip(places, found, strict=True):
        value = _activated(run, place, layer.activation)
        if value is not None:
            values.append((layer.activation, value))
    return values


def _weighted(run: Run) -> list[int]:
    return [place for place, one in enumerate(run.operations) if one.kind in WEIGHTED]


def _activated(run: Run, place: int, activation: str) -> Array | None:
    """The value that a layer hands on once its activation was applied."""
    if activation == "linear" or run.operations[place].kind == "recurrent":
        return run.values[place]
    for _ in run.operations:
        users = [i for i, one in enumerate(run.operations) if place in (one.after or ())]
        for user in users:
            step = run.operations[user]
            if step.kind == "activation" and step.activation == activation:
                return run.values[user]
        onward = [user for user in users if run.operations[user].kind in _THROUGH | {"add"}]
        if not onward:
            return None
        place = onward[0]
    return None


def hidden_weights(model: Opaque, rows: Array) -> list[tuple[Array, Array | None]]:
    """Weights and biases of the dense hidden layers.

    Args:
        model: Is left as it was.
        rows: At least 3, to see in which order the layers are called.

    Returns:
        Weights ``(inputs, units)`` and biases ``(units,)``, in the order of the calls, each layer
        once.
    """
    try:
        with undisturbed(model):
            graph = traced(model, rows)
    except Exception:  # noqa: BLE001  # a student's call may do anything
        return []
    if not graph.has_all_calls:
        return []
    called = [call.layer for call in graph.calls if call.is_own]
    weighted = [
        layer
        for layer in called
        if any(one.kind in WEIGHTED for one in operations_of(layer, ((None, 1, 1),), (None, 1, 1)))
    ]
    hidden = list({id(layer): layer for layer in weighted[:-1]}.values())
    found: list[tuple[Array, Array | None]] = []
    for layer in hidden:
        if type(layer).__name__ not in _KERNELS or layer is weighted[-1]:
            continue
        kernel, bias = _numbers(layer.kernel), getattr(layer, "bias", None)
        if kernel.ndim == 2:
            found.append((kernel, None if bias is None else _numbers(bias)))
    return found


def _numbers(variable: Opaque) -> Array:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(variable))


def unused_layers(model: Opaque, rows: Array) -> tuple[str, ...] | None:
    """Layers and activations that a model holds and that take no part in its computation.

    Args:
        model: Is left as it was.
        rows: At least 3, for shape and type.

    Returns:
        ``name (Class)`` of each; ``None`` where that cannot be told.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    used: set[int] = set()
    unused: dict[int, Opaque] = {}
    for training in (False, True):
        try:
            with undisturbed(model):
                graph = traced(model, rows, training=training)
            used |= _taking_part(graph)
            unused = {}
            _look_into(keras, model, used, unused)
        except Exception:  # noqa: BLE001  # a student's call may do anything
            return None
        if not graph.has_all_calls:
            return None
        if not unused:
            break
    return tuple(
        f"{printable(str(layer.name), limit=60)} ({class_name(layer)[:30]})"
        for layer in unused.values()
    )


def _taking_part(graph: Traced) -> set[int]:
    """``id`` of each layer whose result leads to the output."""
    leading = {graph.sink[0]}
    for number in range(len(graph.nodes) - 1, -1, -1):
        if number in leading:
            leading |= {key[0] for key in graph.nodes[number].inputs}
    used = set()
    for call in graph.calls:
        keys = [graph.key(x) for x in call.outputs]
        # A tensor that is none of the graph's was made inside a loop or a branch.
        if any(key is None or key[0] in leading for key in keys):
            used.add(id(call.layer))
    return used


def _look_into(keras: Opaque, layer: Opaque, used: set[int], unused: dict[int, Opaque]) -> None:
    """Collect the layers in a container that were not called, each once."""
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        if type(inner).__name__ == "InputLayer" or id(inner) in used | unused.keys():
            if is_container(keras, inner):
                _look_into(keras, inner, used, unused)
            continue
        within = list(inner._flatten_layers(include_self=False, recursive=False))
        if is_container(keras, inner) and within:
            _look_into(keras, inner, used, unused)
        elif isinstance(inner, keras.Model) and inner.weights:
            continue  # its own weights in a call of its own, which is not recorded
        elif type(inner).__name__ in DROPOUTS and not operations_of(inner, (), ()):
            continue
        else:
            unused[id(inner)] = inner
