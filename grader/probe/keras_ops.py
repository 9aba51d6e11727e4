"""Operations between a model's output and what a gradient is taken of, eager or traced.

While a function is traced, TensorFlow keeps them in its graph. Eager ones are written down by an
operation callback, for a few rounds of a loop only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from grader.probe.keras_losses import LossCall
from grader.probe.opaque import Opaque

_LIMIT = 3000
ACTIVATIONS = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Elu": "elu",
    "Selu": "selu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Exp": "exponential",
    "Log": "log",
}
TRANSPARENT = {
    "Reshape",
    "Squeeze",
    "ExpandDims",
    "Identity",
    "Cast",
    "EnsureShape",
    "StridedSlice",
    "CheckNumerics",
}
_SUMS = {"Mean", "Sum", "AddV2", "Add", "AddN", "Pack", "ConcatV2"} | TRANSPARENT
_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}
_SCALINGS = {"Mul", "RealDiv", "DivNoNan"}
Key = tuple[int, object]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation.

    Attributes:
        kind: TensorFlow's name: ``Sigmoid``.
        inputs: Tensors it was computed from.
        attributes: Its settings, by name.
        position: Which of its results is meant.
    """

    kind: str
    inputs: tuple[Opaque, ...]
    attributes: Opaque
    position: int = 0


def key_of(tensor: Opaque) -> Key:
    """What tells a tensor from all others, also when it is met again."""
    graph = getattr(tensor, "graph", None) if is_symbolic(tensor) else None
    return (0, tensor._id) if graph is None else (id(graph), tensor.name)


def is_symbolic(tensor: Opaque) -> bool:
    """Whether a tensor stands for values that are yet to come."""
    return not callable(getattr(tensor, "numpy", None)) and hasattr(tensor, "op")


def is_tensor(data: Opaque) -> bool:
    """Whether something is a tensor of TensorFlow, eager or symbolic."""
    return hasattr(data, "_id") and hasattr(data, "dtype") and hasattr(data, "shape")


@dataclass(slots=True)
class EagerLog:
    """Writes eager operations down while it is switched on."""

    steps: dict[Key, Step] = field(default_factory=dict)
    is_on: bool = False

    def start(self) -> None:
        """Begin anew."""
        from tensorflow.python.framework import op_callbacks

        self.steps = {}
        if not self.is_on:
            op_callbacks.add_op_callback(self._took_place)
            self.is_on = True

    def stop(self) -> None:
        """Write nothing more; what is written stays."""
        if self.is_on:
            from tensorflow.python.framework import op_callbacks

            self.is_on = False
            op_callbacks.remove_op_callback(self._took_place)

    def _took_place(  # TensorFlow decides how it calls back
        self,
        op_type: Opaque,
        inputs: Opaque,
        attrs: Opaque,
        outputs: Opaque,
        op_name: Opaque = None,
        graph: Opaque = None,
    ) -> None:
        del op_name
        if graph is None and len(self.steps) < _LIMIT:
            kind = op_type.decode() if isinstance(op_type, bytes) else str(op_type)
            for number, output in enumerate(outputs):
                step = Step(kind, tuple(inputs), attrs, number)
                self.steps[(0, output._id)] = step

    def producer(self, tensor: Opaque) -> Step | None:
        """What computed a tensor; ``None`` for what came from outside."""
        if is_symbolic(tensor):
            op = tensor.op
            return Step(op.type, tuple(op.inputs), op, tensor.value_index)
        return self.steps.get(key_of(tensor)) if hasattr(tensor, "_id") else None


Producer = Callable[[Opaque], Step | None]


def way_back(
    tensor: Opaque, outputs: dict[Key, Opaque], producer: Producer
) -> tuple[Opaque, tuple[str, ...] | None]:
    """Follow a loss's scores back to a model's output.

    Args:
        tensor: The scores.
        outputs: What models put out, by key.
        producer: Tells what computed a tensor.

    Returns:
        What ``outputs`` holds for the output that was reached, and the activations on the way in
        the order of their application; ``None`` for both where the way is not that plain.
    """
    applied: list[str] = []
    for _ in range(100):
        key = key_of(tensor)
        if key in outputs:
            return outputs[key], tuple(reversed(applied))
        step = producer(tensor)
        if step is None or not step.inputs:
            return None, None
        if step.kind in ACTIVATIONS:
            if step.kind in {"Exp", "Log"}:
                return None, None
            applied.append(ACTIVATIONS[step.kind])
        elif step.kind not in TRANSPARENT:
            return None, None
        tensor = step.inputs[0]
    return None, None


def leads_to(tensor: Opaque, keys: set[Key], producer: Producer) -> set[Key]:
    """Which of the given tensors a tensor was computed from."""
    found: set[Key] = set()
    waiting = [tensor]
    seen: set[Key] = set()
    while waiting and len(seen) < _LIMIT:
        one = waiting.pop()
        key = key_of(one) if is_tensor(one) else None
        if key is None or key in seen:
            continue
        seen.add(key)
        if key in keys:
            found.add(key)
            continue
        step = producer(one)
        if step is not None and step.kind not in _SHAPES:
            waiting.extend(step.inputs)
    return found


@dataclass(slots=True)
class Total:
    """What a gradient's target is the sum of.

    Attributes:
        calls: Losses in it.
        is_plain: Whether nothing but sums, means and constant factors lies between.
        is_weighted: Whether something that is no constant is multiplied in.
        by_hand: Whether a model's output takes part without a loss.
    """

    calls: list[LossCall] = field(default_factory=list)
    is_plain: bool = True
    is_weighted: bool = False
    by_hand: bool = False


def read_total(
    target: Opaque, calls: dict[Key, LossCall], outputs: set[Key], producer: Producer
) -> Total:
    """Read what a gradient is taken of.

    Args:
        target: What it is taken of.
        calls: Losses, by key of their result.
        outputs: Keys of what models put out.
        producer: Tells what computed a tensor.
    """
    total = Total()
    ends = set(calls) | outputs
    waiting: list[tuple[Opaque, bool]] = [(target, True)]
    seen: set[Key] = set()
    while waiting and len(seen) < _LIMIT:
        tensor, is_plain = waiting.pop()
        key = key_of(tensor)
        if key in seen:
            continue
        seen.add(key)
        if key in calls:
            total.calls.append(calls[key])
            total.is_plain = total.is_plain and is_plain
            continue
        if key in outputs:
            total.by_hand = True
            continue
        step = producer(tensor)
        if step is None:
            continue
        branches = [one for one in step.inputs if leads_to(one, ends, producer)]
        is_scaling = step.kind in _SCALINGS and len(branches) == 1
        if is_scaling and any(_has_rows(one) for one in step.inputs if one is not branches[0]):
            total.is_weighted = True
        goes_on = is_plain and (step.kind in _SUMS or is_scaling)
        waiting.extend((one, goes_on) for one in branches)
    return total


def _has_rows(tensor: Opaque) -> bool:
    rank = getattr(tensor.shape, "rank", None)
    return rank is None or rank > 0


def steps_between(target: Opaque, start: Key, producer: Producer) -> Iterator[Step]:
    """Operations between an output and a target that depend on the output."""
    waiting = [target]
    seen: set[Key] = set()
    while waiting and len(seen) < _LIMIT:
        tensor = waiting.pop()
        key = key_of(tensor)
        if key in seen or key == start:
            continue
        seen.add(key)
        step = producer(tensor)
        if step is None:
            continue
        branches = [one for one in step.inputs if leads_to(one, {start}, producer)]
        if branches:
            yield step
            waiting.extend(branches)
