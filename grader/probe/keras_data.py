"""Rows, labels and weights of Keras models as arrays, and passes over the rows of a loop."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import HASHED_ROWS, Array, RowSample, TargetTally
from grader.probe.wording import class_name

_MAX_BATCHES = 20_000
_LOOKED_AT_AGAIN = 16
_BIG = 1_000_000
_LABEL_BATCHES = 512
_ODD, _NEAR, _FAR = np.uint64(1), np.uint64(29), np.uint64(32)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_COEFFICIENTS: dict[int, npt.NDArray[np.uint64]] = {}
_FIRST_BATCHES = 16
_READABLE = {
    "_TensorSliceDataset",
    "_TensorDataset",
    "_BatchDataset",
    "_ParallelBatchDataset",
    "_ShuffleDataset",
    "_PrefetchDataset",
    "_CacheDataset",
    "_TakeDataset",
    "_SkipDataset",
    "_ZipDataset",
    "_ConcatenateDataset",
    "_RepeatDataset",
    "_OptionsDataset",
    "_MapDataset",
    "_ParallelMapDataset",
    "_RangeDataset",
    "_UnbatchDataset",
}


def digest(model: Opaque) -> str:
    """Digest of all trainable weights, bit for bit."""
    result = hashlib.blake2b(digest_size=16)
    for variable in model.trainable_variables:
        result.update(np.ascontiguousarray(values_of(variable)).tobytes())
    return result.hexdigest()


def values_of(variable: Opaque) -> Array:
    """The values of a variable, also while TensorFlow traces a function."""
    try:
        return np.asarray(variable.numpy())
    except (NotImplementedError, AttributeError):
        import tensorflow as tf

        with tf.init_scope():
            return np.asarray(variable.numpy())


def weight_bytes(model: Opaque) -> int:
    """Bytes of a model's weights."""
    return sum(4 * int(np.prod(w.shape)) for w in getattr(model, "weights", ()))


def plain_array(data: Opaque) -> Array | None:
    """Rows as an array, where they are one already: NumPy, eager tensor, table."""
    if isinstance(data, np.ndarray):
        return data
    for name in ("numpy", "to_numpy"):
        convert = getattr(data, name, None)
        if callable(convert):
            try:
                values = convert()
            except (NotImplementedError, AttributeError, TypeError):
                return None
            return values if isinstance(values, np.ndarray) else None
    return None


def row_keys(batch: Array) -> npt.NDArray[np.uint64]:
    """One number for each row, the same for the same row."""
    flat = np.ascontiguousarray(batch.reshape(len(batch), -1), dtype=np.float32)
    words: npt.NDArray[np.uint64] = flat.view(np.uint32).astype(np.uint64)
    width = words.shape[1]
    if width not in _COEFFICIENTS:
        rng = np.random.default_rng(width)  # a generator of our own
        drawn = rng.integers(2**63, 2**64 - 1, size=width, dtype=np.uint64)
        _COEFFICIENTS[width] = np.bitwise_or(drawn, _ODD)
    keys: npt.NDArray[np.uint64] = words @ _COEFFICIENTS[width]
    keys ^= keys >> _NEAR
    keys *= _MIX
    keys ^= keys >> _FAR
    return keys


