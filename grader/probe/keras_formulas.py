"""What a loss that was written out as a formula computes: its gradient tells.

The operations between a model's output and the loss are computed once more, on numbers of our own,
and the gradient with respect to the scores is compared with that of each known loss: cross-entropy
on logits has ``sigmoid(z) - y`` or ``softmax(z) - y``, squared error ``p - y``, and so on.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from grader.evidence import LossFamily, ScoreKind
from grader.probe.keras_ops import (
    ACTIVATIONS,
    TRANSPARENT,
    Key,
    Producer,
    Step,
    is_symbolic,
    is_tensor,
    key_of,
    steps_between,
)
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_ROWS = 6
_MAX_ROWS = 4096
_MAX_STEPS = 200
_TOLERANCE = 2e-3
_SIDE_EFFECTS = ("PyFunc", "Stateful", "Partitioned", "Random", "While", "If", "Variable", "Assign")


@dataclass(frozen=True, slots=True)
class Formula:
    """What a formula computes.

    Attributes:
        family: Which loss.
        expects: The kind of score that it takes.
        outside: Activations between the model's output and the formula proper.
        labels: What it takes as labels.
    """

    family: LossFamily
    expects: ScoreKind
    outside: tuple[str, ...]
    labels: Opaque


class NotReplayed(Exception):  # noqa: N818  # no error: the formula stays unknown
    """The operations cannot be computed once more."""


def formula_of(
    target: Opaque,
    output: Opaque,
    producer: Producer,
    memory: dict[object, tuple[Formula | None]],
) -> Formula | None:
    """Recognise a formula; ``None`` where that is not certain.

    Args:
        target: What the gradient is taken of.
        output: What the model put out.
        producer: Tells what computed a tensor.
        memory: Formulas that were looked at before.
    """
    steps = list(steps_between(target, key_of(output), producer))
    if is_symbolic(target):
        return _formula_of(steps, target, output, producer)
    sign = (tuple(step.kind for step in steps), str(output.shape), _constants(steps, producer))
    if sign not in memory:
        told = _formula_of(steps, target, output, producer)
        memory[sign] = (None if told is None else replace(told, labels=None),)
    found = memory[sign][0]
    if found is None:
        return None
    scores, _ = _proper_scores(target, output, producer)
    labels = _labels(target, scores, producer)
    return None if labels is None else replace(found, labels=labels)


def _constants(steps: list[Step], producer: Producer) -> tuple[object, ...]:
    """The single numbers among what the operations take."""
    found = []
    for step in steps:
        for one in step.inputs:
            is_given = is_tensor(one) and not is_symbolic(one) and producer(one) is None
            if is_given and len(one.shape) == 0:
                found.append((step.kind, float(one.numpy()) if one.dtype.is_floating else None))
    return tuple(found)


def _formula_of(
    steps: list[Step], target: Opaque, output: Opaque, producer: Producer
) -> Formula | None:
    if not steps or len(steps) > _MAX_STEPS:
        return None
    if any(part in step.kind for step in steps for part in _SIDE_EFFECTS):
        return None
    scores, outside = _proper_scores(target, output, producer)
    labels = _labels(target, scores, producer)
    shape = _shape(scores)
    if labels is None or shape is None:
        return None
    try:
        found = {
            one
            for true in _possible_labels(labels, shape)
            for one in [_recognised(target, scores, labels, true, producer)]
        }
    except Exception:  # noqa: BLE001  # not every operation can be computed once more
        return None
    if len(found) != 1:
        return None
    only = found.pop()
    return None if only is None else Formula(*only, outside, labels)


def _proper_scores(
    target: Opaque, output: Opaque, producer: Producer
) -> tuple[Opaque, tuple[str, ...]]:
    """Step over activations that everything goes through."""
    scores, outside = output, []
    for _ in range(10):
        users = {}
        for step in steps_between(target, key_of(scores), producer):
            if any(is_tensor(one) and key_of(one) == key_of(scores) for one in step.inputs):
                users[id(step.attributes), step.kind] = step
        if len(users) != 1:
            break
        only = next(iter(users.values()))
        named = ACTIVATIONS.get(only.kind)
        if only.kind not in TRANSPARENT and named not in {"sigmoid", "softmax", "log_softmax"}:
            break
        after = _result_of(only, target, scores, producer)
        if after is None:
            break
        if named is not None:
            outside.append(named)
        scores = after
    return scores, tuple(outside)


def _result_of(step: Opaque, target: Opaque, scores: Opaque, producer: Producer) -> Opaque:
    waiting = [target]
    seen: set[Key] = set()
    while waiting and len(seen) < _MAX_STEPS * 4:
        tensor = waiting.pop()
        if not is_tensor(tensor) or key_of(tensor) in seen:
            continue
        seen.add(key_of(tensor))
        made = producer(tensor)
        if made is None:
            continue
        takes = any(is_tensor(one) and key_of(one) == key_of(scores) for one in made.inputs)
        if takes and made.kind == step.kind:
            return tensor
        waiting.extend(made.inputs)
    return None


def _labels(target: Opaque, scores: Opaque, producer: Producer) -> Opaque:
    """The one tensor from outside that has as many rows as the scores."""
    start, found = key_of(scores), {}
    waiting = [target]
    seen: set[Key] = set()
    while waiting and len(seen) < _MAX_STEPS * 4:
        tensor = waiting.pop()
        if not is_tensor(tensor) or key_of(tensor) in seen or key_of(tensor) == start:
            continue
        seen.add(key_of(tensor))
        step = producer(tensor)
        is_source = step is None or not step.inputs
        if is_source and len(tensor.shape) and tensor.shape[0] == scores.shape[0]:
            found[key_of(tensor)] = tensor
        elif step is not None:
            waiting.extend(step.inputs)
    return next(iter(found.values())) if len(found) == 1 else None


def _shape(scores: Opaque) -> tuple[int, ...] | None:
    if len(scores.shape) not in {1, 2} or any(size is None for size in scores.shape[1:]):
        return None
    rows = scores.shape[0] or _ROWS
    shape = (int(rows), *(int(size) for size in scores.shape[1:]))
    return shape if 2 <= rows <= _MAX_ROWS and np.prod(shape) >= 4 else None


def _possible_labels(labels: Opaque, shape: tuple[int, ...]) -> Iterator[Array]:
    """Labels of our own making, in the shape of the student's."""
    rows, width = shape[0], shape[1] if len(shape) > 1 else 1
    sizes = (rows, *labels.shape[1:])
    if any(size is None for size in sizes):
        raise NotReplayed
    columns = int(np.prod(sizes[1:], dtype=np.int64))
    numbers = (np.arange(rows) * 7 + np.arange(rows) // 3) % max(2, width)
    dtype = labels.dtype.as_numpy_dtype
    for shift in range(2):
        index = (numbers + shift) % max(2, width)
        true = np.eye(columns)[index % columns] if columns > 1 else index
        yield true.reshape(sizes).astype(dtype)


def _recognised(
    target: Opaque, scores: Opaque, labels: Opaque, true: Array, producer: Producer
) -> tuple[LossFamily, ScoreKind] | None:
    """Compare the gradient on our own numbers with that of each known loss."""
    shape = _shape(scores)
    if shape is None:
        return None
    grid = np.linspace(0.0, 1.0, int(np.prod(shape)))
    spread = (grid * 997.0) % 1.0
    rising = spread.reshape(shape)
    logits = rising * 4.0 - 2.0
    width = shape[1] if len(shape) > 1 else 1
    expected = true.reshape(shape[0], -1).astype(np.float64)
    if width > 1 and expected.shape[1] == 1:
        expected = np.eye(width)[expected[:, 0].astype(np.int64)]
    if expected.shape != (shape[0], width):
        return None
    expected = expected.reshape(shape)
    if len(shape) == 2 and width == 1 and len(labels.shape) == 1:
        # ``(N, 1)`` against ``(N,)`` is N x N: every score meets every label.
        expected = np.full(shape, expected.mean())
    probabilities = 0.05 + 0.9 * rising
    if width > 1:
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    on_logits = _gradient(target, scores, logits, labels, true, producer)
    found = _from_logits(on_logits, logits, expected, width)
    if found is None:
        on_probabilities = _gradient(target, scores, probabilities, labels, true, producer)
        found = _from_probabilities(on_probabilities, probabilities, expected, width)
    return found


def _from_logits(
    gradient: Array, scores: Array, true: Array, width: int
) -> tuple[LossFamily, ScoreKind] | None:
    if _is_multiple(gradient, 1 / (1 + np.exp(-scores)) - true):
        return LossFamily.BINARY_CROSS_ENTROPY, ScoreKind.LOGITS
    if width > 1:
        power = np.exp(scores - scores.max(axis=1, keepdims=True))
        if _is_multiple(gradient, power / power.sum(axis=1, keepdims=True) - true):
            return LossFamily.CATEGORICAL_CROSS_ENTROPY, ScoreKind.LOGITS
    if _is_multiple(gradient, scores - true):
        return LossFamily.MEAN_SQUARED_ERROR, ScoreKind.PROBABILITIES
    if _is_multiple(gradient, np.sign(scores - true)):
        return LossFamily.MEAN_ABSOLUTE_ERROR, ScoreKind.PROBABILITIES
    return None


def _from_probabilities(
    gradient: Array, scores: Array, true: Array, width: int
) -> tuple[LossFamily, ScoreKind] | None:
    if _is_multiple(gradient, (scores - true) / (scores * (1 - scores))):
        return LossFamily.BINARY_CROSS_ENTROPY, ScoreKind.PROBABILITIES
    if width > 1 and _is_multiple(gradient, -true / scores):
        return LossFamily.CATEGORICAL_CROSS_ENTROPY, ScoreKind.PROBABILITIES
    return None


def _is_multiple(gradient: Array, pattern: Array) -> bool:
    """Whether a gradient is a pattern times one positive number."""
    if gradient.shape != pattern.shape or not np.all(np.isfinite(gradient)):
        return False
    size = float(np.sum(pattern * pattern))
    factor = float(np.sum(gradient * pattern)) / size if size else 0.0
    largest = float(np.abs(pattern).max()) * abs(factor)
    return factor > 0 and bool(
        np.all(np.abs(gradient - factor * pattern) <= _TOLERANCE * max(largest, 1e-12))
    )


def _gradient(  # the formula, and what is put into it
    target: Opaque,
    scores: Opaque,
    numbers: Array,
    labels: Opaque,
    true: Array,
    producer: Producer,
) -> Array:
    """Gradient of the target with respect to the scores, at numbers of our own."""
    import tensorflow as tf
    from tensorflow.python.eager import context

    with context.eager_mode():
        point = tf.constant(numbers.astype(scores.dtype.as_numpy_dtype))
        values = {key_of(scores): point, key_of(labels): tf.constant(true)}
        with tf.GradientTape() as tape:
            tape.watch(point)
            total = tf.reduce_sum(_computed(target, values, producer))
        gradient = tape.gradient(total, point)
    if gradient is None:
        raise NotReplayed
    return np.asarray(gradient.numpy(), dtype=np.float64)


def _computed(target: Opaque, values: dict[Key, Opaque], producer: Producer) -> Opaque:
    """Compute a tensor once more from the given ones."""
    import tensorflow as tf

    if not is_tensor(target):
        return target
    key = key_of(target)
    if key in values:
        return values[key]
    step = producer(target)
    if step is None or not step.inputs:
        if not is_symbolic(target):
            values[key] = target
            return target
        static = tf.get_static_value(target)
        if static is None:
            raise NotReplayed
        values[key] = tf.constant(static, dtype=target.dtype)
        return values[key]
    inputs = [_computed(one, values, producer) for one in step.inputs]
    outputs = _run(step.kind, inputs, step.attributes)
    result = outputs[step.position] if isinstance(outputs, (list, tuple)) else outputs
    values[key] = result
    return result


def _run(kind: str, inputs: list[Opaque], attributes: Opaque) -> Opaque:
    import tensorflow as tf
    from tensorflow.python.framework import op_def_registry

    function = getattr(tf.raw_ops, kind, None)
    definition = op_def_registry.get(kind)
    if function is None or definition is None:
        raise NotReplayed
    if any(part in kind for part in _SIDE_EFFECTS):
        raise NotReplayed
    settings = dict(_settings(attributes))
    names = [one for one in inspect.signature(function).parameters if one != "name"]
    given: dict[str, Opaque] = {}
    rest = list(inputs)
    for argument in definition.input_arg:
        # Python's name for an argument is not always that of the operation.
        free = [one for one in names if one not in given and one not in settings]
        name = argument.name if argument.name in names else free[0]
        if argument.number_attr or argument.type_list_attr:
            kept = len(definition.input_arg) - 1  # ConcatV2: the last one is the axis
            given[name], rest = rest[: len(rest) - kept], rest[len(rest) - kept :]
        else:
            given[name] = rest.pop(0)
    given |= {key: value for key, value in settings.items() if key in names and key not in given}
    return function(**given)


def _settings(attributes: Opaque) -> Iterator[tuple[str, Opaque]]:
    if attributes is None:
        return
    if isinstance(attributes, (tuple, list)):
        yield from (
            (name.decode() if isinstance(name, bytes) else name, value)
            for name, value in zip(attributes[::2], attributes[1::2], strict=True)
        )
        return
    for name in attributes.node_def.attr:
        if not name.startswith("_"):
            yield name, attributes.get_attr(name)
