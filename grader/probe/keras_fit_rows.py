"""The rows that ``fit`` and ``evaluate`` were given, and how many steps make a pass over them."""

from __future__ import annotations

import numpy as np

from grader.probe.keras_data import (
    add_evaluated,
    evaluated_from_dataset,
    is_dataset,
    plain_array,
    take_from_dataset,
    take_labels,
    take_labels_in_batches,
)
from grader.probe.keras_running import Fit
from grader.probe.opaque import Opaque
from grader.probe.recorder import FEW_ROWS, ModelRecord
from grader.probe.tallies import RowSample

_LATER = 16


def take_evaluated(record: ModelRecord, x: Opaque) -> None:
    """Take in rows that a model was asked about in evaluation mode."""
    rows = plain_array(x)
    if rows is not None and (rows.ndim == 0 or len(rows) <= FEW_ROWS):
        return
    record.was_asked(is_training=False)
    _take_asked(record, record.evaluated, x, rows)


def _take_asked(record: ModelRecord, sample: RowSample, x: Opaque, rows: Opaque) -> None:
    if rows is not None:
        add_evaluated(record, sample, rows)
    elif is_dataset(x):
        later = record.notes.setdefault("evaluated_later", [])
        if len(later) < _LATER and not any(one is sample and two is x for one, two in later):
            later.append((sample, x))
    else:
        sample.problem = "the rows of an evaluation are no array"


def finish_fit(record: ModelRecord) -> None:
    """Read data sets, which could not be read while training ran."""
    for data in record.notes.pop("datasets", []):
        take_from_dataset(record, data)
    for sample, data in record.notes.pop("evaluated_later", []):
        evaluated_from_dataset(sample, data)


def _take_other_data(record: ModelRecord, x: Opaque) -> None:
    if isinstance(x, (dict, list, tuple)) or x is None:
        record.training.problem = "the model was trained on several inputs"
    elif is_dataset(x):
        # Iterating now could change what the student's next fit sees.
        later = record.notes.setdefault("datasets", [])
        if not any(one is x for one in later):
            later.append(x)
    else:
        record.training.problem = "the rows came from a generator, which is not run again"


def _add_rows(record: ModelRecord, rows: Opaque) -> None:
    if rows.dtype.kind in "fiub":
        # Several fits on the same rows are usual.
        add_evaluated(record, record.training, rows)


def _take_validation_rows(fit: Fit) -> Opaque:
    given = fit.given.get("validation_data")
    if given is None:
        rows = plain_array(fit.given.get("x"))
        held_out = fit.given.get("validation_split") or 0.0
        if rows is None or not held_out:
            return None
        return rows[int(np.floor(len(rows) * (1.0 - held_out))) :]
    return given[0] if isinstance(given, (tuple, list)) and given else given


def steps_per_pass(fit: Fit) -> int | None:
    """Optimizer steps of one pass over arrays; ``None`` where that is not known."""
    rows = plain_array(fit.given.get("x"))
    if rows is None or fit.given.get("steps_per_epoch") is not None:
        return None
    held_out = fit.given.get("validation_split") or 0.0
    if fit.given.get("validation_data") is not None:
        held_out = 0.0
    count = int(np.floor(len(rows) * (1.0 - held_out)))
    return -(-count // int(fit.given.get("batch_size") or 32)) or None


def take_data(fit: Fit) -> None:
    """Take in the rows and labels that ``fit`` was given."""
    x, y = fit.given.get("x"), fit.given.get("y")
    record, held_out = fit.record, fit.given.get("validation_split") or 0.0
    rows, labels = plain_array(x), plain_array(y)
    if rows is None:
        _take_other_data(record, x)
        return
    if held_out and fit.given.get("validation_data") is None:
        kept = int(np.floor(len(rows) * (1.0 - held_out)))
        rows, labels = rows[:kept], None if labels is None else labels[:kept]
    _add_rows(record, rows)
    if labels is None or labels.dtype.kind not in "fiub":
        return
    if fit.given.get("shuffle", True):
        take_labels(record, labels, is_batch=False)
    else:
        take_labels_in_batches(record, labels, int(fit.given.get("batch_size") or 32))


def take_validation(fit: Fit, *, is_selecting: bool) -> None:
    """Take in the rows that were validated on after a pass.

    Args:
        fit: It.
        is_selecting: Whether a callback stops training, or keeps weights, by what comes out.
    """
    record = fit.record
    x = _take_validation_rows(fit)
    if x is None or not fit.validations:
        return
    if not is_selecting:
        take_evaluated(record, x)
        return
    # Whether the model was then evaluated on these very rows is another question.
    record.evaluated_in.add(is_training=False)
    _take_asked(record, record.selecting, x, plain_array(x))
