"""What rounds of training in PyTorch have in common."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from types import CodeType

from grader.probe.autograd_notes import LossNote, OutputNote, leave_note
from grader.probe.opaque import Opaque
from grader.probe.pytorch_passes import Feed
from grader.probe.pytorch_steps import KnownOptimizer, Witness
from grader.probe.pytorch_story import Call, story_of
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse

_MOST_NUMBERS = 20_000


@dataclass(slots=True, eq=False)
class LossPattern:
    """How a loss is called in each round.

    Attributes:
        function: Its name.
        code: Of the frame that calls it.
        module: The loss module that was called last.
        rest: Arguments after the scores and the labels.
        named: Arguments by name.
        way: Type of the node between the model's output and the loss; ``None`` for none.
        target: The labels of the last round.
        use: How it is used.
        has_labels: Whether it takes labels.
        takes_index: Whether it reads whole numbers as class numbers.
    """

    function: str
    code: CodeType
    module: Opaque
    rest: tuple[Opaque, ...]
    named: dict[str, Opaque]
    way: Opaque
    target: Opaque
    use: LossUse
    has_labels: bool
    takes_index: bool

    def takes(self, args: tuple[Opaque, ...], kwargs: dict[str, Opaque]) -> bool:
        """Whether the arguments are those of the rounds before, but for scores and labels."""
        target, known = args[1], self.target
        if target is not known:
            if type(target) is not type(known) or target.dtype is not known.dtype:
                return False
            if target.requires_grad or target.shape != known.shape or target.is_inference():
                return False
        try:
            return bool(args[2:] == self.rest and kwargs == self.named)
        except Exception:  # noqa: BLE001  # two tensors of several numbers, or a student's object
            return False

    def is_like(self, other: LossPattern) -> bool:
        """Whether both are calls of one kind."""
        mine, theirs = self.target, other.target
        return (
            self.function == other.function
            and self.code is other.code
            and self.module is other.module
            and self.way is other.way
            and self.use == other.use
            and self.takes_index == other.takes_index
            and mine.dtype is theirs.dtype
            and mine.shape[1:] == theirs.shape[1:]
            and self.takes((None, mine, *other.rest), other.named)
        )


@dataclass(slots=True, eq=False)
class Pattern:
    """What the rounds of a loop have in common.

    Attributes:
        module: What is called: the model, or the model as it was compiled.
        model: The model.
        record: Its record.
        given: The rows of the last round.
        version: Of these rows.
        shape: Of these rows.
        dtype: Likewise.
        may_hold: Whether such rows are few enough to be held for some rounds.
        is_training: The model's flag.
        layers: The layers for which the mode matters, with their flags.
        mode: The mode that follows from the flags.
        loss: How the loss is called.
        optimizer: The optimizer.
        known: What is known of it.
        group: Its one group of parameters.
        rate: The learning rate.
        witnesses: Parameters whose gradients tell whether they were cleared.
    """

    module: Opaque
    model: Opaque
    record: ModelRecord
    given: Opaque
    version: int
    shape: Opaque
    dtype: Opaque
    may_hold: bool
    is_training: bool
    layers: list[tuple[Opaque, bool]]
    mode: bool
    loss: LossPattern
    optimizer: weakref.ref[Opaque]
    known: KnownOptimizer
    group: Opaque
    rate: float
    witnesses: list[Witness]

    def is_like(self, other: Pattern) -> bool:
        """Whether both rounds are of one loop."""
        return (
            self.module is other.module
            and self.record is other.record
            and self.mode == other.mode
            and self.dtype is other.dtype
            and self.shape[1:] == other.shape[1:]
            and self.loss.is_like(other.loss)
            and self.optimizer() is other.optimizer()
            and self.group is other.group
        )

    def follow(self, latest: Pattern) -> None:
        """Take over what may change from round to round; batches of another size are few."""
        if latest.shape == self.shape:
            self.given, self.version, self.loss.target = (
                latest.given, latest.version, latest.loss.target,
            )  # fmt: skip
        self.known, self.rate, self.witnesses = latest.known, latest.rate, latest.witnesses
        self.is_training, self.layers = latest.is_training, latest.layers

    def noted_call(self, node: Opaque, given: Opaque, feed: Feed | None) -> Call:
        """Note a call that was set aside as one that is looked at closely is noted at once."""
        record = self.record
        record.forwards += 1
        rows = int(given.shape[0]) if given.shape else -1
        call = Call(record.forwards, given, rows, self.mode, record.steps, feed)
        note = OutputNote(record, record.forwards, self.mode)
        leave_note(node, note)
        call.note = weakref.ref(note)
        story_of(record).wait_for(call)
        return call

    def noted_loss(self, end: Opaque, call: Call, labels: Opaque, value: float) -> None:
        """Likewise for a loss."""
        note = None if call.note is None else call.note()
        if note is None:
            return
        held = labels if self.loss.has_labels else None
        leave_note(end, LossNote(self.loss.use, (note,), held, self.loss.takes_index, value))
        self.record.loss_calls += 1
        call.loss = value


@dataclass(slots=True, eq=False)
class Draft:
    """A round under way that is looked at closely.

    Attributes:
        module: What was called.
        record: Of the model.
        call: The call.
        loss: The loss that followed.
        use: How it was called.
        has_gradient: Whether a gradient of it was taken.
    """

    module: Opaque
    record: ModelRecord
    call: Call
    loss: LossNote | None = None
    use: LossPattern | None = None
    has_gradient: bool = False

    def pattern(self, optimizer: Opaque, known: KnownOptimizer) -> Pattern | None:
        """What the next round is compared with; ``None`` if it cannot be."""
        given, model = self.call.given, self.record.model
        if self.use is None or given is None or not given.shape or len(known.parts) != 1:
            return None
        if given.is_inference() or self.use.target.is_inference():
            return None  # they have no version
        part = known.parts[0]
        if part.record is not self.record or len(part.groups) != 1 or not part.is_fresh:
            return None
        group = part.groups[0]
        if len(optimizer.param_groups) != 1 or type(group.get("lr")) is not float:
            return None
        sensitive = story_of(self.record).sensitive
        return Pattern(
            module=self.module,
            model=model,
            record=self.record,
            given=given,
            version=given._version,
            shape=given.shape,
            dtype=given.dtype,
            may_hold=given.numel() <= _MOST_NUMBERS,
            is_training=model.training,
            layers=[(layer, layer.training) for layer in sensitive],
            mode=self.call.is_training,
            loss=self.use,
            optimizer=weakref.ref(optimizer),
            known=known,
            group=group,
            rate=group["lr"],
            witnesses=part.witnesses,
        )
