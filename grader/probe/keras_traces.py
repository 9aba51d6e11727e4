"""Follows a ``tf.function``: what was seen while it was traced holds for each of its calls."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from grader.probe.keras_losses import LossCall
from grader.probe.keras_ops import TRANSPARENT, Producer, is_symbolic, is_tensor, key_of
from grader.probe.keras_optimizers import is_looked_at, weight_keys
from grader.probe.keras_rounds import LossReader, Output, Reading
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord

_MAX_FUNCTIONS = 128
_MAX_CALLS = 256
_MOST_NUMBERS = 20_000
Source = tuple[str, Opaque]


@dataclass(slots=True, eq=False)
class Traced:
    """What one call of a model in a traced function is about.

    Attributes:
        record: Of the model.
        is_training: The mode; ``None`` where it is not known.
        rows: Where its rows come from: an argument by its number, or values; ``None`` if from
            elsewhere.
        output: Which result of the function it is; ``None`` if none.
        reading: How the loss was used; ``None`` if no gradient was taken.
        labels: Where the labels come from, as ``rows``.
        loss: Which result of the function the loss is; ``None`` if none.
        optimizers: Those that made a step with the gradient.
        is_nested: Whether all this happens in a loop or a branch inside the function, so that
            the number of times is not known.
        shape: Of the argument that the rows are.
    """

    record: ModelRecord
    is_training: bool | None
    rows: Source | None = None
    output: int | None = None
    reading: Reading | None = None
    labels: Source | None = None
    loss: int | None = None
    optimizers: list[Opaque] = field(default_factory=list)
    is_nested: bool = False
    shape: tuple[int | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class TracedCall:
    """The values of one call of a traced function; ``None`` where they are not known."""

    rows: Opaque
    labels: Opaque
    output: Opaque
    loss: Opaque


@dataclass(slots=True)
class _Round:
    target: Opaque
    outputs: list[Output]
    reading: Reading
    keys: set[int]
    optimizers: list[Opaque] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """The outermost call of a ``tf.function``, while it runs.

    Attributes:
        calls: Losses that were computed while it was traced.
    """

    calls: list[LossCall] = field(default_factory=list)
    _outputs: list[Output] = field(default_factory=list)
    _rounds: list[_Round] = field(default_factory=list)

    def called(self, one: Output, *, is_taped: bool) -> None:
        """A model was called while the function was traced."""
        del is_taped
        if one.tensor is not None and len(self._outputs) < _MAX_CALLS:
            self._outputs.append(one)

    def differentiated(
        self, target: Opaque, keys: set[int], reader: LossReader, producer: Producer
    ) -> None:
        """A gradient was taken while the function was traced."""
        whole = _whole(target.graph)
        seen = [one for one in self._outputs if _whole(one.tensor.graph) is whole]
        touched = [one for one in seen if keys & weight_keys(one.record, keys)]
        for record in {id(one.record): one.record for one in touched}.values():
            outputs = [one for one in touched if one.record is record]
            reading = reader.read(target, seen, self.calls, producer)
            self._rounds.append(_Round(target, outputs, reading, keys))

    @property
    def saw_models(self) -> bool:
        """Whether a model was called while the function was traced."""
        return bool(self._outputs)

    def applied(self, optimizer: Opaque, keys: set[int]) -> None:
        """An optimizer made a step while the function was traced."""
        for one in self._rounds:
            if one.keys & keys:
                one.optimizers.append(optimizer)

    def traced(self) -> list[Traced]:
        """What the trace was about."""
        found, used = [], set()
        # The first call of a function that makes variables is traced twice; the last trace runs.
        last = next((id(_whole(one.tensor.graph)) for one in reversed(self._outputs)), None)
        for one in self._rounds:
            if id(_whole(one.target.graph)) != last:
                continue
            used |= {id(output) for output in one.outputs}
            first = one.outputs[0]
            traced = Traced(first.record, first.is_training, optimizers=one.optimizers)
            traced.reading = Reading(one.reading.use, None, one.reading.takes_index)
            is_single = len(one.outputs) == 1
            traced.rows = _source(first.rows) if is_single else None
            traced.shape = _sizes(first.rows) if traced.rows is not None else None
            traced.labels = _source(one.reading.labels)
            graph = getattr(one.target, "graph", None)
            traced.is_nested = _is_nested(graph) or (not one.optimizers and len(self._rounds) > 1)
            traced.loss = _result_number(graph, one.target)
            if any(output.is_training is not traced.is_training for output in one.outputs):
                traced.is_training = None
            found.append(traced)
        for output in self._outputs:
            if id(output) not in used:
                graph = output.tensor.graph
                if not _is_nested(graph) and id(graph) == last:
                    traced = Traced(output.record, output.is_training, _source(output.rows))
                    traced.output = _result_number(graph, output.tensor)
                    traced.shape = _sizes(output.rows) if traced.rows is not None else None
                    found.append(traced)
        return found


@dataclass(slots=True, eq=False)
class _Known:
    """A traced function that models take part in.

    Attributes:
        function: It; held, so that its ``id`` stays its own.
        traces: What each trace was about.
    """

    function: Opaque
    traces: list[list[Traced]] = field(default_factory=list)

    def may_wait(self) -> bool:
        """Whether its calls may be put off: each is one plain step of one model's training."""
        if len(self.traces) != 1 or len(self.traces[0]) != 1:
            return False
        only = self.traces[0][0]
        return only.reading is not None and not only.is_nested and len(only.optimizers) == 1


