"""Records the steps of Keras optimizers outside ``fit``, and learning rates everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from grader.probe.keras_data import values_of
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.wording import class_name

_MAX_OPTIMIZERS = 64
_LOOKED_AT = 16
_FIRST = 3
_POINTS = 33


@dataclass(slots=True)
class Ledger:
    """What is known of an optimizer.

    Attributes:
        optimizer: It.
        start: Its count of steps when it was first seen.
        name: Its class.
        counted: Steps since then that were put down to a model.
        touched: ``id`` of the variables that it moved.
        in_function: Whether a step of it was traced.
    """

    optimizer: Opaque
    start: int
    name: str
    counted: int = 0
    touched: set[int] = field(default_factory=set)
    in_function: bool = False


class OptimizerHooks:
    """Notices the steps of every optimizer.

    Args:
        watch: What all hooks share.
    """

    def __init__(self, watch: KerasWatch) -> None:
        self._watch = watch
        self._ledgers: dict[int, Ledger] = {}

    def install(self) -> None:
        """Put the wrapper in place."""
        self._watch.wrap(self._watch.keras.optimizers.Optimizer, "apply", self._applying)

    def _applying(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def apply(optimizer: Opaque, grads: Opaque, trainable_variables: Opaque = None) -> Opaque:
            if not self._watch.is_on or self._watch.position.fit is not None:
                return original(optimizer, grads, trainable_variables)
            ledger = self._before(optimizer)
            result = original(optimizer, grads, trainable_variables)
            if ledger is not None:
                try:
                    self._applied(ledger, trainable_variables)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("after an optimizer step", error)
            return result

        return apply

    def _before(self, optimizer: Opaque) -> Ledger | None:
        try:
            return self.ledger(optimizer)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("before an optimizer step", error)
            return None

    def ledger(self, optimizer: Opaque) -> Ledger | None:
        """The ledger of an optimizer, made at first sight; ``None`` beyond the bounds."""
        known = self._ledgers.get(id(optimizer))
        if known is None and len(self._ledgers) < _MAX_OPTIMIZERS:
            known = Ledger(optimizer, iterations(optimizer) or 0, _name(optimizer))
            self._ledgers[id(optimizer)] = known
        return known

    def _applied(self, ledger: Ledger, variables: Opaque) -> None:
        optimizer = ledger.optimizer
        listed = variables if variables is not None else optimizer._trainable_variables
        keys = {id(getattr(one, "_value", one)) for one in listed}
        ledger.touched |= keys
        if not _is_eager():
            ledger.in_function = True
            frame = self._watch.position.function
            if frame is not None:
                frame.applied(optimizer, keys)
            return
        records = self._watch.records()
        fresh = [one for one in records if one.notes.pop("fresh", False)]
        moved = [one for one in fresh or records if keys & weight_keys(one, keys)]
        self.stepped(optimizer, moved or [one for one in records if keys & weight_keys(one, keys)])
        name = class_name(getattr(optimizer, "inner_optimizer", optimizer))
        for one in fresh:
            if not any(one is other for other in moved) and name not in one.other_optimizers[:8]:
                one.other_optimizers.append(name)

    def stepped(self, optimizer: Opaque, records: list[ModelRecord]) -> None:
        """Count one step of an optimizer.

        Args:
            optimizer: It.
            records: Of the models that it moved.
        """
        ledger = self.ledger(optimizer)
        if ledger is not None:
            ledger.counted += 1
        name = _name(optimizer) if ledger is None else ledger.name
        for record in records:
            record.steps += 1
            record.last_trained = self._watch.recorder.tick()
            if record.last_loss is not None and record.curve_of == "loss per step":
                record.curve.add(record.steps, record.last_loss)
            if record.optimizers[-1:] != [name]:
                record.add_optimizer(name)
            record.notes["optimizer"] = optimizer
            if is_looked_at(record.steps) and schedule_of(optimizer) is None:
                rate = learning_rate(optimizer)
                if rate is not None:
                    record.rates.add(rate)

    def finish(self) -> None:
        """Put steps down to models that were made where no Python code ran; read last rates."""
        for ledger in self._ledgers.values():
            done = (iterations(ledger.optimizer) or 0) - ledger.start - ledger.counted
            ledger.counted += max(0, done)
            if done <= 0 or not ledger.in_function:
                continue
            for record in self._watch.records():
                if (
                    ledger.touched & weight_keys(record, ledger.touched)
                    and "rounds" in record.notes
                ):
                    record.steps += done
                    record.gradients += done
                    record.add_optimizer(_name(ledger.optimizer))
                    record.notes["optimizer"] = ledger.optimizer
        for record in self._watch.records():
            optimizer = record.notes.pop("optimizer", None)
            if optimizer is not None:
                note_rates(record, optimizer, record.steps)

    def fitted(self, optimizer: Opaque, steps: int) -> None:
        """Steps that ``fit`` made are no loop's."""
        known = self._ledgers.get(id(optimizer))
        if known is not None:
            known.counted += steps


def is_looked_at(count: int) -> bool:
    """Whether the event of this number is looked at: the first, every 16th, later fewer."""
    return count <= _FIRST or count % max(_LOOKED_AT, 1 << max(0, count.bit_length() - 5)) == 0


def note_rates(record: ModelRecord, optimizer: Opaque, steps: int) -> None:
    """Read the rate of the last of ``steps`` steps, and of those before if there is a schedule."""
    schedule = schedule_of(optimizer)
    if schedule is None:
        record.learning_rate = learning_rate(optimizer)
        if record.learning_rate is not None:
            record.rates.add(record.learning_rate)
        return
    last = (iterations(optimizer) or 1) - 1
    is_own = not type(schedule).__module__.startswith("keras.")
    numbers = [last] if is_own else np.linspace(max(0, last - steps + 1), last, _POINTS)
    for number in sorted({int(one) for one in numbers}):
        rate = float(str(np.float32(np.asarray(schedule(number)))))
        record.rates.add(rate)
        record.learning_rate = rate


def schedule_of(optimizer: Opaque) -> Opaque:
    """The schedule that an optimizer's learning rate follows; ``None`` if it is a number."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = getattr(inner, "_learning_rate", None)
    kinds = {kind.__name__ for kind in type(rate).__mro__}
    return rate if "LearningRateSchedule" in kinds else None


def learning_rate(optimizer: Opaque) -> float | None:
    """As the student wrote it: Keras keeps it in float32, where 0.001 reads 0.00100000005."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = getattr(inner, "_learning_rate", None)
    if rate is None or callable(rate):
        return None
    values = values_of(getattr(rate, "_value", rate))
    return float(str(np.float32(values))) if values.ndim == 0 else None


def iterations(optimizer: Opaque) -> int | None:
    """How many steps an optimizer has made; ``None`` where it does not count them."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    count = getattr(inner, "iterations", None)
    return None if count is None else int(values_of(getattr(count, "_value", count)))


def _name(optimizer: Opaque) -> str:
    return class_name(getattr(optimizer, "inner_optimizer", optimizer))


def weight_keys(record: ModelRecord, wanted: set[int]) -> set[int]:
    """``id`` of a model's variables; read again where none of the wanted ones is among them."""
    known: set[int] = record.notes.get("weights", set())
    if not known & wanted:
        known = {id(getattr(one, "_value", one)) for one in record.model.weights}
        record.notes["weights"] = known
    return known


def _is_eager() -> bool:
    from tensorflow.python.eager import context

    return bool(context.executing_eagerly())
