"""Records training loops of the student's own in Keras: gradient tapes, eager and traced."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType

from grader.probe.keras_counts import (
    count_use,
    finish_loop,
    note_evaluated,
    note_loss,
    passes_of,
    take_loop_labels,
)
from grader.probe.keras_data import (
    forget_untrained,
    plain_array,
)
from grader.probe.keras_losses import LossCall, LossHooks
from grader.probe.keras_ops import EagerLog, is_symbolic, is_tensor, key_of, way_back
from grader.probe.keras_optimizers import OptimizerHooks, weight_keys
from grader.probe.keras_rounds import (
    BY_HAND,
    LossReader,
    Output,
    Reading,
    quick_reading,
    quick_shape,
    reading_of,
    shape_key,
)
from grader.probe.keras_traces import Traced, TracedCall, TraceHooks
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse

_MAX_PENDING = 64
_LOGGED_AGAIN = 128
_UNREAD = "what the training code does between the model and the loss was not followed"


@dataclass(slots=True)
class _Pending:
    """What happened since the last gradient."""

    outputs: list[Output] = field(default_factory=list)
    calls: list[LossCall] = field(default_factory=list)


class LoopRecorder:
    """Records loops around ``GradientTape``.

    Args:
        watch: What all hooks share.
        optimizers: Told of the steps that traced functions make.
    """

    def __init__(self, watch: KerasWatch, optimizers: OptimizerHooks) -> None:
        self._watch = watch
        self._log = EagerLog()
        self._is_busy = False
        self._reader = LossReader()
        self._pending = _Pending()
        self._readings: dict[object, Reading] = {}
        self._traces = TraceHooks(watch, self._traced_call)
        self._optimizers = optimizers

    def install(self, tensorflow: ModuleType) -> None:
        """Put every wrapper in place."""
        tape = tensorflow.GradientTape
        self._watch.wrap(tape, "gradient", self._differentiating)
        self._watch.wrap(tape, "__enter__", self._entering)
        self._watch.wrap(tape, "__exit__", self._leaving)
        LossHooks(self._watch, self._loss_computed).install(tensorflow)
        self._traces.install()

    # What happens inside a tape --------------------------------------------------------------

    def _entering(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def __enter__(tape: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            if self._pending.outputs or self._pending.calls:
                try:
                    if not self._is_busy and not is_differentiating():
                        self._flush()
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("at the start of a tape", error)
            return original(tape)

        return __enter__

    def _leaving(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def __exit__(tape: Opaque, *args: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            self._log.stop()
            return original(tape, *args)

        return __exit__

    def model_called(
        self, record: ModelRecord, rows: Opaque, output: Opaque, *, is_training: bool | None
    ) -> None:
        """Take note of a call of a model as the outermost one.

        Args:
            record: Of the model.
            rows: What it was called on.
            output: What it put out.
            is_training: The mode; ``None`` where it is not known.
        """
        position = self._watch.position
        if position.fit is not None and record is not position.fit.record:
            return
        tensor = output if is_tensor(output) else None
        one = Output(record, tensor, rows, is_training)
        is_taped = is_differentiating()
        if tensor is not None and is_symbolic(tensor):
            place = position.fit or position.function
            if place is not None:
                place.called(one, is_taped=is_taped)
            return
        if position.fit is not None and not is_taped:
            position.fit.called(one, is_taped=False)
            return
        if not is_taped:
            if position.function is None or tensor is not None:
                self._evaluated(one)
            return
        self._add_pending(one)

    def _add_pending(self, one: Output) -> None:
        record = one.record
        if len(self._pending.outputs) >= _MAX_PENDING:
            self._flush()
        self._pending.outputs.append(one)
        record.notes["taped"] = self._watch.recorder.tick()
        number = record.notes["taped_calls"] = record.notes.get("taped_calls", 0) + 1
        is_due = number <= 2 or number & (number - 1) == 0 or number % _LOGGED_AGAIN == 0
        if is_due or record.notes.pop("log_next", False):
            one.is_logged = True
            if not self._log.is_on:
                self._log.start()
        elif self._log.is_on:
            one.is_logged = True

    def _loss_computed(self, call: LossCall) -> None:
        if not is_differentiating():
            return
        position = self._watch.position
        if position.fit is not None:
            position.fit.reached_loss = True
        told = call.scores if call.result is None else call.result
        if is_tensor(told) and is_symbolic(told):
            place = position.fit or position.function
            if place is not None:
                place.calls.append(call)
            return
        if call.result is None:
            if self._take_untrained(call):
                self._pending.outputs[0].record.loss_calls += 1
            return
        if len(self._pending.calls) < _MAX_PENDING:
            self._pending.calls.append(call)
        if position.fit is not None:
            return
        records = {id(one.record): one.record for one in self._pending.outputs}
        if len(records) == 1:
            next(iter(records.values())).loss_calls += 1

    def _take_untrained(self, call: LossCall) -> bool:
        """A loss that no gradient is taken of: what it was given is worth knowing."""
        outputs = self._pending.outputs
        records = {id(one.record): one.record for one in outputs}
        record = next(iter(records.values()), None)
        if len(records) != 1 or record is None or record.saw_training or record.losses:
            return False
        by_key = {key_of(one.tensor): one for one in outputs if one.tensor is not None}
        outside = None
        if is_tensor(call.scores):
            _, outside = way_back(call.scores, by_key, self._log.producer)
        reading = reading_of(call, outside)
        record.add_loss(reading.use)
        record.notes["untrained_use"] = reading.use
        labels = plain_array(call.labels)
        if labels is not None:
            take_loop_labels(record, labels, reading)
        return True

    # Gradients -------------------------------------------------------------------------------

    def _differentiating(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def gradient(
            tape: Opaque, target: Opaque, sources: Opaque, *args: Opaque, **kwargs: Opaque
        ) -> Opaque:
            if self._is_busy or not self._watch.is_on:
                return original(tape, target, sources, *args, **kwargs)
            self._log.stop()
            result = original(tape, target, sources, *args, **kwargs)
            self._is_busy = True
            try:
                frame = sys._getframe(1)
                place = (frame.f_code, frame.f_lineno)
                self._differentiated(tape, target, sources, result, place)
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._watch.trouble("after a gradient", error)
            finally:
                self._is_busy = False
            return result

        return gradient

    def _differentiated(
        self, tape: Opaque, target: Opaque, sources: Opaque, result: Opaque, place: Opaque
    ) -> None:
        if isinstance(target, (list, tuple)) and len(target) == 1:
            target = target[0]
        keys = sources_with_gradient(sources, result)
        if is_tensor(target) and is_symbolic(target):
            frame = self._watch.position.fit or self._watch.position.function
            if frame is not None:
                frame.differentiated(target, keys, self._reader, self._log.producer)
            return
        pending = self._pending
        touched = {
            id(one.record): one.record
            for one in pending.outputs
            if keys & weight_keys(one.record, keys)
        }
        fit = self._watch.position.fit
        for record in touched.values():
            outputs = [one for one in pending.outputs if one.record is record]
            reading = self._reading(record, outputs, target, place)
            if fit is not None:
                if fit.record is record:
                    fit.read(reading)
                continue
            self._trained(record, outputs, reading, _number(target))
        if not getattr(tape, "_persistent", False):
            pending.calls.clear()
        pending.outputs = [one for one in pending.outputs if id(one.record) not in touched]
        self._log.steps = {}

    def _reading(
        self, record: ModelRecord, outputs: list[Output], target: Opaque, place: Opaque
    ) -> Reading:
        calls = self._pending.calls
        key = (place, record.number, shape_key(calls), quick_shape(outputs[0].tensor))
        if outputs[0].is_logged:
            read = self._reader.read(target, self._pending.outputs, calls, self._log.producer)
            if len(self._readings) < _MAX_PENDING:
                self._readings[key] = replace(read, labels=None)
            return read
        known = self._readings.get(key)
        if known is None:
            record.notes["log_next"] = True
            return quick_reading(outputs, calls) or Reading(
                LossUse(name="", problem=_UNREAD), calls=0
            )
        labels = calls[0].labels if len(calls) == 1 else None
        return replace(known, labels=labels)

    def _trained(
        self, record: ModelRecord, outputs: list[Output], reading: Reading, loss: float | None
    ) -> None:
        """Count one round of a loop."""
        record.gradients += 1
        forget_untrained(record)
        if reading.use.name in {"", BY_HAND}:
            record.loss_calls += not self._pending.calls
        record.last_trained = self._watch.recorder.tick()
        if reading.use.name or record.notes.get("rounds", 0) or reading.calls:
            count_use(record, reading.use)
        record.notes["rounds"] = record.notes.get("rounds", 0) + 1
        record.notes["fresh"] = True
        is_due, is_new = False, False
        for one in outputs:
            if one.is_training is not None:
                record.trained_in.add(is_training=one.is_training)
            passes = passes_of(record)
            is_due = passes.add(one.rows, record.training) or is_due
            is_new = is_new or passes.saw_new
        if is_due:
            labels = None if reading.labels is None else plain_array(reading.labels)
            if labels is not None:
                take_loop_labels(record, labels, reading)
            elif is_new and reading.use.name == BY_HAND:
                # Rows that are new came with labels that nobody looked at.
                record.notes["labels_missed"] = True
            if is_new and reading.use.name == BY_HAND:
                record.notes["log_next"] = True
        if loss is not None:
            note_loss(record, loss)
            record.gradient_curve.add(record.gradients, loss)

    # Calls that were not trained on ----------------------------------------------------------

    def _flush(self) -> None:
        """What is pending when a new tape starts was not trained on."""
        for call in self._pending.calls:
            self._take_untrained(call)
        for one in self._pending.outputs:
            if self._watch.position.fit is None:
                one.record.graphs_unused += 1
                self._evaluated(one)
        self._pending = _Pending()

    def _evaluated(self, one: Output) -> None:
        rows = plain_array(one.rows)
        note_evaluated(one.record, rows, is_training=one.is_training)

    # Traced functions ------------------------------------------------------------------------

    def _traced_call(self, traced: Traced, call: TracedCall) -> None:
        """Count what one call of a traced function did."""
        record = traced.record
        if traced.reading is None:
            one = Output(record, call.output, call.rows, traced.is_training)
            if is_differentiating():
                self._add_pending(one)
                one.is_logged = one.is_logged and call.output is not None
            else:
                self._evaluated(one)
            return
        record.last_trained = self._watch.recorder.tick()
        forget_untrained(record)
        count_use(record, traced.reading.use)
        record.loss_calls += max(1, traced.reading.calls)
        record.notes["rounds"] = record.notes.get("rounds", 0) + 1
        if traced.is_training is not None:
            record.trained_in.add(is_training=traced.is_training)
        is_due = passes_of(record).add(call.rows, record.training)
        if traced.is_nested or call.rows is None:
            record.training.is_partial = True
        if call.labels is None:
            record.notes["labels_missed"] = True
        elif is_due:
            labels = plain_array(call.labels)
            if labels is not None:
                take_loop_labels(record, labels, traced.reading)
        if traced.is_nested:
            record.notes["is_nested"] = True
            return
        record.gradients += 1
        loss = None if call.loss is None else _number(call.loss)
        if loss is not None:
            note_loss(record, loss)
            if not traced.optimizers:
                record.gradient_curve.add(record.gradients, loss)
        for optimizer in traced.optimizers:
            self._optimizers.stepped(optimizer, [record])

    # After the last cell ---------------------------------------------------------------------

    def finish(self) -> None:
        """Settle what was not settled while the code ran."""
        self._log.stop()
        self._flush()
        self._optimizers.finish()
        for record in self._watch.records():
            finish_loop(record)


def is_differentiating() -> bool:
    """Whether a gradient tape is open: such a call belongs to training."""
    from tensorflow.python import pywrap_tfe

    return not pywrap_tfe.TFE_Py_TapeSetIsEmpty()


def sources_with_gradient(sources: Opaque, result: Opaque) -> set[int]:
    """``id`` of the variables that got a gradient."""
    if not isinstance(sources, (list, tuple)):
        sources, result = [sources], [result]
    found: set[int] = set()
    for source, gradient in zip(sources, result, strict=False):
        if isinstance(source, (list, tuple)):
            found |= sources_with_gradient(source, gradient)
        elif gradient is not None:
            found.add(id(getattr(source, "_value", source)))
    return found


def _number(target: Opaque) -> float | None:
    if not is_tensor(target) or is_symbolic(target):
        return None
    if not target.dtype.is_floating:
        return None
    values = target.numpy()
    return float(values if values.ndim == 0 else values.sum())
