"""What the recorder counts and samples: uses of a loss, labels, losses, rows, modes, rates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.evidence import (
    MAX_CURVE_POINTS,
    LossFamily,
    LossPoint,
    Mode,
    ScoreKind,
    TargetEncoding,
)

Array = npt.NDArray[Any]

SAMPLE_ROWS = 512
SAMPLE_BYTES = 8 * 2**20
HASHED_ROWS = 100_000
HASHED_BYTES = 64 * 2**20
_BATCH_ROWS = 8
_MIXED_WIDTH = 64
_FACTORS = np.random.default_rng(0).integers(2**63, size=(2, _MIXED_WIDTH), dtype=np.uint64) | 1


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
        input_shape: Shape of what the model handed to the loss, ``None`` for the samples.
        weights_classes: Whether classes were weighted; ``None`` if that was not looked at.
        problem: Why less is known than usual.
    """

    name: str
    family: LossFamily | None = None
    expects: ScoreKind | None = None
    outside: tuple[str, ...] | None = None
    since_weights: tuple[str, ...] | None = None
    target_shape: tuple[int | None, ...] | None = None
    target_dtype: str | None = None
    input_shape: tuple[int | None, ...] | None = None
    weights_classes: bool | None = None
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
        highest: The highest value.
        lowest: The lowest value, or 0.
        batches: How many calls of 8 rows or more were examined.
        single_class: How many of them held one label only.
    """

    seen: bool = False
    columns: int = 1
    integers: bool = True
    zero_one: bool = True
    one_per_row: bool = True
    takes_index: bool = False
    highest: float = 0.0
    lowest: float = 0.0
    batches: int = 0
    single_class: int = 0
    _values: set[float] = field(default_factory=set)

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
        self.highest = max(self.highest, float(numbers.max()))
        self.lowest = min(self.lowest, float(numbers.min()))
        values = np.unique(numbers.argmax(axis=1) if rows.shape[1] > 1 else numbers)
        self._values.update(values[:1000].tolist())
        if len(rows) >= _BATCH_ROWS:
            self.batches += 1
            self.single_class += len(values) == 1

    def classes(self) -> int | None:
        """How many classes the labels name; ``None`` if they are no class numbers."""
        encoding = self.encoding()
        if encoding is TargetEncoding.CLASS_INDEX:
            return int(self.highest) + 1
        if encoding is TargetEncoding.BINARY:
            return 2
        return self.columns if self.columns > 1 else None

    def single_class_share(self) -> float | None:
        """Share of batches with one label only; ``None`` if there were not several batches."""
        if self.batches < 2 or len(self._values) < 2:
            return None
        return self.single_class / self.batches

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
        counts_classes = self.integers and self.lowest >= 0
        return TargetEncoding.CLASS_INDEX if counts_classes else TargetEncoding.OTHER


@dataclass(slots=True)
class Curve:
    """Loss values, thinned by doubling the stride; the first and the last are always kept."""

    points: list[tuple[int, float]] = field(default_factory=list)
    last: tuple[int, float] | None = None
    stride: int = 1
    _added: int = 0

    def add(self, step: int, loss: float) -> None:
        """Add the loss of one step; steps come in order, but not every step has to come."""
        self.last = (step, loss)
        if self._added % self.stride == 0:
            self.points.append(self.last)
            if len(self.points) >= MAX_CURVE_POINTS:
                self.stride *= 2
                self.points = self.points[::2]
        self._added += 1

    def thinned(self) -> tuple[LossPoint, ...]:
        """The points, at most ``MAX_CURVE_POINTS``."""
        points = list(self.points)
        if self.last is not None and (not points or points[-1][0] != self.last[0]):
            points.append(self.last)
        return tuple(
            LossPoint(step=step, loss=loss if np.isfinite(loss) else None) for step, loss in points
        )


def row_keys(rows: Array) -> list[int]:
    """Keys of 64 bits by which rows are told apart.

    Args:
        rows: Contiguous, float32 ``(N, width)``.
    """
    width = rows.shape[1]
    if width > _MIXED_WIDTH:
        digests = (hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
        return [int.from_bytes(digest, "little") for digest in digests]
    first, second = _FACTORS[:, :width]
    cells = (rows.view(np.uint32) + second) * first  # wraps around, as hashes do
    cells ^= cells >> np.uint64(32)
    cells *= second
    cells ^= cells >> np.uint64(29)
    keys: list[int] = (cells * first).sum(axis=1, dtype=np.uint64).tolist()
    return keys


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
    _hashes: set[int] = field(default_factory=set)
    _processed: int = 0
    _bytes: int = 0
    _cut: bool = False
    _last_new: int = 0
    _dtype: np.dtype[Any] | None = None

    def add(self, batch: Array) -> list[int] | None:
        """Take in the rows of one training call.

        Returns:
            Their keys; ``None`` where rows are no longer told apart.
        """
        if batch.ndim == 0 or len(batch) == 0:
            return None
        if self.shape is not None and self.shape != batch.shape[1:]:
            self.problem = "the training calls had rows of different shapes"
            return None
        self.shape = batch.shape[1:]
        if batch.dtype is not self._dtype:  # its name is slow to find
            self._dtype, self.dtype = batch.dtype, batch.dtype.name
        if self._cut:
            return None
        if self._processed >= HASHED_ROWS or self._bytes >= HASHED_BYTES:
            self._cut = True
            return None
        flat = np.ascontiguousarray(batch.reshape(len(batch), -1), dtype=np.float32)
        keys = row_keys(flat)
        if not self._hashes.issuperset(keys):
            self._keep(flat, keys)
        self._processed += len(keys)
        self._bytes += flat.nbytes
        return keys

    def _keep(self, flat: Array, keys: list[int]) -> None:
        keep = min(SAMPLE_ROWS, max(8, SAMPLE_BYTES // max(1, flat[0].nbytes)))
        for place, key in enumerate(keys, start=self._processed + 1):
            if key not in self._hashes:
                self._hashes.add(key)
                self._last_new = place
                if len(self.rows) < keep:
                    self.rows.append(flat[place - self._processed - 1].copy())

    def twin(self) -> RowSample:
        """A copy that goes on independently."""
        return replace(self, rows=list(self.rows), _hashes=set(self._hashes))

    def shared_with(self, other: RowSample) -> int:
        """How many distinct rows both have seen."""
        return len(self._hashes & other._hashes)

    def has_all(self, keys: list[int]) -> bool:
        """Whether every row with one of these keys was seen."""
        return self._hashes.issuperset(keys)

    @property
    def hashed(self) -> int:
        """How many distinct rows were told apart, complete or not."""
        return len(self._hashes)

    def distinct(self) -> int | None:
        """How many distinct rows there were; ``None`` if that was not followed to the end."""
        if not self._hashes or self.problem or self.is_partial:
            return None
        settled = not self._cut or self._last_new * 2 <= self._processed
        return len(self._hashes) if settled else None

    def sample(self) -> Array | None:
        """The sample as ``(n, width)``; ``None`` if there is none."""
        return np.stack(self.rows) if self.rows and not self.problem else None


@dataclass(slots=True)
class LearningRates:
    """Learning rates of the steps that were looked at.

    Attributes:
        first: At the first step.
        lowest: Of all.
        highest: Of all.
    """

    first: float | None = None
    lowest: float | None = None
    highest: float | None = None

    def add(self, rate: float) -> None:
        """Take in the rate of one step."""
        if not np.isfinite(rate):
            return
        self.first = rate if self.first is None else self.first
        self.lowest = rate if self.lowest is None else min(self.lowest, rate)
        self.highest = rate if self.highest is None else max(self.highest, rate)


@dataclass(slots=True)
class Modes:
    """How often a model was called in which mode."""

    training: int = 0
    evaluation: int = 0

    def add(self, *, is_training: bool) -> None:
        """Count one call."""
        if is_training:
            self.training += 1
        else:
            self.evaluation += 1

    def mode(self) -> Mode | None:
        """One word for all; ``None`` without calls."""
        if self.training and self.evaluation:
            return Mode.MIXED
        if self.training:
            return Mode.TRAINING
        return Mode.EVALUATION if self.evaluation else None
