"""The framework-neutral store of what the recorder saw: models, losses, rows, steps."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from grader.evidence import Framework
from grader.probe.opaque import Opaque
from grader.probe.tallies import (
    Array,
    Curve,
    LearningRates,
    LossUse,
    Modes,
    RowSample,
    TargetTally,
)
from grader.probe.wording import described

MAX_MODELS = 32
MAX_MODEL_BYTES = 256 * 2**20
MAX_LOSS_USES = 8
FEW_ROWS = 3
_CLOCK = itertools.count(1)
"""Moments in the order of events, over all records of a run."""


@dataclass(slots=True, eq=False)
class ModelRecord:
    """What was seen of one model.

    Attributes:
        framework: What it is made of.
        model: The model itself.
        number: Order of first use.
        forwards: Calls of the model as the outermost one.
        gradients: How often a gradient of it was computed.
        counts_gradients: Whether ``gradients`` is a count, not just "some".
        steps: Optimizer steps that touched it.
        epochs: Passes over the data, where the framework counts them.
        last_trained: Tick of its last gradient or step; 0 if never.
        copied_at: Tick at which it took over the values of another trained model; 0 if it did not.
        last_asked: Tick of the last call that was not trained on; 0 if there was none.
        before: Digest of its parameters before training; ``None`` if it could not be taken.
        is_chained: Whether its input was computed by another model.
        feeds_another: Whether another model was trained on top of it.
        losses: The ways in which a loss was used, with their numbers of calls.
        other_losses: Whether there were more of them than are kept.
        targets: What the labels looked like.
        optimizers: Class names of the optimizers that stepped, in order.
        learning_rate: At the last step.
        curve: Loss per optimizer step, or per epoch.
        gradient_curve: Loss per gradient, for training without an optimizer.
        curve_of: What ``curve`` shows.
        last_loss: Value of the last loss.
        training: Rows it was trained on.
        called_shape: Shape of one row of the first call, trained or not.
        trained_in: Modes of the calls whose output got a gradient.
        evaluated_in: Modes of the other calls with more than ``FEW_ROWS`` rows.
        graphs_unused: Such calls that built a graph, though no gradient was taken of it.
        evaluated: Rows of such calls.
        fresh_steps: Steps whose gradients were computed after the step before, all of them.
        stale_steps: Steps whose gradients were added to those of an earlier step.
        loss_calls: Losses computed from its output with gradients on.
        rates: Learning rates.
        odd_losses: Losses that were not finite.
        evaluation_curve: Loss on other rows while training went on.
        callbacks: Class names of the callbacks of ``fit``; ``None`` where there is no ``fit``.
        selecting: Rows that a callback watched to stop training or to choose its best epoch.
        other_optimizers: Optimizers that stepped after a gradient of this model and do not hold
            any parameter of it.
        notes: What the framework's recorder wants to remember.
    """

    framework: Framework
    model: Opaque
    number: int
    forwards: int = 0
    gradients: int = 0
    counts_gradients: bool = True
    steps: int = 0
    epochs: int | None = None
    last_trained: int = 0
    copied_at: int = 0
    last_asked: int = 0
    before: str | None = None
    is_chained: bool = False
    feeds_another: bool = False
    losses: dict[LossUse, int] = field(default_factory=dict)
    other_losses: bool = False
    targets: TargetTally = field(default_factory=TargetTally)
    optimizers: list[str] = field(default_factory=list)
    learning_rate: float | None = None
    curve: Curve = field(default_factory=Curve)
    gradient_curve: Curve = field(default_factory=Curve)
    curve_of: str = "loss per step"
    last_loss: float | None = None
    training: RowSample = field(default_factory=RowSample)
    called_shape: tuple[int, ...] | None = None
    trained_in: Modes = field(default_factory=Modes)
    evaluated_in: Modes = field(default_factory=Modes)
    graphs_unused: int = 0
    evaluated: RowSample = field(default_factory=RowSample)
    fresh_steps: int = 0
    stale_steps: int = 0
    loss_calls: int = 0
    rates: LearningRates = field(default_factory=LearningRates)
    odd_losses: int = 0
    evaluation_curve: Curve = field(default_factory=Curve)
    callbacks: list[str] | None = None
    selecting: RowSample = field(default_factory=RowSample)
    other_optimizers: list[str] = field(default_factory=list)
    size: int = 0
    notes: dict[str, Opaque] = field(default_factory=dict)

    @property
    def is_part(self) -> bool:
        """Whether it is one of several models that training code put one after the other."""
        return self.is_chained or self.feeds_another

    @property
    def saw_training(self) -> bool:
        """Whether a gradient or a step was seen; whether parameters changed is another matter."""
        return self.gradients > 0 or self.steps > 0

    def was_asked(self, *, is_training: bool) -> None:
        """Take in a call on more than a few rows that was not trained on."""
        self.evaluated_in.add(is_training=is_training)
        self.last_asked = next(_CLOCK)

    @property
    def is_copy(self) -> bool:
        """Whether it was not trained since it took over another model's values."""
        return self.copied_at > self.last_trained

    def add_loss(self, use: LossUse) -> None:
        """Count one use of a loss."""
        if use in self.losses or len(self.losses) < MAX_LOSS_USES:
            self.losses[use] = self.losses.get(use, 0) + 1
        else:
            self.other_losses = True

    def add_optimizer(self, name: str) -> None:
        """Remember an optimizer that stepped."""
        if name in self.optimizers:
            self.optimizers.remove(name)
        self.optimizers.append(name)
        del self.optimizers[:-MAX_LOSS_USES]


