"""Reads nodes of PyTorch's autograd graph (torch 2.13): which step of a computation each one is."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.evidence import Operation
from grader.probe.opaque import Opaque
from grader.probe.spelled_out import LEARNED_SCALE

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
    "RreluWithNoiseBackward0": "rrelu",
    "GluBackward0": "glu",
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
_OTHER_SHAPES = {
    "SplitBackward": "slice",
    "SplitWithSizesBackward": "slice",
    "UnbindBackward": "slice",
    "UnfoldBackward": "slice",
    "IndexBackward": "slice",
    "IndexSelectBackward": "slice",
    "GatherBackward": "slice",
    "NarrowBackward": "slice",
    "RepeatBackward": "reshape",
    "RepeatInterleaveBackward": "reshape",
    "PixelShuffleBackward": "reshape",
    "MovedimBackward": "transpose",
    "FlipBackward": "transpose",
    "RollBackward": "transpose",
    "ReflectionPad1DBackward": "padding",
    "ReflectionPad2DBackward": "padding",
    "ReplicationPad1DBackward": "padding",
    "ReplicationPad2DBackward": "padding",
    "UpsampleNearest2DBackward": "reshape",
}
_LAYERS = {
    "NativeBatchNormBackward": "batch-norm",
    "NativeLayerNormBackward": "layer-norm",
    "NativeGroupNormBackward": "group-norm",
    "MaxPool1DBackward": "max-pool",
    "MaxPool2DWithIndicesBackward": "max-pool",
    "MaxPool3DWithIndicesBackward": "max-pool",
    "AdaptiveMaxPool2DBackward": "max-pool",
    "AdaptiveMaxPool3DBackward": "max-pool",
    "AvgPool2DBackward": "average-pool",
    "AvgPool3DBackward": "average-pool",
    "AdaptiveAvgPool2DBackward": "average-pool",
    "AdaptiveAvgPool3DBackward": "average-pool",
    "MeanBackward": "average-pool",
    "ConstantPadNdBackward": "padding",
    "CatBackward": "concatenate",
    "StackBackward": "concatenate",
}
_FUNCTIONS = {
    "PowBackward": "power",
    "AbsBackward": "absolute",
    "SinBackward": "sine",
    "CosBackward": "sine",
    "SqrtBackward": "square-root",
    "RsqrtBackward": "square-root",
    "ReciprocalBackward": "division",
    "DivBackward": "division",
    "SumBackward": "sum",
    "CumsumBackward": "sum",
    "LinalgVectorNormBackward": "square-root",
    "NormBackward": "square-root",
    "MaximumBackward": "comparison",
    "MinimumBackward": "comparison",
    "WhereBackward": "comparison",
    "ClampBackward": "comparison",
    "ClampMinBackward": "comparison",
    "ThresholdBackward": "comparison",
    "Expm1Backward": "power",
    "Log1PBackward": "power",
    "ErfBackward": "power",
    "LogsumexpBackward": "power",
    "LogaddexpBackward": "power",
}
_MATRIX_PRODUCTS = {"AddmmBackward0": 2, "MmBackward0": 1}
_OPERANDS = {
    "AddmmBackward0": (1, 2),
    "MmBackward0": (0, 1),
    "BmmBackward0": (0, 1),
    "BaddbmmBackward0": (1, 2),
    "MvBackward0": (0, 1),
    "AddmvBackward0": (1, 2),
}
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
        data: Those of the nodes it used that depend on the model's input, each once.
    """
    name = node.name()
    activation = activation_of(node)
    if activation is not None:
        return Operation(kind="activation", activation=activation, axis=axis_of(node))
    if name in _OPERANDS:
        return _product(node, data)
    if name.startswith("ConvolutionBackward"):
        return _convolution(node)
    stem = name.rstrip("0123456789")
    if stem in {"EmbeddingBackward", "EmbeddingBagBackward"}:
        return _embedding(node)
    if stem in _RESHAPES:
        return Operation(kind=_RESHAPES[stem])
    if stem in _OTHER_SHAPES:
        return Operation(kind=_OTHER_SHAPES[stem])
    if stem in _LAYERS:
        return Operation(kind=_LAYERS[stem])
    if stem in {"MaxBackward", "AmaxBackward"}:
        return Operation(kind="max-pool" if len(data) == 1 else "comparison")
    if len(data) == 1:
        return _with_constant(node, stem, data)
    several = {"AddBackward": "add", "SubBackward": "add", "MulBackward": "multiply"}
    if stem in several:
        return Operation(kind=several[stem])
    return Operation(kind=_FUNCTIONS.get(stem) or _unknown_name(stem))


