"""What each cross-entropy needs of the task, the outputs and the labels."""

from __future__ import annotations

from grader.designs import (
    BINARY,
    ONE_PER_OUTPUT,
    ONE_PER_ROW,
    OVER_CLASSES,
    REGRESSION,
    wants_index,
    wants_table,
)
from grader.evidence import Evidence, LossFamily, TargetEncoding, Task

__all__ = ["BINARY", "OVER_CLASSES", "REGRESSION", "fault_of"]


def fault_of(evidence: Evidence, family: LossFamily, units: int | None) -> str:
    """Say why a cross-entropy does not fit the task or the labels; empty if it does.

    Args:
        evidence: Uses ``brief``, ``loss.name`` and ``loss.target_encoding``.
        family: One of the cross-entropies.
        units: Number of outputs; ``None`` if unknown, which matters to no multilabel task.

    Source:
        The signatures of the losses in PyTorch 2.13 and Keras 3.15.
    """
    brief, encoding = evidence.brief, evidence.loss.target_encoding.value
    if brief.task is Task.MULTILABEL:
        if family is not BINARY:
            return "it lets only one label of a row be true, but several can be"
        return "it needs a 0 or 1 for each label" if encoding in ONE_PER_ROW else ""
    if units == 1:
        if family is not BINARY:
            return "over a single output it says nothing"
        if brief.task is Task.MULTICLASS:
            return f"it knows two classes, but there are {len(brief.classes)}"
        return "one output needs one 0 or 1 for each row" if encoding in ONE_PER_OUTPUT else ""
    if family is BINARY:
        one_hot = encoding is TargetEncoding.ONE_HOT
        return "" if one_hot else "it compares each output with a 0 or 1 of its own"

    name = evidence.loss.name.value or ""
    if wants_table(name) and encoding in ONE_PER_ROW:
        return "it needs one-hot labels; its sparse form takes class indices"
    if wants_index(name, family) and encoding in ONE_PER_OUTPUT:
        return "it needs class indices, not one-hot labels"
    return ""
