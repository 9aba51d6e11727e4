"""Reads nodes of PyTorch's autograd graph (torch 2.13): which step of a computation each one is."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.evidence import Operation
from grader.probe.opaque import Opaque

_ACTIVATIONS = {
    "ReluBackward0": "relu",
    "SigmoidBackward0": "sigmoid",
    "TanhBackward0": "tanh",
    "GeluBackward0": "gelu",
    "CeluBackward0": "celu",
    "SiluBackward0": "silu",
    "MishBackward0": "mish",
    "SoftplusBackward0": "softplus",
    "HardswishBackward0": "hard_silu",
    "HardsigmoidBackward0": "hard_sigmoid",
    "LeakyReluBackward0": "leaky_relu",
    "PreluKernelBackward0": "prelu",
    "LogSigmoidBackward0": "log_sigmoid",
    "SoftmaxBackward0": "softmax",
    "LogSoftmaxBackward0": "log_softmax",
    "LogBackward0": "log",
    "ExpBackward0": "exponential",
}
_RESHAPES = {
    "SqueezeBackward": "reshape",
    "UnsqueezeBackward": "reshape",
    "ViewBackward": "reshape",
    "UnsafeViewBackward": "reshape",
    "ReshapeAliasBackward": "reshape",
    "ToCopyBackward": "cast",
    "CloneBackward": "identity",
    "AliasBackward": "identity",
    "ExpandBackward": "reshape",
    "TBackward": "transpose",
    "TransposeBackward": "transpose",
    "PermuteBackward": "transpose",
    "SelectBackward": "slice",
    "SliceBackward": "slice",
    "NativeDropoutBackward": "dropout",
}
_LAYERS = {
    "NativeBatchNormBackward": "batch-norm",
    "NativeLayerNormBackward": "layer-norm",
    "NativeGroupNormBackward": "group-norm",
    "MaxPool1DBackward": "max-pool",
    "MaxPool2DWithIndicesBackward": "max-pool",
    "MaxPool3DWithIndicesBackward": "max-pool",
    "AvgPool2DBackward": "average-pool",
    "AvgPool3DBackward": "average-pool",
    "AdaptiveAvgPool2DBackward": "average-pool",
    "MeanBackward": "average-pool",
    "ConstantPadNdBackward": "padding",
}
_MATRIX_PRODUCTS = {"AddmmBackward0": 2, "MmBackward0": 1}
_SELU_SCALE = 1.0507009873554805


def following(node: Opaque) -> list[Opaque]:
    """The nodes whose results this one used."""
    return [successor for successor, _ in node.next_functions if successor is not None]


def parameter_of(node: Opaque) -> Opaque:
    """The leaf tensor behind a node, looking through transposes; ``None`` if it is none."""
    while node is not None and node.name() in {"TBackward0", "TransposeBackward0"}:
        after = following(node)
        node = after[0] if after else None
    return getattr(node, "variable", None) if node is not None else None


def is_leaf(node: Opaque) -> bool:
    """Whether the node stands for a tensor that was not computed."""
    return hasattr(node, "variable")


def activation_of(node: Opaque) -> str | None:
    """Neutral name of the activation that the node applied; ``None`` if it is none we know."""
    name = node.name()
    if name == "EluBackward0":
        if math.isclose(node._saved_scale, _SELU_SCALE, rel_tol=1e-6):
            return "selu"
        return "elu" if node._saved_scale == 1 else None
    if name == "HardtanhBackward0":
        bounds = (node._saved_min_val, node._saved_max_val)
        return {(0, 6): "relu6", (-1, 1): "hard_tanh", (0, 1): "clip"}.get(bounds)
    if name.startswith("ClampBackward1"):
        low, high = node._saved_min, node._saved_max
        if low == 0 and high is None:
            return "relu"
        if low is not None and high is not None and 0 <= low < 0.01 and 0.99 < high <= 1:
            return "clip"
        return None
    if name.startswith("ClampMinBackward"):
        return "relu" if getattr(node, "_saved_min", None) == 0 else None
    return _ACTIVATIONS.get(name)


def is_transparent(node: Opaque) -> bool:
    """Whether the node changes the shape or type of its input and nothing else."""
    return node.name().rstrip("0123456789") in _RESHAPES


def has_weights(node: Opaque) -> bool:
    """Whether the node is the product of a layer with weights."""
    return node.name() in _MATRIX_PRODUCTS or node.name().startswith("ConvolutionBackward")


def operation_of(node: Opaque, data: list[Opaque]) -> Operation:
    """The neutral step that a node of a model's graph stands for.

    Args:
        node: The node.
        data: Those of the nodes it used that depend on the model's input.
    """
    name = node.name()
    activation = activation_of(node)
    if activation is not None:
        return Operation(kind="activation", activation=activation, axis=axis_of(node))
    if name in _MATRIX_PRODUCTS:
        return _dense(node, data)
    if name.startswith("ConvolutionBackward"):
        return _convolution(node)
    stem = name.rstrip("0123456789")
    if stem in _RESHAPES:
        return Operation(kind=_RESHAPES[stem])
    if stem in _LAYERS:
        return Operation(kind=_LAYERS[stem])
    if len(data) == 1 and stem in {"AddBackward", "SubBackward"}:
        others = [n for n in following(node) if n is not data[0]]
        learned = bool(others) and all(parameter_of(other) is not None for other in others)
        if stem == "AddBackward" and learned:
            return Operation(kind="bias")
        return Operation(kind="shift")
    if len(data) == 1 and (stem == "MulBackward" or _divides_by_constant(node, data)):
        return Operation(kind="scale")
    return Operation(kind=_unknown_name(stem))


def _divides_by_constant(node: Opaque, data: list[Opaque]) -> bool:
    used = node.next_functions
    return bool(node.name() == "DivBackward0" and used and used[0][0] is data[0])


def _unknown_name(stem: str) -> str:
    return stem.removesuffix("Backward").lower()[:100] or "unknown"


def axis_of(node: Opaque) -> int | None:
    """Axis that a softmax normalises, from the end; ``-2`` where that is the axis of the rows."""
    if node.name() not in {"SoftmaxBackward0", "LogSoftmaxBackward0"}:
        return None
    rank = node._saved_result.dim()
    if rank == 1:
        return -2
    axis = int(node._saved_dim)
    if axis >= 2**63:  # a negative number, read as unsigned
        axis -= 2**64
    return axis if axis < 0 else axis - rank


def _dense(node: Opaque, data: list[Opaque]) -> Operation:
    used = [successor for successor, _ in node.next_functions]
    weight_node = used[_MATRIX_PRODUCTS[node.name()]]
    if any(weight_node is one for one in data):
        return Operation(kind="matrix-product")
    weight = parameter_of(weight_node)
    if weight is None:
        return Operation(kind="matrix-product")
    shape = tuple(node._saved_mat2.shape) if node._saved_mat2 is not None else tuple(weight.shape)
    return Operation(kind="dense", inputs=int(shape[0]), units=int(shape[1]))


def _convolution(node: Opaque) -> Operation:
    weight = node._saved_weight
    kind = "conv-transpose" if node._saved_transposed else f"conv{weight.dim() - 2}d"
    units = int(weight.shape[1 if node._saved_transposed else 0])
    return Operation(kind=kind, inputs=int(weight.shape[1]), units=units)


def walked(roots: list[Opaque], *, limit: int = 20_000) -> Iterator[Opaque]:
    """Every node below ``roots``, each once, at most ``limit``."""
    waiting = [root for root in roots if root is not None]
    seen: dict[int, Opaque] = {}
    while waiting and len(seen) < limit:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        yield node
        waiting.extend(following(node))
