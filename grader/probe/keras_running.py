"""A running ``fit`` or ``train_on_batch`` of a Keras model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from grader.probe.keras_losses import LossCall, shape_of
from grader.probe.keras_ops import Producer
from grader.probe.keras_rounds import LossReader, Output, Reading
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord


@dataclass(slots=True)
class Fit:
    """A running ``fit`` or ``train_on_batch``.

    Attributes:
        record: Of the model.
        name: Which of both.
        given: Its arguments by name.
        before: The optimizer's count of steps at the start; ``None`` where it is not counted.
        epochs: Passes that came to their end.
        validations: How many of them ended in a validation.
        calls: Losses that were computed while the step was traced.
        rates: Learning rates at the first and the last step of each pass.
        is_stepwise: Whether a callback may change the rate at every step.
        batches: How many came to their end.
        reached_loss: Whether a loss was computed, or failed to be, with gradients on.
        raised: Whether it ended in an error.
    """

    record: ModelRecord
    name: str
    given: dict[str, Opaque]
    before: int | None
    epochs: int = 0
    validations: int = 0
    calls: list[LossCall] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    is_stepwise: bool = False
    batches: int = 0
    reached_loss: bool = False
    raised: bool = False
    _outputs: list[Output] = field(default_factory=list)

    def called(self, one: Output, *, is_taped: bool) -> None:
        """The model was called by its own training or validation step."""
        if one.tensor is not None and is_taped:
            self.record.notes["output_shape"] = shape_of(one.tensor)
            self.record.notes["step_mode"] = one.is_training
            self._outputs = [*self._outputs[-3:], one]

    def differentiated(
        self, target: Opaque, keys: set[int], reader: LossReader, producer: Producer
    ) -> None:
        """A gradient was taken while the step was traced."""
        del keys
        if self._outputs:
            self.read(reader.read(target, self._outputs, self.calls, producer))
        self.calls.clear()
        self._outputs = []

    def read(self, reading: Reading) -> None:
        """What was read of the loss of a step; it holds until the model is compiled again."""
        notes = self.record.notes
        if "step_use" not in notes:
            notes["step_use"] = replace(reading, labels=None)
