"""What is counted of the rounds of a training loop: losses, passes, labels, evaluations."""

from __future__ import annotations

import math

from grader.probe.keras_data import Passes, add_evaluated, take_labels
from grader.probe.keras_rounds import Reading
from grader.probe.opaque import Opaque
from grader.probe.recorder import FEW_ROWS, ModelRecord
from grader.probe.tallies import LossUse


def finish_loop(record: ModelRecord) -> None:
    """Settle what only the end of the program tells."""
    notes = record.notes
    last = notes.pop("last_use", None)
    if last is not None and last[1]:
        record.losses[last[0]] = record.losses.get(last[0], 0) + last[1]
    passes = notes.pop("passes", None)
    if passes is None:
        return
    if passes.unknown:
        record.training.is_partial = True
    if notes.pop("labels_missed", False):
        # Labels that were not looked at may be others than those that were.
        record.targets = type(record.targets)()
    epochs = None if notes.pop("is_nested", False) else passes.epochs(record.training.distinct())
    has_fit = notes.get("fit_epochs")
    if epochs is None or "epochs_unknown" in notes:
        record.epochs = None
    else:
        record.epochs = epochs + (has_fit or 0)


def count_use(record: ModelRecord, use: LossUse) -> None:
    """Count one use of a loss; that of the round before is told by identity."""
    last = record.notes.get("last_use")
    if last is not None and last[0] is use:
        last[1] += 1
        return
    if last is not None and last[1]:
        record.losses[last[0]] = record.losses.get(last[0], 0) + last[1]
    record.add_loss(use)
    record.notes["last_use"] = [use, 0]


def passes_of(record: ModelRecord) -> Passes:
    """The batches of the loops that trained a model."""
    passes: Passes = record.notes.setdefault("passes", Passes())
    return passes


def note_loss(record: ModelRecord, loss: float) -> None:
    """Take in the value of one loss."""
    record.last_loss = loss
    record.odd_losses += not math.isfinite(loss)


def note_evaluated(record: ModelRecord, rows: Opaque, *, is_training: bool | None) -> None:
    """Take in a call that was not trained on."""
    if rows is None or rows.ndim == 0 or len(rows) <= FEW_ROWS:
        return
    if is_training is not None:
        record.was_asked(is_training=is_training)
    add_evaluated(record, record.evaluated, rows)


def take_loop_labels(record: ModelRecord, labels: Opaque, reading: Reading) -> None:
    """Look at the labels of one round."""
    if labels.dtype.kind in "fiub":
        take_labels(record, labels)
        record.targets.takes_index = record.targets.takes_index or reading.takes_index