class TraceHooks:
    """Notices every outermost call of a ``tf.function``.

    Calls that train a model step by step are put off, and taken in several at a time: the same
    code then runs many times in a row, which takes far less than running it once between steps.

    Args:
        watch: What all hooks share.
        notice: Called for each call of a model that such a call makes.
    """

    def __init__(self, watch: KerasWatch, notice: Callable[[Traced, TracedCall], None]) -> None:
        self._watch = watch
        self._notice = notice
        self._known: dict[int, _Known] = {}
        self._waiting: list[tuple[tuple[Opaque, ...], Opaque]] = []
        self._waits_for: _Known | None = None
        self._eager: Opaque = None

    def install(self) -> None:
        """Put the wrapper in place."""
        from tensorflow.python.eager.polymorphic_function import polymorphic_function
        from tensorflow.python.framework import ops

        self._eager = ops.EagerTensor
        self._watch.recorder.put_off.append(self.settle)
        self._watch.wrap(polymorphic_function.Function, "__call__", self._calling)

    def _calling(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def __call__(function: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            position = self._watch.position
            is_inner = position.fit is not None or position.function is not None
            if is_inner or position.in_call or position.asked or not self._watch.is_on:
                return original(function, *args, **kwargs)
            frame = position.function = Frame()
            try:
                result = original(function, *args, **kwargs)
            finally:
                position.function = None
            try:
                self._called(function, frame, args, kwargs, result)
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._watch.trouble("after a traced function", error)
            return result

        return __call__

    def _called(
        self,
        function: Opaque,
        frame: Frame,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
        result: Opaque,
    ) -> None:
        new = frame.traced() if frame.saw_models else None
        if new and (id(function) in self._known or len(self._known) < _MAX_FUNCTIONS):
            self.settle()
            self._known.setdefault(id(function), _Known(function)).traces.append(new)
        known = self._known.get(id(function))
        if known is None or (not new and not kwargs and self._waits(known, args, result)):
            return
        self.settle()
        self._take(known, new or None, args, kwargs, result)

    def _waits(self, known: _Known, args: tuple[Opaque, ...], result: Opaque) -> bool:
        """Put a call off, where nothing it was given can change until it is taken in."""
        if known is not self._waits_for:
            if not known.may_wait():
                return False
            self.settle()
            self._waits_for = known
        step = known.traces[0][0].record.steps + len(self._waiting) + 1
        if is_looked_at(step):  # the learning rate is read just then
            return False
        for one in args:
            if not isinstance(one, self._eager) or one.shape.num_elements() > _MOST_NUMBERS:
                return False
        self._waiting.append((args, result))
        return True

    def settle(self) -> None:
        """Take in the calls that were put off."""
        known, self._waits_for = self._waits_for, None
        waiting, self._waiting = self._waiting, []
        if known is None or not waiting:
            return
        try:
            for args, result in waiting:
                self._take(known, None, args, {}, result)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("after a traced function", error)

    def _take(
        self,
        known: _Known,
        new: list[Traced] | None,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
        result: Opaque,
    ) -> None:
        given = _arguments(known.function, args, kwargs)
        results = _results(result)
        for traced in new or _matching(known.traces, given):
            self._notice(
                traced,
                TracedCall(
                    rows=_value(traced.rows, given),
                    labels=_value(traced.labels, given),
                    output=_picked(results, traced.output),
                    loss=_picked(results, traced.loss),
                ),
            )


def _matching(traces: list[list[Traced]], given: list[Opaque] | None) -> list[Traced]:
    """The trace that a call ran: the one whose shapes fit, the latest of several."""
    if len(traces) == 1:
        return traces[0]
    for trace in reversed(traces):
        if given is None or all(_fits(one, given) for one in trace):
            return trace
    return traces[-1]


def _fits(traced: Traced, given: list[Opaque]) -> bool:
    if traced.rows is None or traced.shape is None or traced.rows[0] != "argument":
        return True
    rows = _value(traced.rows, given)
    if rows is None:
        return True
    shape = tuple(rows.shape)
    return len(shape) == len(traced.shape) and all(
        wanted is None or wanted == size for wanted, size in zip(traced.shape, shape, strict=True)
    )


def _arguments(
    function: Opaque, args: tuple[Opaque, ...], kwargs: dict[str, Opaque]
) -> list[Opaque] | None:
    """The arguments that are tensors, in the order of the graph's inputs."""
    if kwargs:
        names = [one.name for one in function.function_type.parameters.values()]
        if any(name not in names for name in kwargs):
            return None
        args = (*args, *(kwargs[name] for name in names if name in kwargs))
    found: list[Opaque] = []
    waiting = list(reversed(args))
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple)):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            return None
        elif isinstance(one, (np.ndarray, np.generic)) or is_tensor(one):
            found.append(one)
    return found


