"""The TensorFlow graph of a Keras model, flat: called functions are put in place of their calls."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from grader.probe.layers_keras_calls import Call, recorded
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

Key = tuple[int, int]
"""A value: number of the node that makes it, and which of its outputs."""
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_MOST_NODES = 50_000
SHAPE_QUESTIONS = {"Shape", "ShapeN", "ZerosLike", "OnesLike", "Rank", "Size"}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of TensorFlow.

    Attributes:
        kind: TensorFlow's type: ``MatMul``.
        op: TensorFlow's object, for attributes and shapes.
        inputs: What it uses.
    """

    kind: str
    op: Opaque
    inputs: tuple[Key, ...]


@dataclass(slots=True)
class Traced:
    """A flat graph.

    Attributes:
        nodes: In the order in which they were made, each after all that it uses.
        source: The model's input.
        sink: The model's output.
        calls: Calls of layers while the graph was made.
        keys: Key of each tensor, by graph, operation and output.
        data: Numbers of the nodes whose value depends on the input's values.
        learned: Numbers of the nodes whose value depends on a variable, and not on the input.
        ignores_input: Whether the output is computed from a constant; ``source`` is that one.
        has_all_calls: Whether ``calls`` is complete: a function that TensorFlow had traced before
            calls no layer again.
    """

    nodes: list[Node] = field(default_factory=list)
    source: Key = (0, 0)
    sink: Key = (0, 0)
    calls: list[Call] = field(default_factory=list)
    keys: dict[tuple[int, str, int], Key] = field(default_factory=dict)
    data: set[int] = field(default_factory=set)
    learned: set[int] = field(default_factory=set)
    ignores_input: bool = False
    has_all_calls: bool = True

    def key(self, tensor: Opaque) -> Key | None:
        """Key of a TensorFlow tensor; ``None`` if it is none of this graph."""
        try:
            return self.keys.get((id(tensor.graph), tensor.op.name, tensor.value_index))
        except (AttributeError, TypeError, ValueError):
            return None

    def node(self, key: Key) -> Node:
        """The node that makes a value."""
        return self.nodes[key[0]]

    def shape(self, key: Key) -> tuple[int | None, ...] | None:
        """Static shape of a value; ``None`` if not even the number of axes is known."""
        shape = self.node(key).op.outputs[key[1]].shape
        return None if shape.rank is None else tuple(shape.as_list())

    def is_data(self, key: Key) -> bool:
        """Whether a value depends on the input's values."""
        return key[0] in self.data


def traced(model: Opaque, rows: Array, *, training: bool = False) -> Traced:
    """Trace a model's call for any number of rows.

    Args:
        model: Was built; see :func:`~grader.probe.layers_keras_calls.undisturbed`.
        rows: For shape and type.
        training: Mode of the call.

    Raises:
        ValueError: The model returns something else than one tensor.
    """
    import keras
    import tensorflow as tf

    def once(*, inlined: bool) -> tuple[Opaque, list[Call]]:
        with recorded(keras) as calls:

            def called(x: Opaque) -> Opaque:
                # Functions that a student decorated then run as plain Python, and are seen.
                tf.config.run_functions_eagerly(inlined)
                try:
                    return model(x, training=training)
                finally:
                    tf.config.run_functions_eagerly(False)

            spec = tf.TensorSpec((None, *rows.shape[1:]), tf.as_dtype(rows.dtype))
            return tf.function(called, autograph=False).get_concrete_function(spec), calls

    try:
        concrete, calls = once(inlined=True)
        has_all_calls = True
    except Exception:  # noqa: BLE001  # control flow that only a traced function may hold
        concrete, calls = once(inlined=False)
        has_all_calls = False
    if len(concrete.outputs) != 1:
        message = "the model has several outputs"
        raise ValueError(message)
    result = Traced(calls=calls, has_all_calls=has_all_calls)
    graph = concrete.graph
    result.source = (0, 0)
    result.nodes.append(Node("Placeholder", graph.inputs[0].op, ()))
    result.keys[(id(graph), graph.inputs[0].op.name, 0)] = (0, 0)
    _flatten(result, graph)
    sink = result.key(concrete.outputs[0])
    if sink is None:
        message = "the output of the model is not part of its graph"
        raise ValueError(message)
    result.sink = sink
    _mark(result)
    if not result.is_data(sink):
        _mark_constant(result)
    return result


def _flatten(result: Traced, graph: Opaque) -> None:
    for op in graph.get_operations():
        name = (id(graph), op.name)
        if (*name, 0) in result.keys:
            continue  # an argument
        used = tuple(result.keys[(id(graph), x.op.name, x.value_index)] for x in op.inputs)
        inner = _body(graph, op) if op.type in _CALLS else None
        if inner is None:
            number = len(result.nodes)
            if number > _MOST_NODES:
                message = "the model has too many steps to look at"
                raise ValueError(message)
            result.nodes.append(Node(op.type, op, used))
            for index in range(len(op.outputs)):
                result.keys[(*name, index)] = (number, index)
            continue
        for tensor, key in zip(inner.inputs, used, strict=True):
            result.keys[(id(inner), tensor.op.name, 0)] = key
        _flatten(result, inner)
        for index, tensor in enumerate(inner.outputs):
            result.keys[(*name, index)] = result.keys[
                (id(inner), tensor.op.name, tensor.value_index)
            ]


def _body(graph: Opaque, op: Opaque) -> Opaque | None:
    """The graph of the function that an operation calls."""
    try:
        body = graph._get_function(op.get_attr("f").name).graph
    except (AttributeError, KeyError, ValueError):
        return None
    return body if len(body.inputs) == len(op.inputs) else None


def _mark(result: Traced) -> None:
    result.data.add(result.source[0])
    for call in result.calls:
        # A position embedding uses no data, but is a layer all the same.
        if type(call.layer).__name__ == "Embedding" and call.is_own:
            result.data |= {key[0] for x in call.outputs if (key := result.key(x)) is not None}
    for number, node in enumerate(result.nodes):
        if node.kind in SHAPE_QUESTIONS or number in result.data:
            continue
        below = {key[0] for key in node.inputs}
        if below & result.data:
            result.data.add(number)
        elif below & result.learned or node.kind == "ReadVariableOp" or _is_resource(node):
            result.learned.add(number)


def _mark_constant(result: Traced) -> None:
    """Where the input is ignored, let the largest constant on the way to the output stand for it.

    A ``call`` that computes from a global array still has layers, which are to be named.
    """
    leading = {result.sink[0]}
    sizes: dict[int, int] = {}
    for number in range(len(result.nodes) - 1, -1, -1):
        node = result.nodes[number]
        if number not in leading:
            continue
        leading |= {key[0] for key in node.inputs}
        is_given = node.kind == "Const" or (node.kind == "Placeholder" and not _is_resource(node))
        shape = result.shape((number, 0)) if is_given else None
        if shape and len(shape) > 1 and None not in shape:
            sizes[number] = int(np.prod([size for size in shape if size is not None]))
    if sizes:
        result.ignores_input = True
        result.source = (max(sizes, key=lambda number: sizes[number]), 0)
        result.data.clear()
        result.learned.clear()
        _mark(result)


def _is_resource(node: Node) -> bool:
    return node.kind == "Placeholder" and node.op.outputs[0].dtype.name == "resource"
