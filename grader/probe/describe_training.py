"""The facts of a candidate that come from its training: loss, optimizer, story."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from grader.evidence import (
    Fact,
    Framework,
    LossDescription,
    OptimizerDescription,
    Provenance,
    ScoreKind,
    TrainingStory,
    absent,
    known,
    unknown,
)
from grader.probe.describe import Subject, contradicts
from grader.probe.recorder import LossUse
from grader.probe.structure import named, score_kind, simplified
from grader.probe.wording import printable

T = TypeVar("T")
RECORDED = Provenance.RECORDED


def loss_description(subject: Subject, *, repaired: bool) -> LossDescription:
    """The loss that the model was trained with, and what it was given."""
    record = subject.record
    if not record.saw_training and not subject.doubt:
        reason = "no training was seen"
        return LossDescription(
            name=absent(reason),
            family=absent(reason),
            expects=absent(reason),
            receives=absent(reason),
            outside_activation=absent(reason),
            target_encoding=absent(reason),
            target_shape=absent(reason),
            target_dtype=absent(reason),
        )
    uses = list(record.losses)
    reason = _doubt(subject) or next((use.problem for use in uses if use.problem), "")
    reason = reason or "no loss was recorded"
    if subject.doubt or record.other_losses:
        uses = []
    name = _common(uses, lambda use: use.name or None)
    if len({use.name for use in uses}) > 1:
        names = sorted({use.name or "one written by hand" for use in uses})
        reason = f"the model was trained with several losses: {', '.join(names)}"
    outside, receives = _received(subject, uses)
    encoding = record.targets.encoding() if uses and not subject.doubt else None
    return LossDescription(
        name=_recorded(name, reason),
        family=_recorded(_common(uses, lambda use: use.family), reason),
        expects=_recorded(_common(uses, lambda use: use.expects), reason),
        receives=_recorded(receives, _why_not_received(uses, reason)),
        outside_activation=_recorded(outside, _why_not_received(uses, reason)),
        target_encoding=_recorded(encoding, reason),
        target_shape=_recorded(_common(uses, lambda use: use.target_shape), reason),
        target_dtype=_recorded(_common(uses, lambda use: use.target_dtype), reason),
        repaired_by_framework=repaired,
    )


def _why_not_received(uses: list[LossUse], reason: str) -> str:
    if uses and all(use.name for use in uses):
        problem = next((use.problem for use in uses if use.problem), "")
        return problem or "what reaches the loss could not be followed from the model's last layer"
    return reason


def _received(subject: Subject, uses: list[LossUse]) -> tuple[str | None, ScoreKind | None]:
    """Activation outside the model, and the kind of score that reached the loss."""
    if not uses or contradicts(subject):
        return None, None
    inside, axis = subject.structure.ending, subject.structure.softmax_axis
    outsides, kinds = set(), set()
    for use in uses:
        outside, total = use.outside, use.since_weights
        if outside is None and total is not None and inside is not None:
            outside = total[len(inside) :]
        if total is None and outside is not None and inside is not None:
            total = (*inside, *outside)
        outsides.add(None if outside is None else simplified(outside))
        softmax_axis = axis if outside is not None and not outside else None
        kinds.add(None if total is None else score_kind(total, axis=softmax_axis))
    outside_name = None
    if len(outsides) == 1:
        only = outsides.pop()
        outside_name = None if only is None else named(only)
    return outside_name, kinds.pop() if len(kinds) == 1 else None


def optimizer_description(subject: Subject) -> OptimizerDescription:
    """What moved the model's parameters."""
    record = subject.record
    doubt = _doubt(subject)
    if doubt:
        return OptimizerDescription(
            name=unknown(doubt), learning_rate=unknown(doubt), holds_parameters=unknown(doubt)
        )
    if not record.steps:
        reason = (
            "no optimizer of the framework made a step; the parameters were changed by hand"
            if subject.is_trained and subject.has_changed
            else "no optimizer was seen to step with this model's parameters"
        )
        return OptimizerDescription(
            name=absent(reason), learning_rate=absent(reason), holds_parameters=absent(reason)
        )
    several = f"several optimizers were used: {', '.join(record.optimizers)}"
    name = record.optimizers[0] if len(set(record.optimizers)) == 1 else None
    return OptimizerDescription(
        name=_recorded(name, several),
        learning_rate=_recorded(record.learning_rate, "the optimizer has no single learning rate"),
        holds_parameters=known(True, provenance=RECORDED),
    )


def training_story(subject: Subject, *, trained_on: Fact[str]) -> TrainingStory:
    """How the model was trained."""
    record = subject.record
    doubt = _doubt(subject)
    if not record.saw_training and not doubt:
        reason = "no training of this model was seen"
        return TrainingStory(
            steps=absent(reason),
            epochs=absent(reason),
            parameters_changed=absent(reason)
            if subject.has_changed is None
            else known(subject.has_changed, provenance=RECORDED),
            gradients=absent(reason),
            rows=absent(reason),
            input_width=absent(reason),
            trained_on=absent(reason),
        )
    by_step = record.steps > 0
    shape = record.training.shape
    width = None if shape is None else int(np.prod(shape, dtype=np.int64))
    no_rows = record.training.problem or "the rows were not followed to the end of the training"
    return TrainingStory(
        steps=unknown(doubt) if doubt else known(record.steps, provenance=RECORDED),
        epochs=_recorded(record.epochs, "PyTorch does not count passes over the data")
        if record.framework is Framework.PYTORCH
        else _recorded(record.epochs, "the training loop does not count passes over the data"),
        parameters_changed=_recorded(
            subject.has_changed, "the parameters before training could not be read"
        ),
        gradients=_recorded(
            record.gradients if record.counts_gradients and not doubt else None,
            doubt or "the training loop was written by hand, and its rounds were not counted",
        ),
        rows=_recorded(record.training.distinct(), no_rows),
        input_width=_recorded(width, no_rows),
        trained_on=trained_on,
        curve=(record.curve if by_step else record.gradient_curve).thinned(),
        curve_of=record.curve_of,
    )


def _doubt(subject: Subject) -> str:
    return printable(subject.doubt, limit=300)


def _common(uses: list[LossUse], pick: Callable[[LossUse], T | None]) -> T | None:
    """What all uses agree on; ``None`` where they do not."""
    found = {pick(use) for use in uses}
    return found.pop() if len(found) == 1 else None


def _recorded(value: T | None, reason: str) -> Fact[T]:
    if value is None:
        return unknown(reason, provenance=RECORDED)
    return known(value, provenance=RECORDED)
