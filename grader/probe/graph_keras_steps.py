"""Turns a flat TensorFlow graph into neutral operations."""

from __future__ import annotations

from dataclasses import dataclass

from grader.evidence import Operation
from grader.probe.graph_keras_kinds import (
    ACTIVATIONS,
    CONVOLUTIONS,
    FUNCTIONS,
    PRODUCTS,
    SHAPES,
    SPELLED,
    TRANSPOSED,
)
from grader.probe.graph_keras_regions import (
    BINARY,
    EXPANDED,
    IDENTITIES,
    UNARY,
    region_of,
    static_value,
)
from grader.probe.graph_keras_trace import Key, Node, Traced
from grader.probe.layers_keras_calls import Call
from grader.probe.layers_keras_table import (
    ATTENTION,
    DROPOUTS,
    ENCODERS,
    NORMS,
    RECURRENT,
    RESHAPES,
    configured_activation,
    operations_of,
)

_MOVES = {"AddV2", "Add", "BiasAdd", "Sub"}
_SCALES = {"Mul", "RealDiv", "Div", "DivNoNan"}
_THROUGH = {"Reshape", "Squeeze", "ExpandDims", "BatchToSpaceND", "Cast", "Transpose"} | IDENTITIES
_FOLDED = RECURRENT | ATTENTION | NORMS.keys() | ENCODERS | RESHAPES
_ALSO_FOLDED = {"Attention", "AdditiveAttention", "Embedding", "TimeDistributed"}


@dataclass(frozen=True, slots=True)
class _Step:
    """What a value is made by: operations one after the other (none: it is its input)."""

    operations: tuple[Operation, ...]
    inputs: tuple[Key, ...]


def operations_of_graph(graph: Traced) -> list[Operation]:
    """Neutral operations on the way from the input to the output, in the order of the calls."""
    reading = _Reading(graph)
    steps: dict[Key, _Step] = {}
    waiting = [graph.sink] if graph.is_data(graph.sink) else []
    while waiting:
        key = waiting.pop()
        if key in steps or key == graph.source:
            continue
        steps[key] = reading.step(key)
        waiting.extend(steps[key].inputs)
    return _listed(graph, steps, reading.dropped)


def _listed(graph: Traced, steps: dict[Key, _Step], dropped: dict[Key, int]) -> list[Operation]:
    found: list[Operation] = []
    places: dict[Key, int] = {graph.source: -1}

    def drop(key: Key) -> None:
        for _ in range(dropped.get(key, 0)):
            found.append(Operation(kind="dropout", after=(places[key],)))
            places[key] = len(found) - 1

    drop(graph.source)
    for key in sorted(steps):
        after = tuple(places[one] for one in steps[key].inputs)
        for operation in steps[key].operations:
            found.append(replace_after(operation, after))
            after = (len(found) - 1,)
        places[key] = after[0] if after else -1
        drop(key)
    is_last = not found or places.get(graph.sink) == len(found) - 1
    if not is_last:  # something was listed after what makes the output
        found.append(Operation(kind="identity", after=(places.get(graph.sink, -1),)))
    return found


def replace_after(operation: Operation, after: tuple[int, ...]) -> Operation:
    """The operation with the places of what it uses."""
    return operation.model_copy(update={"after": after})


