"""The framework-neutral store of what the recorder saw: models, losses, rows, steps."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.evidence import (
    MAX_CURVE_POINTS,
    Framework,
    LossFamily,
    LossPoint,
    ScoreKind,
    TargetEncoding,
)
from grader.probe.opaque import Opaque
from grader.probe.wording import described

Array = npt.NDArray[Any]

MAX_MODELS = 32
MAX_MODEL_BYTES = 256 * 2**20
SAMPLE_ROWS = 512
SAMPLE_BYTES = 8 * 2**20
HASHED_ROWS = 100_000
HASHED_BYTES = 64 * 2**20
MAX_LOSS_USES = 8


@dataclass(frozen=True, slots=True)
class LossUse:
    """One way in which a loss was used in training.

    Attributes:
        name: As the student wrote it; empty if the loss was written by hand.
        family: What it computes.
        expects: The kind of score it wants.
        outside: Activations between the model's output and the loss, in the order in which they
            were applied; ``None`` if something else happens there.
        since_weights: Likewise, counted from the last layer with weights.
        target_shape: Shape of the labels, ``None`` for the number of samples.
        target_dtype: NumPy name.
        problem: Why less is known than usual.
    """

    name: str
    family: LossFamily | None = None
    expects: ScoreKind | None = None
    outside: tuple[str, ...] | None = None
    since_weights: tuple[str, ...] | None = None
    target_shape: tuple[int | None, ...] | None = None
    target_dtype: str | None = None
    problem: str = ""


@dataclass(slots=True)
class TargetTally:
    """What the labels looked like in every call that was examined.

    Attributes:
        seen: Whether any were examined.
        columns: Width of a row; 1 for ``(N,)`` and ``(N, 1)``.
        integers: Whether all were whole numbers.
        zero_one: Whether all were 0 or 1.
        one_per_row: Whether every row held exactly one 1.
        takes_index: Whether the loss reads whole numbers as class numbers.
    """

    seen: bool = False
    columns: int = 1
    integers: bool = True
    zero_one: bool = True
    one_per_row: bool = True
    takes_index: bool = False

    def add(self, labels: Array, *, takes_index: bool) -> None:
        """Look at the labels of one call."""
        rows = labels.reshape(len(labels), -1) if labels.ndim else labels.reshape(1, 1)
        if rows.size == 0:
            return
        self.columns = rows.shape[1] if not self.seen else max(self.columns, rows.shape[1])
        self.seen = True
        self.takes_index = self.takes_index or takes_index
        numbers = rows.astype(np.float64)
        self.integers = self.integers and bool(np.all(numbers == np.round(numbers)))
        self.zero_one = self.zero_one and bool(np.all((numbers == 0) | (numbers == 1)))
        self.one_per_row = self.one_per_row and bool(np.all((numbers == 1).sum(axis=1) == 1))

    def encoding(self) -> TargetEncoding | None:
        """Name the encoding; ``None`` if no labels were examined."""
        if not self.seen:
            return None
        if self.columns > 1:
            if not self.zero_one:
                return TargetEncoding.OTHER
            return TargetEncoding.ONE_HOT if self.one_per_row else TargetEncoding.MULTI_HOT
        if self.takes_index and self.integers:
            return TargetEncoding.CLASS_INDEX
        if self.zero_one:
            return TargetEncoding.BINARY
        return TargetEncoding.CLASS_INDEX if self.integers else TargetEncoding.OTHER


@dataclass(slots=True)
class Curve:
    """Loss values, thinned by doubling the stride; the first and the last are always kept."""

    points: list[tuple[int, float]] = field(default_factory=list)
    last: tuple[int, float] | None = None
    stride: int = 1

    def add(self, step: int, loss: float) -> None:
        """Add the loss of one step; steps come in order."""
        self.last = (step, loss)
        if (step - 1) % self.stride == 0:
            self.points.append(self.last)
        if len(self.points) >= MAX_CURVE_POINTS:
            self.stride *= 2
            self.points = [p for p in self.points if (p[0] - 1) % self.stride == 0]

    def thinned(self) -> tuple[LossPoint, ...]:
        """The points, at most ``MAX_CURVE_POINTS``."""
        points = list(self.points)
        if self.last is not None and (not points or points[-1][0] != self.last[0]):
            points.append(self.last)
        return tuple(
            LossPoint(step=step, loss=loss if np.isfinite(loss) else None) for step, loss in points
        )


@dataclass(slots=True)
class RowSample:
    """Rows a model was trained on: a sample of distinct ones, and how many there were.

    Attributes:
        shape: Of one row.
        dtype: NumPy name of what the model was given.
        rows: At most ``SAMPLE_ROWS`` distinct rows, flat, float32.
        problem: Why no rows could be kept.
        is_partial: Whether only the beginning was looked at.
    """

    shape: tuple[int, ...] | None = None
    dtype: str = "float32"
    rows: list[Array] = field(default_factory=list)
    problem: str = ""
    is_partial: bool = False
    _hashes: set[bytes] = field(default_factory=set)
    _processed: int = 0
    _bytes: int = 0
    _cut: bool = False
    _last_new: int = 0

    def add(self, batch: Array) -> None:
        """Take in the rows of one training call."""
        if batch.ndim == 0 or len(batch) == 0:
            return
        if self.shape is not None and self.shape != batch.shape[1:]:
            self.problem = "the training calls had rows of different shapes"
            return
        self.shape, self.dtype = batch.shape[1:], batch.dtype.name
        if self._cut:
            return
        if self._processed >= HASHED_ROWS or self._bytes >= HASHED_BYTES:
            self._cut = True
            return
        flat = np.ascontiguousarray(batch.reshape(len(batch), -1), dtype=np.float32)
        keep = min(SAMPLE_ROWS, max(8, SAMPLE_BYTES // max(1, flat[0].nbytes)))
        for row in flat:
            key = hashlib.blake2b(row.tobytes(), digest_size=8).digest()
            self._processed += 1
            if key not in self._hashes:
                self._hashes.add(key)
                self._last_new = self._processed
                if len(self.rows) < keep:
                    self.rows.append(row.copy())
        self._bytes += flat.nbytes

    def distinct(self) -> int | None:
        """How many distinct rows there were; ``None`` if that was not followed to the end."""
        if not self._hashes or self.problem or self.is_partial:
            return None
        settled = not self._cut or self._last_new * 2 <= self._processed
        return len(self._hashes) if settled else None

    def sample(self) -> Array | None:
        """The sample as ``(n, width)``; ``None`` if there is none."""
        return np.stack(self.rows) if self.rows and not self.problem else None


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


@dataclass(slots=True)
class Recorder:
    """Everything that was seen in one run.

    Attributes:
        records: By ``id`` of the model; the models are held, so an ``id`` stays theirs.
        is_recording: Whether training is being recorded.
        watch: Set while ``predict`` runs.
        troubles: Our own failures while recording; facts that rest on recording become unknown.
        models_seen: How many models were seen in all.
    """

    records: dict[int, ModelRecord] = field(default_factory=dict)
    is_recording: bool = False
    watch: Watch | None = None
    troubles: list[str] = field(default_factory=list)
    models_seen: int = 0
    _ticks: int = 0

    def tick(self) -> int:
        """The next moment."""
        self._ticks += 1
        return self._ticks

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
        if record is None or record.model is not model or not record.saw_training:
            return
        self.models_seen += 1
        self.records[id(twin)] = replace(
            record,
            model=twin,
            number=self.models_seen,
            losses=dict(record.losses),
            targets=copy.copy(record.targets),
            optimizers=list(record.optimizers),
            curve=replace(record.curve, points=list(record.curve.points)),
            gradient_curve=replace(
                record.gradient_curve, points=list(record.gradient_curve.points)
            ),
            training=replace(
                record.training,
                rows=list(record.training.rows),
                _hashes=set(record.training._hashes),
            ),
            notes={},
        )
        self._forget_some(self.records[id(twin)])

    def in_order(self) -> Iterator[ModelRecord]:
        """Records in order of first use."""
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