@dataclass(slots=True)
class Passes:
    """The batches of a training loop: which rows are new, and how often all of them came.

    Attributes:
        unknown: Batches whose rows could not be read.
        saw_new: Whether the last one brought rows that had not been seen.
    """

    unknown: int = 0
    saw_new: bool = False
    _seen: set[int] = field(default_factory=set)
    _batches: list[tuple[int, int]] = field(default_factory=list)
    _calls: int = 0
    _last: Opaque = None
    _last_entry: tuple[int, int] = (0, 0)

    def add(self, data: Opaque, sample: RowSample) -> bool:
        """Take in the rows of one training call.

        Args:
            data: An array or an eager tensor; ``None`` where the rows are not known.
            sample: Receives the rows that are new.

        Returns:
            Whether the labels of this call should be looked at: its rows are new, or it is one
            of every few.
        """
        self._calls += 1
        self.saw_new = False
        due = self._calls % _LOOKED_AT_AGAIN == 0
        # A tensor cannot change; an array can, so it is read again.
        if data is not None and data is self._last:
            self._remember(self._last_entry)
            return due
        batch = None if data is None else plain_array(data)
        if batch is None or batch.ndim == 0 or not len(batch) or batch.dtype.kind not in "fiub":
            self.unknown += 1
            return due
        keys = row_keys(batch)
        listed = keys.tolist()
        self.saw_new = not self._seen.issuperset(listed)
        if self.saw_new:
            new = [i for i, key in enumerate(listed) if key not in self._seen]
            self._seen.update(listed)
            sample.add(batch if len(new) == len(listed) else batch[new])
            if len(self._seen) > HASHED_ROWS:
                self._seen = set(listed)
        entry = (len(batch), int(np.add.reduce(keys)))
        self._remember(entry)
        if not isinstance(data, np.ndarray):
            self._last, self._last_entry = data, entry
        return self.saw_new or due

    def twin(self) -> Passes:
        """A copy that goes on independently."""
        return replace(self, _seen=set(self._seen), _batches=list(self._batches))

    def _remember(self, entry: tuple[int, int]) -> None:
        if len(self._batches) < _MAX_BATCHES:
            self._batches.append(entry)

    def epochs(self, distinct: int | None) -> int | None:
        """Passes over the rows, where the batches leave no doubt.

        The batches must fall into equal stretches that hold the same rows each. Stretches of
        several batches must moreover hold every row once, or end in a smaller batch.

        Args:
            distinct: Number of distinct rows; ``None`` where it is not known.
        """
        count = len(self._batches)
        if self.unknown or not count or count >= _MAX_BATCHES or self._calls != count:
            return None
        sums = np.cumsum(np.array([0] + [key for _, key in self._batches], dtype=np.uint64))
        sizes = np.cumsum([0] + [rows for rows, _ in self._batches])
        for length in (n for n in range(1, count + 1) if count % n == 0):
            if len(set(np.diff(sums[::length]).tolist())) > 1:
                continue
            rows = int(sizes[length])
            if len(set(np.diff(sizes[::length]).tolist())) > 1:
                continue
            if distinct is not None and rows < distinct:
                return None  # other rows were trained on elsewhere
            if length == 1 or rows == distinct:
                return count // length
            first = [size for size, _ in self._batches[:length]]
            ends_small = first[-1] < first[0] and len(set(first[:-1])) == 1
            return count // length if ends_small and count > length else None
        return None


def forget_untrained(record: ModelRecord) -> None:
    """A loss that no gradient was taken of says nothing about training that comes later."""
    use = record.notes.pop("untrained_use", None)
    if use is not None:
        record.losses.pop(use, None)
        record.targets = TargetTally()


def take_labels(record: ModelRecord, labels: Array, *, is_batch: bool = True) -> None:
    """Look at labels, as the loss that was recorded last reads them.

    Args:
        record: Of the model.
        labels: Of one training call, or of the whole data.
        is_batch: Whether they are those of one batch.
    """
    use = next(reversed(record.losses), None)
    takes_index = use is not None and use.name.lower().startswith("sparse")
    tally = record.targets
    before = tally.batches, tally.single_class
    tally.add(labels, takes_index=takes_index)
    if not is_batch:
        # The rows are shuffled before they are cut into batches.
        tally.batches, tally.single_class = before


def take_labels_in_batches(record: ModelRecord, labels: Array, size: int) -> None:
    """Look at labels that go into training in their own order."""
    take_labels(record, labels, is_batch=False)
    for start in range(0, min(len(labels), _LABEL_BATCHES * size), size):
        take_labels(record, labels[start : start + size])


