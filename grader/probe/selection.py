"""Which of the models that were seen become candidates, in which order and under which ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.evidence import MAX_CANDIDATES, Framework
from grader.probe.describe import Subject
from grader.probe.naming import models_in
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.tallies import Modes


def records_with_parts_joined(
    recorder: Recorder, namespace: Mapping[str, Opaque]
) -> list[tuple[ModelRecord, tuple[str, ...]]]:
    """Records in order of first use, with the names of their models.

    Models that the student's variables hold but that were never called are added. A part of a
    model is no model of its own: where only the parts were seen to train (``model.forward(x)``
    calls no hook of the whole), the whole takes over what was recorded of them.
    """
    named = models_in(namespace)
    for framework, model, _ in named.values():
        recorder.record_of(framework, model)
        if framework is Framework.PYTORCH:
            _inherit(recorder, model)
    records = list(recorder.in_order())
    dropped: set[int] = set()
    for whole in records:
        if whole.framework is not Framework.PYTORCH:
            continue
        inner = {id(m) for m in whole.model.modules() if m is not whole.model}
        parts = [r for r in records if id(r.model) in inner and id(r) not in dropped]
        trained = [part for part in parts if part.gradients > 0]
        if trained and whole.gradients == 0:
            _take_over(whole, trained)
            dropped |= {id(part) for part in parts}
        elif whole.gradients > 0 or not trained:
            dropped |= {id(part) for part in parts if part.gradients == 0}
    recorder.models_seen -= len(dropped)
    return [
        (record, tuple(named[id(record.model)][2]) if id(record.model) in named else ())
        for record in sorted(records, key=lambda record: record.number)
        if id(record) not in dropped
    ]


def _inherit(recorder: Recorder, model: Opaque) -> None:
    """Let a model that was read from a file inherit from the one whose weights it has."""
    from grader.probe.pytorch_states import inherit

    try:
        inherit(recorder, model)
    except Exception as error:  # noqa: BLE001  # a student's model may do anything
        recorder.trouble("at the weights of a model", error)


def _take_over(whole: ModelRecord, parts: list[ModelRecord]) -> None:
    """Let a model take over what was recorded of its parts: rows of the first, loss of the last."""
    entry = next((part for part in parts if not part.is_chained), parts[0])
    last = next((part for part in parts if any(use.name for use in part.losses)), parts[-1])
    most = max(parts, key=lambda part: part.steps)
    whole.number = min(whole.number, parts[0].number)
    whole.gradients = max(part.gradients for part in parts)
    whole.steps = most.steps
    whole.fresh_steps, whole.stale_steps = most.fresh_steps, most.stale_steps
    whole.last_trained = max(part.last_trained for part in parts)
    # What stood between a part's output and the loss says nothing about the whole's output.
    whole.losses = {replace(use, outside=None): count for use, count in last.losses.items()}
    whole.targets, whole.loss_calls = last.targets, last.loss_calls
    whole.odd_losses, whole.last_loss = last.odd_losses, last.last_loss
    whole.optimizers, whole.learning_rate = last.optimizers, last.learning_rate
    whole.rates, whole.other_optimizers = last.rates, last.other_optimizers
    whole.curve, whole.gradient_curve = last.curve, last.gradient_curve
    whole.training, whole.called_shape = entry.training, entry.called_shape
    whole.epochs, whole.trained_in = entry.epochs, _modes_of(parts)
    if whole.evaluated_in.mode() is None:
        whole.evaluated, whole.evaluated_in = entry.evaluated, entry.evaluated_in
        whole.graphs_unused = entry.graphs_unused
    if not whole.evaluation_curve.points:
        whole.evaluation_curve = last.evaluation_curve
    whole.notes["parts"] = parts


def _modes_of(parts: list[ModelRecord]) -> Modes:
    """The modes of a whole whose parts were called by themselves, each with its own flag."""
    return Modes(
        training=sum(part.trained_in.training for part in parts),
        evaluation=sum(part.trained_in.evaluation for part in parts),
    )


def chosen(subjects: list[Subject], names: list[tuple[str, ...]]) -> list[int]:
    """Positions of the subjects that become candidates: trained ones first, at most eight.

    Of more than eight trained models those that a variable of their own holds are kept before
    those in a list or dictionary, and these before those that nothing holds any more; among
    equals the last trained.

    Args:
        subjects: What was examined.
        names: Of each, as the student's variables spell it.
    """

    def weight(position: int) -> tuple[int, int]:
        held = names[position]
        own = 2 if any(name.isidentifier() for name in held) else bool(held)
        return own, subjects[position].record.last_trained

    trained = [i for i, subject in enumerate(subjects) if subject.is_trained]
    latest = sorted(trained, key=weight)[-MAX_CANDIDATES:]
    others = [i for i, subject in enumerate(subjects) if not subject.is_trained]
    return [*sorted(latest), *others[: MAX_CANDIDATES - len(latest)]]