@dataclass(slots=True)
class Watch:
    """Keeps what given models put out while a student's ``predict`` runs.

    Attributes:
        outputs: By ``id`` of the model, in order of the calls.
    """

    outputs: dict[int, list[Array]]


@dataclass(frozen=True, slots=True)
class SavedState:
    """The weights that a trained model had at some time.

    Attributes:
        record: Of the model.
        gradients: Computed until then.
        steps: Made until then.
    """

    record: ModelRecord
    gradients: int
    steps: int


@dataclass(slots=True)
class Recorder:
    """Everything that was seen in one run.

    Attributes:
        records: By ``id`` of the model; the models are held, so an ``id`` stays theirs.
        is_recording: Whether training is being recorded.
        watch: Set while ``predict`` runs.
        troubles: Our own failures while recording; facts that rest on recording become unknown.
        models_seen: How many models were seen in all.
        states: States of trained models that the program took out of them, by digest.
        put_off: Each takes in what a framework's recorder has put off.
    """

    records: dict[int, ModelRecord] = field(default_factory=dict)
    is_recording: bool = False
    watch: Watch | None = None
    troubles: list[str] = field(default_factory=list)
    models_seen: int = 0
    states: dict[str, SavedState] = field(default_factory=dict)
    put_off: list[Callable[[], None]] = field(default_factory=list)

    def settle(self) -> None:
        """Take in what was put off, before records are read or something else happens."""
        for take_in in self.put_off:
            take_in()

    def known(self, model: Opaque) -> ModelRecord | None:
        """The record of a model that was seen, with all that was put off."""
        self.settle()
        return self.records.get(id(model))

    def tick(self) -> int:
        """The next moment."""
        return next(_CLOCK)

    def trouble(self, where: str, error: BaseException) -> None:
        """Note a failure of ours; the student's code must not feel it."""
        if len(self.troubles) < 10:
            self.troubles.append(f"{where}: {described(error)}")

    def record_of(self, framework: Framework, model: Opaque, *, size: int = 0) -> ModelRecord:
        """The record of a model, made at first sight.

        Args:
            framework: What the model is made of.
            model: The model.
            size: Bytes of its parameters, to bound what is held.
        """
        record = self.records.get(id(model))
        if record is None:
            self.models_seen += 1
            record = ModelRecord(framework, model, self.models_seen, size=size)
            self.records[id(model)] = record
            self._forget_some(record)
        return record

    def copied(self, model: Opaque, twin: Opaque) -> None:
        """Let a copy of a trained model inherit what was recorded of it.

        Args:
            model: Any object; nothing happens unless it is a model that was seen to train.
            twin: Its deep copy.
        """
        record = self.records.get(id(model))
        if record is None or record.model is not model:
            return
        self.settle()
        if not record.saw_training:
            return
        for note in record.notes.values():
            if hasattr(note, "look_at_rows"):  # some rows may have been put off
                note.look_at_rows()
        self.models_seen += 1
        self.records[id(twin)] = replace(
            record,
            model=twin,
            number=self.models_seen,
            copied_at=self.tick(),
            losses=dict(record.losses),
            targets=copy.deepcopy(record.targets),
            optimizers=list(record.optimizers),
            trained_in=replace(record.trained_in),
            evaluated_in=replace(record.evaluated_in),
            rates=replace(record.rates),
            evaluated=record.evaluated.twin(),
            selecting=record.selecting.twin(),
            evaluation_curve=replace(
                record.evaluation_curve, points=list(record.evaluation_curve.points)
            ),
            callbacks=None if record.callbacks is None else list(record.callbacks),
            other_optimizers=list(record.other_optimizers),
            curve=replace(record.curve, points=list(record.curve.points)),
            gradient_curve=replace(
                record.gradient_curve, points=list(record.gradient_curve.points)
            ),
            training=record.training.twin(),
            notes={key: one.twin() for key, one in record.notes.items() if hasattr(one, "twin")},
        )
        self._forget_some(self.records[id(twin)])

    def in_order(self) -> Iterator[ModelRecord]:
        """Records in order of first use."""
        self.settle()
        yield from sorted(self.records.values(), key=lambda record: record.number)

    def _forget_some(self, newest: ModelRecord) -> None:
        """Let go of models beyond the bounds: untrained ones first, then from the middle."""
        while len(self.records) > MAX_MODELS or (
            len(self.records) > 2 and sum(r.size for r in self.records.values()) > MAX_MODEL_BYTES
        ):
            others = [r for r in self.in_order() if r is not newest]
            untrained = [r for r in others if not r.saw_training]
            goes = untrained[0] if untrained else others[len(others) // 4]
            del self.records[id(goes.model)]