def _results(result: Opaque) -> list[Opaque]:
    if isinstance(result, dict):
        return [value for key in sorted(result) for value in _results(result[key])]
    if isinstance(result, (list, tuple)):
        return [value for one in result for value in _results(one)]
    return [result] if is_tensor(result) else []


def _value(source: Source | None, given: list[Opaque] | None) -> Opaque:
    if source is None:
        return None
    kind, what = source
    if kind == "values":
        return what
    number, count = what
    return given[number] if given is not None and len(given) == count else None


def _picked(results: list[Opaque], number: int | None) -> Opaque:
    return results[number] if number is not None and number < len(results) else None


def _source(data: Opaque) -> Source | None:
    """Where a tensor in a traced function comes from."""
    import tensorflow as tf

    if data is None or not is_tensor(data):
        return None if data is None or not isinstance(data, np.ndarray) else ("values", data)
    if not is_symbolic(data):
        return "values", data
    for _ in range(20):
        if data.op.type not in TRANSPARENT or not data.op.inputs:
            break
        data = data.op.inputs[0]
    graph = data.graph
    if _is_nested(graph):
        return None
    if data.op.type != "Placeholder":
        static = tf.get_static_value(data)
        return None if static is None else ("values", static)
    key = key_of(data)
    for external, internal in graph.captures:
        if key_of(internal) == key:
            is_resource = external.dtype == tf.resource or not hasattr(external, "numpy")
            return None if is_resource else ("values", external)
    captured = {key_of(internal) for _, internal in graph.captures}
    own = [one for one in graph.inputs if key_of(one) not in captured]
    numbers = [number for number, one in enumerate(own) if key_of(one) == key]
    return ("argument", (numbers[0], len(own))) if numbers else None


def _sizes(data: Opaque) -> tuple[int | None, ...] | None:
    try:
        return tuple(data.shape)
    except (TypeError, ValueError, AttributeError):
        return None


def _is_nested(graph: Opaque) -> bool:
    outer = getattr(graph, "outer_graph", None)
    return hasattr(outer, "outer_graph") or not hasattr(graph, "inputs")


def _whole(graph: Opaque) -> Opaque:
    """The graph of the outermost function."""
    while hasattr(graph, "outer_graph") and hasattr(graph.outer_graph, "outer_graph"):
        graph = graph.outer_graph
    return graph


def _result_number(graph: Opaque, tensor: Opaque) -> int | None:
    """Which result of a traced function a tensor is."""
    key = key_of(tensor)
    for number, one in enumerate(getattr(graph, "outputs", ())):
        step = one
        for _ in range(4):
            if key_of(step) == key:
                return number
            if step.op.type != "Identity":
                break
            step = step.op.inputs[0]
    return None