class _Reading:
    """Reads single values of a graph."""

    def __init__(self, graph: Traced) -> None:
        self._graph = graph
        self._folds: dict[Key, Call] = {}
        self.dropped: dict[Key, int] = {}
        self._users: dict[Key, int] = {}
        for node in graph.nodes:
            for key in node.inputs:
                self._users[key] = self._users.get(key, 0) + 1
        for call in graph.calls:
            self._note(call)

    def _note(self, call: Call) -> None:
        name = type(call.layer).__name__
        outputs = [key for x in call.outputs if (key := self._graph.key(x)) is not None]
        inputs = {self._graph.key(x) for x in call.inputs}
        if not call.is_own:
            return
        if name in DROPOUTS:
            if outputs and operations_of(call.layer, (), ()):
                self.dropped[outputs[0]] = self.dropped.get(outputs[0], 0) + 1
        elif name in _FOLDED | _ALSO_FOLDED:
            for key in outputs:
                if key not in inputs:
                    self._folds[key] = call

    def step(self, key: Key) -> _Step:
        """How a value is made."""
        if key in self._folds:
            return self._folded(self._folds[key])
        node = self._graph.node(key)
        data = tuple(one for one in node.inputs if self._graph.is_data(one))
        if not data:
            return _Step((), ())
        kind = node.kind
        if kind in IDENTITIES:
            return _Step((), (node.inputs[min(key[1], len(node.inputs) - 1)],))
        if kind in ACTIVATIONS:
            return self._activated(node, data)
        if kind in EXPANDED and not self._is_bias(node, data):
            region = region_of(self._graph, key, set(self._folds))
            if region is not None:
                operation = Operation(
                    kind="activation", activation=region.activation, axis=region.axis
                )
                return _Step((operation,), (region.start,))
        return self._plain(key, node, data)

    def _activated(self, node: Node, data: tuple[Key, ...]) -> _Step:
        name = ACTIVATIONS[node.kind]
        if "softmax" not in name:
            return _Step((Operation(kind="activation", activation=name),), data)
        axis: int | None = -1
        below = self._graph.node(data[0])
        if below.kind == "Transpose" and data[0] not in self._folds:
            order = static_value(self._graph, below.inputs[1])
            axis = None if order is None else int(order[-1]) - len(order)
        if axis is None:
            return _Step((Operation(kind="branch"),), data)
        return _Step((Operation(kind="activation", activation=name, axis=axis),), data)

    def _folded(self, call: Call) -> _Step:
        graph = self._graph
        inputs = [key for x in call.inputs if (key := graph.key(x)) is not None]
        shapes = tuple(shape for key in inputs if (shape := graph.shape(key)) is not None)
        output = tuple(call.outputs[0].shape.as_list())
        operations = operations_of(call.layer, shapes, output)
        if type(call.layer).__name__ == "TimeDistributed":
            applied = configured_activation(call.layer, len(output))
            if applied is None:
                operations = [*operations, Operation(kind="branch")]
            elif applied[0] != "linear":
                operations.append(
                    Operation(kind="activation", activation=applied[0], axis=applied[1])
                )
        used = tuple(dict.fromkeys(key for key in inputs if graph.is_data(key)))
        return _Step(tuple(operations), used)

    def _is_bias(self, node: Node, data: tuple[Key, ...]) -> bool:
        """Whether a step only adds learned numbers to a product: it belongs to the layer."""
        if node.kind not in _MOVES - {"Sub"} or len(data) != 1 or len(node.inputs) != 2:
            return False
        other = next(one for one in node.inputs if one != data[0])
        if other[0] not in self._graph.learned:
            return False
        below = data[0]
        while self._graph.node(below).kind in _THROUGH and below not in self._folds:
            below = next(k for k in self._graph.node(below).inputs if self._graph.is_data(k))
        return self._is_product(below)

    def _is_product(self, key: Key) -> bool:
        node = self._graph.node(key)
        if key in self._folds:
            return False
        data = [one for one in node.inputs if self._graph.is_data(one)]
        return len(data) == 1 and (
            node.kind in CONVOLUTIONS or node.kind in TRANSPOSED or node.kind in PRODUCTS
        )

    def _plain(self, key: Key, node: Node, data: tuple[Key, ...]) -> _Step:
        kind = node.kind
        if self._is_bias(node, data):
            return _Step((), data)
        if kind in CONVOLUTIONS or kind in TRANSPOSED:
            return self._convolution(node, data)
        if kind in PRODUCTS:
            return _Step((self._product(key, node, data),), data)
        if kind in {"GatherV2", "ResourceGather", "GatherNd"}:
            return _Step((self._gathered(key, node),), data)
        if kind in {"ConcatV2", "Pack"}:
            kinds = "concatenate" if len(set(data)) > 1 else "reshape"
            return _Step((Operation(kind=kinds),), data)
        if kind == "Reshape":
            return _Step((self._reshaped(key, data),), data)
        if kind in SPELLED:
            return _Step((Operation(kind="activation", activation=SPELLED[kind]),), data)
        if kind in SHAPES:
            return _Step((Operation(kind=SHAPES[kind]),), data)
        return _Step((self._arithmetic(node, data),), data)

    def _arithmetic(self, node: Node, data: tuple[Key, ...]) -> Operation:
        kind = node.kind
        if kind == "Neg":
            return Operation(kind="scale")
        if len(data) == 1:
            is_first = node.inputs[0] == data[0]
            if kind in _MOVES:
                return Operation(kind="shift")
            if kind in _SCALES and (is_first or kind == "Mul"):
                return Operation(kind="scale")
            if kind in {"Maximum", "Minimum"}:
                return Operation(kind="activation", activation="clip")
        if kind in FUNCTIONS:
            return Operation(kind=FUNCTIONS[kind])
        if kind in BINARY or kind in UNARY:
            return Operation(kind="comparison")
        return Operation(kind=kind.lower()[:100])

    def _convolution(self, node: Node, data: tuple[Key, ...]) -> _Step:
        if len(data) != 1:
            return _Step((Operation(kind="matrix-product"),), data)
        graph = self._graph
        kernel = next((k for k in node.inputs if k[0] in graph.learned), None)
        if kernel is None:
            return _Step((Operation(kind="scale"),), data)
        shape = graph.shape(kernel) or (None,)
        if node.kind in TRANSPOSED:
            operation = Operation(kind="conv-transpose", inputs=shape[-1], units=shape[-2])
            return _Step((operation,), data)
        below = graph.node(data[0])
        if below.kind == "DepthwiseConv2dNative" and self._users[data[0]] == 1:
            if all(size == 1 for size in shape[:-2]):  # a separable convolution is one layer
                data = tuple(k for k in below.inputs if graph.is_data(k))
            below = graph.node(data[0])
        units = shape[-1]
        if node.kind == "DepthwiseConv2dNative" and None not in shape[-2:]:
            units = int(shape[-1] or 0) * int(shape[-2] or 0)
        inner = data[0]
        while graph.node(inner).kind in {"SpaceToBatchND", "Pad"}:
            inner = next(k for k in graph.node(inner).inputs if graph.is_data(k))
        is_line = graph.node(inner).kind == "ExpandDims"
        kind = "conv1d" if is_line else CONVOLUTIONS[node.kind]
        return _Step((Operation(kind=kind, inputs=shape[-2], units=units),), data)

    def _product(self, key: Key, node: Node, data: tuple[Key, ...]) -> Operation:
        graph = self._graph
        output = graph.shape(key)
        learned = [one for one in node.inputs if one[0] in graph.learned]
        if len(data) != 1 or not output:
            return Operation(kind="matrix-product")
        if not learned:
            return Operation(kind="scale")  # a product with constants
        shape = graph.shape(learned[0]) or ()
        place = node.inputs.index(learned[0])
        if node.kind == "Einsum":
            return Operation(kind="dense", units=output[-1])
        if len([size for size in shape if size != 1]) > 2 or place != 1:
            return Operation(kind="matrix-product")
        width = shape[-1] if _is_turned(node) else shape[-2]
        return Operation(kind="dense", inputs=width, units=output[-1])

    def _gathered(self, key: Key, node: Node) -> Operation:
        table = node.inputs[0]
        if table[0] not in self._graph.learned:
            return Operation(kind="slice")
        shape = self._graph.shape(key)
        return Operation(kind="embedding", units=shape[-1] if shape else None)

    def _reshaped(self, key: Key, data: tuple[Key, ...]) -> Operation:
        before, after = self._graph.shape(data[0]), self._graph.shape(key)
        is_flat = before and after and len(after) == 2 and len(before) > 2
        return Operation(kind="flatten" if is_flat else "reshape")


def _is_turned(node: Node) -> bool:
    name = "transpose_b" if node.kind == "MatMul" else "adj_y"
    return bool(node.op.get_attr(name))
