"""What a Keras model computes: its TensorFlow graph, with the list of layers as a second witness.

The graph sees what the list cannot (functions called in ``call``); the list knows by name what the
graph spells out (GELU, PReLU). Where both speak and disagree, nothing is known.
"""

from __future__ import annotations

import warnings

import numpy as np

from grader.evidence import HiddenLayer, Operation
from grader.probe.chain import Link, chain_of, on_the_way
from grader.probe.keras_layers import operations_of_layers
from grader.probe.keras_losses import declares_logits
from grader.probe.opaque import Opaque
from grader.probe.structure import BRANCH, Structure, structure_of
from grader.probe.tallies import Array
from grader.probe.wording import described

_BATCH = 1024
_ACTIVATIONS = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Elu": "elu",
    "Selu": "selu",
    "LeakyRelu": "leaky_relu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Exp": "exponential",
    "Log": "log",
}
_SHAPES = {
    "Reshape": "reshape",
    "Squeeze": "reshape",
    "ExpandDims": "reshape",
    "Cast": "cast",
    "Transpose": "transpose",
    "StridedSlice": "slice",
    "MaxPool": "max-pool",
    "AvgPool": "average-pool",
    "Mean": "average-pool",
    "Pad": "padding",
    "PadV2": "padding",
    "FusedBatchNormV3": "batch-norm",
}
_PRODUCTS = {"MatMul": "dense", "BatchMatMulV2": "dense", "Conv2D": "conv2d", "Conv3D": "conv3d"}
_IDENTITIES = {"Identity", "IdentityN", "StopGradient", "CheckNumerics", "EnsureShape"}
_SHAPE_QUESTIONS = {"Shape", "ZerosLike", "OnesLike", "Rank", "Size"}


def structure(model: Opaque, rows: Array) -> Structure:
    """Read the structure of a model from its graph and from its layers.

    Args:
        model: Is not changed.
        rows: At least 3, in the type that the model was trained on.
    """
    import keras

    seen = Structure(problem="Keras does not run on TensorFlow here")
    if keras.backend.backend() == "tensorflow":
        try:
            seen = structure_of(_operations(model, rows))
        except Exception as error:  # noqa: BLE001  # a call that cannot be traced
            seen = Structure(problem=why(error))
    try:
        listed = operations_of_layers(model)
    except (AttributeError, TypeError, ValueError):  # a layer that is not quite Keras's own
        listed = None
    return seen if listed is None else _agreed(seen, structure_of(listed))


def _agreed(seen: Structure, listed: Structure) -> Structure:
    """What both witnesses say, or the one that speaks; nothing where they differ."""
    problem = "the graph and the list of layers disagree"
    hidden_differ = None not in (seen.hidden, listed.hidden) and seen.hidden != listed.hidden
    ending_differs = None not in (seen.ending, listed.ending) and seen.ending != listed.ending
    if hidden_differ or ending_differs:
        return Structure(
            hidden=None if hidden_differ else seen.hidden or listed.hidden,
            ending=None if ending_differs else _first(seen.ending, listed.ending),
            softmax_axis=seen.softmax_axis,
            problem=problem,
        )
    hidden: tuple[HiddenLayer, ...] | None = _first(seen.hidden, listed.hidden)
    return Structure(
        operations=_first(listed.operations, seen.operations),
        hidden=hidden,
        ending=_first(seen.ending, listed.ending),
        softmax_axis=seen.softmax_axis if seen.softmax_axis is not None else listed.softmax_axis,
        is_linear_chain=_first(seen.is_linear_chain, listed.is_linear_chain),
        problem=seen.problem if hidden is None else "",
    )


def _first(one: Opaque, other: Opaque) -> Opaque:
    return one if one is not None else other


def _operations(model: Opaque, rows: Array) -> list[Operation]:
    graph, output = _traced(model, rows)
    source_op = graph.inputs[0].op
    names: dict[str, int] = {}
    ops: dict[int, Opaque] = {}
    uses: dict[int, tuple[int, ...]] = {}

    def number(op: Opaque) -> int:
        return names.setdefault(op.name, len(names))

    def computed(tensor: Opaque) -> Opaque:
        while tensor.op.type in _IDENTITIES:
            tensor = tensor.op.inputs[tensor.op.outputs.index(tensor)]
        return tensor.op

    sink = computed(output)
    waiting = [sink]
    while waiting:
        op = waiting.pop()
        key = number(op)
        if key in ops:
            continue
        ops[key] = op
        below = [computed(tensor) for tensor in op.inputs]
        below = [] if op.type in _SHAPE_QUESTIONS else below
        uses[key] = tuple(number(one) for one in below)
        waiting.extend(below)
    source = number(source_op)
    links = chain_of(uses, source=source, sink=number(sink))
    data = set(on_the_way(uses, source, number(sink)))
    return _merged([_step(link, ops, uses, data) for link in links])


def _traced(model: Opaque, rows: Array) -> tuple[Opaque, Opaque]:
    import tensorflow as tf

    spec = tf.TensorSpec((None, *rows.shape[1:]), tf.as_dtype(rows.dtype))
    traced = tf.function(lambda x: model(x, training=False), autograph=False)
    concrete = traced.get_concrete_function(spec)
    if len(concrete.outputs) != 1:
        message = "the model has several outputs"
        raise ValueError(message)
    return concrete, concrete.outputs[0]


