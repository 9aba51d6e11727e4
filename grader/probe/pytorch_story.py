"""What is going on with one PyTorch model: its calls until it is clear what became of them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from grader.probe.opaque import Opaque
from grader.probe.pytorch_passes import Feed, Passes
from grader.probe.pytorch_values import as_array, mark_of
from grader.probe.recorder import FEW_ROWS, ModelRecord

if TYPE_CHECKING:
    from grader.probe.autograd_notes import OutputNote
    from grader.probe.tallies import Array, LossUse

_KEY = "torch"
_HELD_BATCHES = 32
_HELD_CALLS = 2000
_HELD_TENSORS = 4
_PROBED_KEYS = 8
_LATER_BATCHES = 32
_LATER_NUMBERS = 20_000


@dataclass(slots=True, eq=False)
class Call:
    """One call of a model as the outermost one.

    Attributes:
        number: Of the call.
        given: The rows; ``None`` where they are no longer held.
        rows: How many; -1 if that is not known.
        is_training: The mode of the model.
        step: Optimizer steps before it.
        feed: The batch of a ``DataLoader`` that it got.
        is_computed: Whether the rows have a gradient themselves, as those of another model have.
        note: What was left in the graph; ``None`` if no graph was built.
        loss: The value of a loss computed from its output.
    """

    number: int
    given: Opaque
    rows: int
    is_training: bool
    step: int
    feed: Feed | None = None
    is_computed: bool = False
    note: weakref.ref[OutputNote] | None = None
    loss: float | None = None


@dataclass(slots=True, eq=False)
class _Known:
    """A tensor that was hashed before; it is held, so that its address is not given away."""

    tensor: Opaque
    mark: tuple[Opaque, ...]
    keys: list[int]


@dataclass(slots=True, eq=False)
class KnownUse:
    """A way in which a loss was used, and how often it was."""

    use: LossUse
    count: int = 1


@dataclass(slots=True, eq=False)
class Story:
    """The part of a model's record that only PyTorch needs.

    Attributes:
        record: Of the model.
        sensitive: Its layers for which the mode matters.
        pending: Calls whose graph may still be used, by their number.
        upstream: The model that computed its input, if one did.
        uses: Ways in which a loss was used, by a signature that is quick to compute.
        is_by_hand: Whether a loss was seen that was written by hand.
        formula: How that one was used, as far as it was recognised.
        unclear: How it was used before it was recognised.
        attempts: Uses of losses, and their labels, before the first gradient.
    """

    record: ModelRecord
    sensitive: list[Opaque] = field(default_factory=list)
    pending: dict[int, Call] = field(default_factory=dict)
    passes: Passes = field(default_factory=Passes)
    upstream: ModelRecord | None = None
    uses: dict[Opaque, KnownUse] = field(default_factory=dict)
    is_by_hand: bool = False
    formula: LossUse | None = None
    unclear: LossUse | None = None
    attempts: list[tuple[LossUse, Array | None, bool]] = field(default_factory=list)
    _last_use: LossUse | None = None
    _repeats: int = 0
    _mark: tuple[Opaque, ...] | None = None
    _batch: Opaque = None
    _known: list[_Known] = field(default_factory=list)
    _later: list[tuple[Opaque, int]] = field(default_factory=list)
    _had_new: bool = True
    _step: int = 0
    _sum: float = 0.0
    _weight: int = 0

    def twin(self) -> Story:
        """What a copy of the model inherits."""
        return Story(self.record, passes=self.passes.twin(), upstream=self.upstream)

    # Calls -----------------------------------------------------------------------------------

    def wait_for(self, call: Call) -> None:
        """A call built a graph: whether it was training shows when a gradient is taken of it."""
        self.pending[call.number] = call
        if len(self.pending) > _HELD_BATCHES:
            held = [one for one in self.pending.values() if one.given is not None]
            for one in held[:-_HELD_BATCHES]:
                one.given = None
            while len(self.pending) > _HELD_CALLS:
                del self.pending[next(iter(self.pending))]
                self.passes.unknown()

    def settle(self, *, at_end: bool = False) -> None:
        """Find calls whose graph is gone, or will not be used any more, without a gradient."""
        gone = [
            call
            for call in self.pending.values()
            if at_end or call.note is None or call.note() is None
        ]
        for call in gone:
            del self.pending[call.number]
            if call.rows > FEW_ROWS:
                self.record.graphs_unused += 1
            self.evaluated(call)
            if call.loss is not None:
                self.evaluated_loss(call, call.loss)

    def trained(self, numbers: Sequence[int]) -> bool:
        """A gradient was taken of these calls; tell whether rows may have come that were new."""
        record, is_new = self.record, False
        taken: list[tuple[Opaque, ...]] = []
        for number in numbers:
            call = self.pending.pop(number, None)
            if call is None:
                continue
            record.trained_in.add(is_training=call.is_training)
            if call.given is None:
                record.training.is_partial = True
                self.passes.unknown()
                continue
            mark = mark_of(call.given)
            if mark not in taken:  # the same rows twice in one gradient are one pass
                taken.append(mark)
                is_new = self._take_rows(call, mark) or is_new
        return is_new

    def _take_rows(self, call: Call, mark: tuple[Opaque, ...]) -> bool:
        if mark == self._mark:
            self.passes.again(call.feed)
            return False
        # The tensor is held, so that its address is not given to another batch.
        self._mark, self._batch = mark, call.given
        base = call.given._base
        self.passes.add(base, call.feed)
        if call.feed is None or base is not None or call.given.numel() > _LATER_NUMBERS:
            self.look_at_rows()
            return self._look_at(call.given)
        # Batches of a loader are nobody else's, and many at a time are looked at faster.
        self._later.append((call.given, call.given._version))
        if len(self._later) >= _LATER_BATCHES:
            self._had_new = self.look_at_rows()
        return self._had_new

    def _look_at(self, batch: Opaque) -> bool:
        return self._look_at_all([as_array(batch)])

    def look_at_rows(self) -> bool:
        """Look at batches that were put off; tell whether any row was new."""
        later, self._later = self._later, []
        if any(batch._version != version for batch, version in later):
            self.record.training.problem = "batches were changed after they were trained on"
            self.passes.count(None)
            return False
        shapes = {(batch.shape[1:], batch.dtype) for batch, _ in later}
        if len(shapes) == 1 and len(later) > 1:
            return self._look_at_all([as_array(batch) for batch, _ in later])
        return sum(self._look_at(batch) for batch, _ in later) > 0

    def _look_at_all(self, batches: list[Array]) -> bool:
        training = self.record.training
        before = training.hashed
        rows = batches[0] if len(batches) == 1 else np.concatenate(batches)
        self.passes.count(training.add(rows))
        if self.record.is_chained:
            training.is_partial = True  # rows that another model computes change as it learns
        return training.hashed > before

    # Evaluation ------------------------------------------------------------------------------

    def evaluated(self, call: Call) -> None:
        """A call turned out not to be training."""
        if call.rows <= FEW_ROWS:
            return
        self.record.was_asked(is_training=call.is_training)
        if call.given is None:
            self.record.evaluated.problem = "the rows were not followed"
            return
        self._known_rows(call.given)

    def _known_rows(self, rows: Opaque) -> list[int]:
        """Take in rows that were not trained on, unless they are known; a few of their keys."""
        mark = mark_of(rows)
        for one in self._known:
            if one.mark == mark:
                return one.keys
        keys = self.record.evaluated.add(as_array(rows)) or []
        some = [*keys[:_PROBED_KEYS], *keys[-_PROBED_KEYS:]]
        self._known.append(_Known(rows, mark, some))
        del self._known[:-_HELD_TENSORS]
        return some

    def evaluated_loss(self, call: Call, loss: float) -> None:
        """A loss was computed from the output of a call that was not training."""
        if call.rows <= FEW_ROWS or call.given is None:
            return
        keys = self._known_rows(call.given)
        self.look_at_rows()
        if not keys or self.record.training.has_all(keys):
            return  # the loss on training rows says nothing about other rows
        if call.step != self._step:
            self._flush_loss()
            self._step = call.step
        self._sum += loss * call.rows
        self._weight += call.rows

    def _flush_loss(self) -> None:
        if self._weight:
            self.record.evaluation_curve.add(self._step, self._sum / self._weight)
        self._sum, self._weight = 0.0, 0

    def add_loss(self, use: LossUse) -> None:
        """Count one use of a loss."""
        if use is self._last_use:  # the same object: no need to compare what it says
            self._repeats += 1
            return
        self._count_repeats()
        self.record.add_loss(use)
        self._last_use = use if use in self.record.losses else None

    def _count_repeats(self) -> None:
        if self._last_use is not None:
            self.record.losses[self._last_use] += self._repeats
        self._repeats = 0

    def add_gradient(self, tick: int, loss: float | None) -> None:
        """A gradient of the model was computed."""
        record = self.record
        record.gradients += 1
        record.last_trained = tick
        record.last_loss = loss
        if loss is not None:
            record.gradient_curve.add(record.gradients, loss)
            if not math.isfinite(loss):
                record.odd_losses += 1

    def finish(self) -> None:
        """Nothing more will be trained."""
        self.settle(at_end=True)
        self._flush_loss()
        self._count_repeats()
        if self.formula is None and self.unclear is not None:
            self.record.add_loss(self.unclear)
        self.look_at_rows()
        if not self.record.saw_training:
            self._take_attempts()
        self.record.epochs = self.passes.epochs()
        if self.record.epochs is None and self.upstream is not None:
            self.record.epochs = story_of(self.upstream).passes.epochs()

    def _take_attempts(self) -> None:
        """No gradient followed: the losses that were computed, or raised, are all there is."""
        for use, labels, takes_index in self.attempts:
            self.record.add_loss(use)
            if labels is not None:
                self.record.targets.add(labels, takes_index=takes_index)
        self.attempts.clear()


def story_of(record: ModelRecord) -> Story:
    """The story of a model, begun at first sight."""
    story = record.notes.get(_KEY)
    if story is None or story.record is not record:
        inherited = story
        story = record.notes[_KEY] = Story(record)
        if inherited is not None:
            story.passes, story.upstream = inherited.passes, inherited.upstream
    return story
