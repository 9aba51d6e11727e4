"""Recognises activations that TensorFlow spells out, by what the steps do to numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from grader.probe.graph_keras_trace import Key, Traced
from grader.probe.layers_keras_activations import (
    erf,
    log_softmax,
    names_for,
    sigmoid,
    softmax,
    softplus,
)
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_LEARNED = 0.3
_MOST_STEPS = 40
_SAMPLE = np.concatenate([np.linspace(-7.9, 8.3, 71), [-0.05, 0.06, -0.3, 0.37]]).reshape(15, 5)
IDENTITIES = {"Identity", "IdentityN", "StopGradient", "CheckNumerics", "EnsureShape"} | {
    "PreventGradient",
    "PlaceholderWithDefault",
}
UNARY: dict[str, Callable[[Array], Array]] = {
    "Neg": np.negative,
    "Exp": np.exp,
    "Expm1": np.expm1,
    "Log": np.log,
    "Log1p": np.log1p,
    "Sqrt": np.sqrt,
    "Rsqrt": lambda x: 1 / np.sqrt(x),
    "Square": np.square,
    "Reciprocal": lambda x: 1 / x,
    "Inv": lambda x: 1 / x,
    "Abs": np.abs,
    "Sign": np.sign,
    "Sin": np.sin,
    "Cos": np.cos,
    "Erf": erf,
    "Erfc": lambda x: 1 - erf(x),
    "Relu": lambda x: np.maximum(x, 0),
    "Relu6": lambda x: np.clip(x, 0, 6),
    "Sigmoid": sigmoid,
    "Tanh": np.tanh,
    "Elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "Softplus": softplus,
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "ZerosLike": np.zeros_like,
    "OnesLike": np.ones_like,
    "LogicalNot": np.logical_not,
}
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "AddV2": np.add,
    "Add": np.add,
    "BiasAdd": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "RealDiv": np.divide,
    "Div": np.divide,
    "DivNoNan": np.divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Pow": np.power,
    "SquaredDifference": lambda a, b: (a - b) ** 2,
    "Xdivy": np.divide,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Equal": np.equal,
    "NotEqual": np.not_equal,
    "LogicalAnd": np.logical_and,
    "LogicalOr": np.logical_or,
}
REDUCTIONS: dict[str, Callable[..., Array]] = {"Sum": np.sum, "Mean": np.mean, "Max": np.max}
_COUNTED: dict[str, Callable[..., Opaque]] = {
    "Range": np.arange,
    "Sub": np.subtract,
    "AddV2": np.add,
    "Mul": np.multiply,
    "Pack": lambda *parts: np.stack(parts),
    "ConcatV2": lambda *parts: np.concatenate([np.atleast_1d(one) for one in parts[:-1]]),
}
_OTHERS = {"SelectV2", "Select", "ClipByValue", "Cast", "Softmax", "LogSoftmax", "LeakyRelu"}
EXPANDED = UNARY.keys() | BINARY.keys() | REDUCTIONS.keys() | _OTHERS | IDENTITIES


class Region(NamedTuple):
    """Steps that together are one activation.

    Attributes:
        activation: Its neutral name.
        axis: Of a softmax, counted from the end.
        start: What it is applied to.
    """

    activation: str
    axis: int | None
    start: Key


def region_of(graph: Traced, end: Key, closed: set[Key]) -> Region | None:
    """Find the largest part of the graph that ends here and is a known activation.

    Args:
        graph: The graph.
        end: The value that may be an activated one.
        closed: Values that layers with a meaning of their own make: not looked behind.
    """
    for start in reversed(_entries(graph, end, closed)):
        try:
            with np.errstate(all="ignore"):
                evaluation = _Evaluation(graph, start)
                values = np.asarray(evaluation.of(end))
        except (_CannotEvaluateError, ValueError, TypeError):
            continue
        names = names_for(_SAMPLE, np.broadcast_to(values, _SAMPLE.shape).astype(np.float64))
        names.pop("linear", None)
        if len(names) != 1:
            continue
        name, axis = names.popitem()
        is_learned = evaluation.is_learned
        if name == "leaky_relu" and is_learned:
            name = "prelu"
        if name == "elu" and {"Expm1", "RealDiv"} <= evaluation.kinds:
            name = "celu"  # with a width of 1, the same function
        if name == "sine" or (is_learned and name != "prelu"):
            continue
        return Region(name, axis, start)
    return None


def _entries(graph: Traced, end: Key, closed: set[Key]) -> list[Key]:
    """Values that every way from the input to ``end`` passes, nearest first."""
    frontier = {key for key in graph.node(end).inputs if graph.is_data(key)}
    entries = []
    for _ in range(_MOST_STEPS):
        if len(frontier) == 1:
            entries.append(next(iter(frontier)))
        last = max(frontier, default=None)
        if last is None or last == graph.source or last in closed:
            break
        if graph.node(last).kind not in EXPANDED:
            break
        frontier.discard(last)
        frontier |= {key for key in graph.node(last).inputs if graph.is_data(key)}
    return entries


class _CannotEvaluateError(Exception):
    """A step that is not one on single numbers or rows."""


class _Evaluation:
    """Works out values of a graph for sample numbers in place of one of its values."""

    def __init__(self, graph: Traced, start: Key) -> None:
        self._graph = graph
        self._known: dict[Key, Opaque] = {start: _SAMPLE}
        self.is_learned = False
        self.kinds: set[str] = set()
        self._left = 4 * _MOST_STEPS

    def of(self, key: Key) -> Opaque:
        """A value; ``is_learned`` then tells whether a learned number has a part in it."""
        if key not in self._known:
            self._left -= 1
            if self._left < 0:
                raise _CannotEvaluateError
            self._known[key] = self._computed(key)
        return self._known[key]

    def _computed(self, key: Key) -> Opaque:
        node = self._graph.node(key)
        self.kinds.add(node.kind)
        if key[0] in self._graph.learned:
            self.is_learned = True
            return _LEARNED
        if not self._graph.is_data(key):
            constant = static_value(self._graph, key)
            if constant is not None:
                if constant.size != 1:
                    raise _CannotEvaluateError
                return constant.reshape(())
            if node.kind not in EXPANDED:
                raise _CannotEvaluateError
        return self._step(node.kind, node, key)

    def _step(self, kind: str, node: Opaque, key: Key) -> Opaque:
        if kind in IDENTITIES:
            return self.of(node.inputs[key[1]])
        if kind in REDUCTIONS:
            return self._reduced(node)
        given = [self.of(one) for one in node.inputs]
        if kind in UNARY:
            return UNARY[kind](given[0])
        if kind in BINARY:
            return BINARY[kind](given[0], given[1])
        if kind in {"SelectV2", "Select"}:
            return np.where(*given)
        if kind == "ClipByValue":
            return np.clip(*given)
        if kind == "Cast":
            return np.asarray(given[0], dtype=np.float64)
        if kind == "Softmax":
            return softmax(given[0])
        if kind == "LogSoftmax":
            return log_softmax(given[0])
        if kind == "LeakyRelu":
            return np.where(given[0] > 0, given[0], node.op.get_attr("alpha") * given[0])
        raise _CannotEvaluateError

    def _reduced(self, node: Opaque) -> Opaque:
        axes = static_value(self._graph, node.inputs[1])
        shape = self._graph.shape(node.inputs[0])
        if axes is None or shape is None or axes.size != 1 or not node.op.get_attr("keep_dims"):
            raise _CannotEvaluateError
        if int(axes.reshape(())) not in {-1, len(shape) - 1}:
            raise _CannotEvaluateError
        return REDUCTIONS[node.kind](self.of(node.inputs[0]), axis=-1, keepdims=True)


def static_value(graph: Traced, key: Key, depth: int = 0) -> Array | None:
    """The value of a constant, worked out of others and of numbers of axes; otherwise ``None``."""
    import tensorflow as tf

    node = graph.node(key)
    value = tf.get_static_value(node.op.outputs[key[1]])
    if value is not None:
        return np.asarray(value)
    if graph.is_data(key):
        return None
    if node.kind == "Rank":
        shape = graph.shape(node.inputs[0])
        return None if shape is None else np.asarray(len(shape))
    if node.kind not in _COUNTED or depth > 8:
        return None
    given = [static_value(graph, one, depth + 1) for one in node.inputs]
    if any(one is None for one in given):
        return None
    return np.asarray(_COUNTED[node.kind](*given))