def _is_masked(node: Opaque) -> bool:
    """Whether a product's other factor has a number of its own for every row: a mask, perhaps."""
    used = [one for one, _ in node.next_functions]
    if len(used) != 2 or None not in used:
        return False
    saved = getattr(node, "_saved_self" if used[0] is None else "_saved_other", None)
    return saved is not None and saved.dim() > 1 and saved.shape[0] > 1


def _with_constant(node: Opaque, stem: str, data: list[Opaque]) -> Operation:
    """A step that uses one result of the data, besides constants and parameters."""
    is_twice = sum(one is data[0] for one in following(node)) > 1
    others = [n for n in following(node) if n is not data[0]]
    if stem in {"AddBackward", "SubBackward", "RsubBackward"}:
        learned = bool(others) and all(parameter_of(other) is not None for other in others)
        is_bias = stem == "AddBackward" and learned
        return Operation(kind="scale" if is_twice else "bias" if is_bias else "shift")
    if stem == "MulBackward" and is_twice:
        return Operation(kind="power")
    if stem == "MulBackward" and others:
        return Operation(kind=LEARNED_SCALE)
    if stem == "MulBackward" and _is_masked(node):
        return Operation(kind="comparison")
    if stem in {"MulBackward", "NegBackward"} or _divides_by_constant(node, data):
        return Operation(kind="scale")
    if stem in {"MaskedFillBackward"}:
        return Operation(kind="shift")
    return Operation(kind=_FUNCTIONS.get(stem) or _unknown_name(stem))


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


def _product(node: Opaque, data: list[Opaque]) -> Operation:
    """A matrix product: a dense layer where one side was learned and the other is data."""
    used = [successor for successor, _ in node.next_functions]
    first, second = (used[place] for place in _OPERANDS[node.name()])
    is_data = [any(side is one for one in data) for side in (first, second)]
    if all(is_data):
        return Operation(kind="matrix-product")
    weight = first if is_data[1] else second
    if weight is None:
        return Operation(kind="scale")  # by a constant matrix
    shape = _saved_shape(node, is_first=is_data[1]) or _leaf_shape(weight)
    if shape is None:
        return Operation(kind="dense")
    if len(shape) == 1:
        return Operation(kind="dense", inputs=shape[0], units=1)
    inputs, units = shape[-2:] if not is_data[1] else (shape[-1], shape[-2])
    return Operation(kind="dense", inputs=inputs, units=units)


def _saved_shape(node: Opaque, *, is_first: bool) -> tuple[int, ...] | None:
    names: tuple[str, ...] = ("_saved_self", "_saved_mat1", "_saved_batch1", "_saved_mat")
    if not is_first:
        names = ("_saved_mat2", "_saved_vec", "_saved_batch2")
    if is_first and node.name().startswith("Add"):
        names = names[1:]
    for name in names:
        saved = getattr(node, name, None)
        if saved is not None:
            return tuple(int(size) for size in saved.shape)
    return None


def _leaf_shape(weight: Opaque) -> tuple[int, ...] | None:
    is_turned = False
    while weight.name() in {"TBackward0", "TransposeBackward0"}:
        is_turned = not is_turned
        weight = following(weight)[0]
    leaf = getattr(weight, "variable", None)
    if leaf is None:
        return None
    shape = tuple(int(size) for size in leaf.shape)
    return shape[::-1] if is_turned else shape


def _embedding(node: Opaque) -> Operation:
    leaf = parameter_of(following(node)[0])
    if leaf is None:
        return Operation(kind="embedding")
    return Operation(kind="embedding", inputs=int(leaf.shape[0]), units=int(leaf.shape[1]))


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