def add_evaluated(record: ModelRecord, sample: RowSample, rows: Array) -> None:
    """Take in rows that a model was asked about; the same array again is skipped."""
    if rows.dtype.kind not in "fiub" or rows.ndim == 0 or not len(rows):
        return
    step = max(1, rows.size // _BIG)
    key = (rows.shape, int(row_keys(rows[::step]).sum(dtype=np.uint64)))
    known = record.notes.setdefault("evaluated", {}).setdefault(id(sample), set())
    if key not in known and len(known) < _LABEL_BATCHES:
        known.add(key)
        sample.add(rows)


def is_dataset(data: Opaque) -> bool:
    """Whether something is a data set of ``tf.data``."""
    return hasattr(data, "element_spec") and hasattr(data, "_inputs")


def is_readable(data: Opaque) -> tuple[bool, bool]:
    """Whether a ``tf.data`` data set may be read again to its end, and whether it shuffles.

    Student code that makes rows (a generator, ``py_function``) must not run again, and a data
    set without an end must not be read.
    """
    shuffles, waiting = False, [data]
    while waiting:
        one = waiting.pop()
        name = class_name(one)
        if name not in _READABLE:
            return False, shuffles
        shuffles = shuffles or name == "_ShuffleDataset"
        mapped = getattr(one, "_map_func", None)
        if mapped is not None and _runs_python(mapped):
            return False, shuffles
        waiting.extend(one._inputs())
    return int(data.cardinality().numpy()) >= 0, shuffles


def _runs_python(mapped: Opaque) -> bool:
    kinds = {op.type for op in mapped.function.graph.get_operations()}
    # Random operations would give other rows than those that were trained on.
    return any("PyFunc" in kind or "Random" in kind or "Stateful" in kind for kind in kinds)


def take_from_dataset(record: ModelRecord, data: Opaque) -> None:
    """Take rows from a data set that was passed to ``fit``."""
    try:
        is_whole, shuffles = is_readable(data)
        if not is_whole and not _is_endless(data):
            record.training.problem = "the rows came from a generator, which is not run again"
            return
        taken = 0
        for number, batch in enumerate(data):
            is_cut = taken >= HASHED_ROWS or (not is_whole and number >= _FIRST_BATCHES)
            if is_cut or not isinstance(batch, (tuple, list)) or not batch:
                record.training.is_partial = True
                break
            rows = plain_array(batch[0])
            if rows is None:
                record.training.is_partial = True
                break
            taken += len(rows)
            record.training.add(rows)
            labels = plain_array(batch[1]) if len(batch) > 1 else None
            if labels is not None:
                take_labels(record, labels, is_batch=not shuffles)
    except Exception as error:  # noqa: BLE001  # a student's data set may do anything
        record.training.problem = f"the data set could not be read again ({class_name(error)})"


def _is_endless(data: Opaque) -> bool:
    """Whether a data set repeats rows that may be read again: its beginning may be looked at."""
    waiting, endless = [data], False
    while waiting:
        one = waiting.pop()
        mapped = getattr(one, "_map_func", None)
        if class_name(one) not in _READABLE or (mapped is not None and _runs_python(mapped)):
            return False
        endless = endless or class_name(one) == "_RepeatDataset"
        waiting.extend(one._inputs())
    return endless


def evaluated_from_dataset(sample: RowSample, data: Opaque) -> None:
    """Take rows from a data set that a model was evaluated on."""
    try:
        if not is_readable(data)[0]:
            sample.problem = "the rows came from a generator, which is not run again"
            return
        taken = 0
        for batch in data:
            rows = plain_array(batch[0] if isinstance(batch, (tuple, list)) else batch)
            if rows is None or taken >= HASHED_ROWS:
                sample.problem = "the data set was not read to its end"
                return
            taken += len(rows)
            sample.add(rows)
    except Exception as error:  # noqa: BLE001  # a student's data set may do anything
        sample.problem = f"the data set could not be read again ({class_name(error)})"