def _step(
    link: Link, ops: dict[int, Opaque], uses: dict[int, tuple[int, ...]], data: set[int]
) -> Operation:
    op = ops[link.node]
    if link.is_split:
        return _split(sorted(ops[one].type for one in (*link.branch, link.node)))
    kind = op.type
    if kind in _ACTIVATIONS:
        axis = -1 if "Softmax" in kind else None
        return Operation(kind="activation", activation=_ACTIVATIONS[kind], axis=axis)
    if kind in _PRODUCTS:
        return _product(op, [used for used in uses[link.node] if used not in data])
    if kind in _SHAPES:
        return Operation(kind=_SHAPES[kind])
    if kind in {"BiasAdd", "AddV2", "Sub", "Mul", "RealDiv", "Neg"}:
        others = [used for used in uses[link.node] if used not in data]
        learned = bool(others) and all(_is_learned(used, ops, uses) for used in others)
        moves = kind in {"BiasAdd", "AddV2", "Sub"}
        if learned and kind in {"BiasAdd", "AddV2"}:
            return Operation(kind="bias")
        if learned and kind == "Mul":
            return Operation(kind="learned-scale")
        return Operation(kind="neg" if kind == "Neg" else "shift" if moves else "scale")
    return Operation(kind=kind.lower()[:100])


def _split(types: list[str]) -> Operation:
    """Recognise the activations that TensorFlow spells out."""
    kinds = set(types)
    if kinds <= {"Mul", "Neg", "Erfc", "Erf", "AddV2", "RealDiv"} and (
        types.count("Erfc") + types.count("Erf") == 1
    ):
        return Operation(kind="activation", activation="gelu")
    if kinds == {"Mul", "Sigmoid"} and types.count("Sigmoid") == 1 and len(types) <= 3:
        return Operation(kind="activation", activation="silu")
    if types == ["Mul", "Softplus", "Tanh"]:
        return Operation(kind="activation", activation="mish")
    return Operation(kind=BRANCH)


def _product(op: Opaque, others: list[int]) -> Operation:
    if len(others) != 1:
        return Operation(kind="matrix-product")
    shape = op.inputs[1].shape.as_list()
    if _PRODUCTS[op.type] == "dense" and (len(shape) != 2 or _is_transposed(op)):
        return Operation(kind="matrix-product")
    return Operation(kind=_PRODUCTS[op.type], inputs=shape[-2], units=shape[-1])


def _is_transposed(op: Opaque) -> bool:
    names = ("transpose_a", "transpose_b") if op.type == "MatMul" else ("adj_x", "adj_y")
    return any(op.get_attr(name) for name in names)


def _is_learned(node: int, ops: dict[int, Opaque], uses: dict[int, tuple[int, ...]]) -> bool:
    """Whether a value is computed from variables of the model."""
    waiting, seen = [node], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if ops[one].type == "ReadVariableOp":
            return True
        waiting.extend(uses.get(one, ()))
    return False


def _merged(steps: list[Operation]) -> list[Operation]:
    """Merge what TensorFlow spells out: biases, batch normalisation, log-sigmoid."""
    kept: list[Operation] = []
    for step in steps:
        before = [one for one in kept if one.kind not in {"reshape", "cast"}]
        last = before[-1].kind if before else ""
        if step.kind == "bias" and last in {*_PRODUCTS.values(), "learned-scale"}:
            if last == "learned-scale":
                kept.remove(before[-1])
                kept.append(Operation(kind="batch-norm"))
            continue
        kept.append(step)
        names = [(one.activation or one.kind) for one in kept[-3:]]
        if names == ["neg", "softplus", "neg"]:
            kept[-3:] = [Operation(kind="activation", activation="log_sigmoid")]
    plain = {"bias": "shift", "learned-scale": "scale"}
    return [Operation(kind=plain[s.kind]) if s.kind in plain else s for s in kept]


def scores(model: Opaque, rows: Array) -> Array:
    """The model's output on rows, in inference mode."""
    parts = []
    for start in range(0, len(rows), _BATCH):
        output = model(rows[start : start + _BATCH], training=False)
        parts.append(np.asarray(output.numpy() if hasattr(output, "numpy") else output))
    return np.concatenate(parts) if all(part.ndim for part in parts) else parts[0]


def double_scores(model: Opaque, rows: Array) -> Array | None:
    """Nothing: Keras models stay in the type they were built in."""
    del model, rows
    return None


def trainable_numbers(model: Opaque) -> int:
    """How many numbers training may change."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def seed_all(seed: int) -> None:
    """Seed TensorFlow before the model is asked about rows."""
    import tensorflow as tf

    tf.random.set_seed(seed)


def repairs_loss(model: Opaque, rows: Array) -> bool:
    """Whether TensorFlow undoes an activation before a loss that declares logits.

    Keras warns when it does; the call is made again here to see that warning.
    """
    import keras
    import tensorflow as tf

    loss = model.loss
    if keras.backend.backend() != "tensorflow" or not declares_logits(loss):
        return False

    def lossy(inputs: Opaque) -> Opaque:
        output = model(inputs, training=False)
        is_sparse = type(loss).__name__.startswith("Sparse")
        return loss(tf.zeros_like(output[..., :1] if is_sparse else output), output)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.function(lossy, autograph=False).get_concrete_function(
            tf.TensorSpec((None, *rows.shape[1:]), tf.as_dtype(rows.dtype))
        )
    return any("from_logits=True" in str(warning.message) for warning in caught)


def why(error: BaseException) -> str:
    """Why the model could not be examined."""
    return f"the model could not be traced on its own training rows ({described(error)})"
