"""The list of layers of a Keras model, where it is the whole truth.

That is so for ``Sequential`` and functional models of Keras's own layers: they keep which layer
was applied to what. A subclassed model keeps no such thing, and this witness is silent.
"""

from __future__ import annotations

from grader.evidence import Operation
from grader.probe.layers_keras_calls import in_written_order, is_keras_own
from grader.probe.layers_keras_table import (
    configured_activation,
    has_activation,
    is_idle,
    operations_of,
)
from grader.probe.opaque import Opaque

_FUNCTIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Gelu": "gelu",
    "Silu": "silu",
    "Elu": "elu",
    "Selu": "selu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "LeakyRelu": "leaky_relu",
    "Relu6": "relu6",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "LogSigmoid": "log_sigmoid",
    "Exp": "exponential",
}
_MERGES = {
    "Add": "add",
    "Multiply": "multiply",
    "Concatenate": "concatenate",
    "Subtract": "sum",
    "Reshape": "reshape",
    "Transpose": "transpose",
    "Squeeze": "reshape",
    "ExpandDims": "reshape",
    "GetItem": "slice",
    "Mean": "average-pool",
    "Max": "max-pool",
    "Cast": "cast",
}


def operations_of_layers(model: Opaque) -> list[Operation] | None:
    """The steps of a model of Keras's own layers; ``None`` for any other model."""
    listed: list[Operation] = []
    last = _added(listed, model, -1)
    if last is None:
        return None
    if listed and last != len(listed) - 1:
        listed.append(Operation(kind="identity", after=(last,)))
    return listed


def _added(listed: list[Operation], model: Opaque, source: int) -> int | None:
    """Add the steps of a model applied to one value; the place of the last."""
    graph = _graph_of(model)
    if graph is None or len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return None
    levels = graph._nodes_by_depth
    nodes = in_written_order([node for level in levels.values() for node in level])
    if nodes is None:
        return None
    places = {id(graph.inputs[0]): source}
    for node in nodes:
        if node.is_input:
            continue
        if len(node.outputs) != 1 or any(id(x) not in places for x in node.input_tensors):
            return None
        after = tuple(places[id(x)] for x in node.input_tensors)
        place = _applied(listed, node, after)
        if place is None:
            return None
        places[id(node.outputs[0])] = place
    return places.get(id(graph.outputs[0]))


def _graph_of(model: Opaque) -> Opaque | None:
    import keras

    if type(model) is keras.Sequential:
        return model._functional
    kind = type(model)
    is_plain = kind.__name__ == "Functional" and kind.__module__.startswith("keras.src.models")
    return model if is_plain else None


def _applied(listed: list[Operation], node: Opaque, after: tuple[int, ...]) -> int | None:
    """Add what one call does; the place of its result."""
    import keras

    layer = node.operation
    if isinstance(layer, keras.Model):
        return _added(listed, layer, after[0]) if len(after) == 1 else None
    output = tuple(node.outputs[0].shape)
    if not isinstance(layer, keras.layers.Layer):
        operations = _operations_of_function(layer, after)
    elif is_keras_own(layer) and type(layer).__name__ != "Lambda":
        inputs = tuple(tuple(x.shape) for x in node.input_tensors)
        operations = _operations_of_layer(layer, inputs, output)
    else:
        return None
    if operations is None:
        return None
    used = tuple(dict.fromkeys(after)) if len(operations) and operations[0].kind != "add" else after
    for operation in operations:
        listed.append(operation.model_copy(update={"after": used}))
        used = (len(listed) - 1,)
    return used[0] if len(used) == 1 else None


def _operations_of_layer(
    layer: Opaque, inputs: tuple[tuple[int | None, ...], ...], output: tuple[int | None, ...]
) -> list[Operation] | None:
    if is_idle(layer):
        return []
    operations = operations_of(layer, inputs, output)
    if not has_activation(layer):
        return operations
    applied = configured_activation(layer, len(output))
    if applied is None:
        return None
    name, axis = applied
    if name != "linear":
        operations.append(Operation(kind="activation", activation=name, axis=axis))
    return operations


def _operations_of_function(function: Opaque, after: tuple[int, ...]) -> list[Operation] | None:
    """What one of ``keras.ops`` does, called on symbolic tensors."""
    name = type(function).__name__
    if not str(type(function).__module__).startswith("keras.src.ops."):
        return None
    if name in _FUNCTIONS:
        axis = getattr(function, "axis", -1) if "Softmax" in name else None
        if axis is not None and (not isinstance(axis, int) or axis >= 0):
            return None
        return [Operation(kind="activation", activation=_FUNCTIONS[name], axis=axis)]
    kind = _MERGES.get(name)
    if kind is None:
        return None
    if len(after) == 1 and kind in {"add", "multiply", "sum"}:
        return [Operation(kind="scale" if kind == "multiply" else "shift")]
    return [Operation(kind=kind)]
