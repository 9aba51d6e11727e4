"""One round of a training loop: what the model was called on, and the loss that came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.probe.keras_data import plain_array
from grader.probe.keras_formulas import Formula, formula_of
from grader.probe.keras_losses import LossCall, dtype_of, shape_of, weights_classes
from grader.probe.keras_ops import Key, Producer, is_tensor, key_of, read_total, way_back
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse

BY_HAND = "written by hand"
_NOT_FOLLOWED = "what the training code does between the model and the loss was not followed"
_SEVERAL = "several losses were added up"
_MIXED = "a loss was added to a formula of the student's own"
_UNKNOWN_FORMULA = "what the formula of the loss computes could not be told for certain"


@dataclass(slots=True, eq=False)
class Output:
    """One call of a model that may be trained on.

    Attributes:
        record: Of the model.
        tensor: What it put out; ``None`` where it cannot be told apart.
        rows: What it was called on.
        is_training: The mode; ``None`` where it is not known.
        is_logged: Whether the operations after it were written down.
    """

    record: ModelRecord
    tensor: Opaque
    rows: Opaque
    is_training: bool | None
    is_logged: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read about the loss of one round.

    Attributes:
        use: How the loss was used.
        labels: What it was given as labels; ``None`` where that is not known.
        takes_index: Whether the loss reads whole numbers as class numbers.
        calls: How many losses were computed.
    """

    use: LossUse
    labels: Opaque = None
    takes_index: bool = False
    calls: int = 1


class LossReader:
    """Reads how a loss was used, with a memory of the formulas it has recognised."""

    def __init__(self) -> None:
        self._formulas: dict[object, tuple[Formula | None]] = {}

    def read(
        self, target: Opaque, outputs: list[Output], calls: list[LossCall], producer: Producer
    ) -> Reading:
        """Read what a gradient is taken of.

        Args:
            target: What it is taken of.
            outputs: Calls of models before it.
            calls: Losses before it.
            producer: Tells what computed a tensor.
        """
        if not is_tensor(target):
            return Reading(LossUse(name="", problem=_NOT_FOLLOWED))
        by_key = {key_of(one.tensor): one for one in outputs if one.tensor is not None}
        by_result = {key_of(call.result): call for call in calls if is_tensor(call.result)}
        return self._read(target, by_key, by_result, producer)

    def _read(
        self,
        target: Opaque,
        outputs: dict[Key, Output],
        calls: dict[Key, LossCall],
        producer: Producer,
    ) -> Reading:
        total = read_total(target, calls, set(outputs), producer)
        if not total.calls:
            if not total.by_hand:
                return Reading(LossUse(name="", problem=_NOT_FOLLOWED))
            return self._by_hand(target, outputs, producer)
        if total.by_hand or not total.is_plain:
            return Reading(LossUse(name="", problem=_MIXED), calls=len(total.calls))
        if len(total.calls) > 1:
            readings = [self._of_call(one, outputs, calls, producer) for one in total.calls]
            if len({reading.use for reading in readings}) == 1:
                return replace(readings[0], calls=len(readings))
            return Reading(LossUse(name="", problem=_SEVERAL), calls=len(readings))
        reading = self._of_call(total.calls[0], outputs, calls, producer)
        if total.is_weighted and reading.use.weights_classes is False:
            reading = replace(reading, use=replace(reading.use, weights_classes=None))
        return reading

    def _of_call(
        self,
        call: LossCall,
        outputs: dict[Key, Output],
        calls: dict[Key, LossCall],
        producer: Producer,
    ) -> Reading:
        if call.kind is None:
            # A class of the student's own: what it computes is what is computed in it.
            others = {key: one for key, one in calls.items() if one is not call}
            inner = self._read(call.result, outputs, others, producer)
            if inner.use.name in {"", BY_HAND}:
                return inner
            return replace(inner, use=replace(inner.use, name=call.name))
        outside = None
        if is_tensor(call.scores):
            _, outside = way_back(call.scores, outputs, producer)
        return reading_of(call, outside)

    def _by_hand(self, target: Opaque, outputs: dict[Key, Output], producer: Producer) -> Reading:
        formulas = [
            found
            for one in outputs.values()
            for found in [formula_of(target, one.tensor, producer, self._formulas)]
            if found is not None
        ]
        if len(formulas) != 1 or len(outputs) != 1:
            return Reading(LossUse(name=BY_HAND, problem=_UNKNOWN_FORMULA))
        only, output = formulas[0], next(iter(outputs.values()))
        use = LossUse(
            name=BY_HAND,
            family=only.family,
            expects=only.expects,
            outside=only.outside,
            target_shape=shape_of(only.labels),
            target_dtype=dtype_of(only.labels),
            input_shape=shape_of(output.tensor) if not only.outside else None,
            weights_classes=False,
        )
        return Reading(use, only.labels)


def reading_of(call: LossCall, outside: tuple[str, ...] | None) -> Reading:
    """What one call of a loss says, with the activations before it."""
    labels = call.labels
    weighted: bool | None = True
    if not call.weights_classes:
        known = plain_array(labels) if call.weights is not None else None
        given = None if call.weights is None else plain_array(call.weights)
        weighted = None if call.weights is not None and given is None else False
        if given is not None:
            weighted = weights_classes(known, given)
    kind = call.kind
    use = LossUse(
        name=call.name,
        family=None if kind is None else kind.family,
        expects=None if kind is None else kind.expects,
        outside=outside,
        target_shape=shape_of(labels),
        target_dtype=dtype_of(labels),
        input_shape=shape_of(call.scores),
        weights_classes=weighted,
        problem="" if outside is not None else _NOT_FOLLOWED,
    )
    return Reading(use, labels, takes_index=kind is not None and kind.takes_index)


def quick_reading(outputs: Iterable[Output], calls: list[LossCall]) -> Reading | None:
    """What can be told without the operations: one loss, given the model's output itself."""
    if len(calls) != 1 or calls[0].kind is None:
        return None
    if any(calls[0].scores is one.tensor for one in outputs):
        return reading_of(calls[0], ())
    return None


def shape_key(calls: list[LossCall]) -> tuple[object, ...]:
    """What tells the losses of one round from those of another without looking at values."""
    return tuple(
        (
            call.name,
            call.kind,
            call.weights is None,
            call.weights_classes,
            quick_shape(call.labels),
            getattr(call.labels, "dtype", None),
            quick_shape(call.scores),
        )
        for call in calls
    )


def quick_shape(data: Opaque) -> object:
    """Shape without the number of samples, at no cost for eager tensors."""
    told = getattr(data, "_shape_tuple", None)
    return shape_of(data) if told is None else told()[1:]
