"""The facts of a candidate that come from its training: loss, optimizer, story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from grader.evidence import (
    EvaluatedRows,
    Fact,
    Framework,
    Freshness,
    InputStatistics,
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
from grader.probe.recorder import ModelRecord
from grader.probe.structure import named, score_kind, simplified
from grader.probe.tallies import LossUse, RowSample
from grader.probe.wording import printable

T = TypeVar("T")
_NO_MODE = "the mode of the training calls was not recorded"
_OWN = "the training loop was written by hand"
_OWN_CHOICE = "what the training loop decides by was not recorded"
_NOT_FOLLOWED = "the rows of training and evaluation were not followed to the end"
RECORDED = Provenance.RECORDED


def loss_description(subject: Subject, *, repaired: bool) -> LossDescription:
    """The loss that the model was trained with, and what it was given."""
    record = subject.record
    if not record.saw_training and not record.losses and not subject.doubt:
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
            input_shape=absent(reason),
            classes_seen=absent(reason),
            lowest_target=absent(reason),
            highest_target=absent(reason),
            weights_classes=absent(reason),
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
        input_shape=_recorded(_common(uses, lambda use: use.input_shape), reason),
        classes_seen=_recorded(record.targets.classes() if encoding else None, reason),
        lowest_target=_recorded(_finite(record.targets.lowest) if encoding else None, reason),
        highest_target=_recorded(_finite(record.targets.highest) if encoding else None, reason),
        weights_classes=_recorded(_common(uses, lambda use: use.weights_classes), reason),
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
        return _optimizer_all(unknown(doubt))
    if not record.steps and record.other_optimizers and not (subject.has_changed or False):
        reason = "the optimizer that stepped holds none of this model's parameters"
        return _optimizer_all(absent(reason)).model_copy(
            update={"holds_parameters": known(False, provenance=RECORDED)}
        )
    if not record.steps:
        reason = (
            "no optimizer of the framework made a step; the parameters were changed by hand"
            if subject.is_trained and subject.has_changed
            else "no optimizer was seen to step with this model's parameters"
        )
        return _optimizer_all(absent(reason))
    several = f"several optimizers were used: {', '.join(record.optimizers)}"
    name = record.optimizers[0] if len(set(record.optimizers)) == 1 else None
    no_rate = "the optimizer has no single learning rate"
    return OptimizerDescription(
        name=_recorded(name, several),
        learning_rate=_recorded(_finite(record.learning_rate), no_rate),
        first_learning_rate=_recorded(record.rates.first, no_rate),
        lowest_learning_rate=_recorded(record.rates.lowest, no_rate),
        highest_learning_rate=_recorded(record.rates.highest, no_rate),
        holds_parameters=known(True, provenance=RECORDED),
    )


def _optimizer_all(fact: Fact[Any]) -> OptimizerDescription:
    return OptimizerDescription(**dict.fromkeys(OptimizerDescription.model_fields, fact))


def _finite(number: float | None) -> float | None:
    return number if number is not None and np.isfinite(number) else None


def training_story(subject: Subject, *, trained_on: Fact[str]) -> TrainingStory:
    """How the model was trained."""
    record = subject.record
    doubt = _doubt(subject)
    if not record.saw_training and not doubt:
        return _untrained(subject)
    by_step = record.steps > 0
    shape = record.training.shape
    width = None if shape is None else int(np.prod(shape, dtype=np.int64))
    no_rows = record.training.problem or "the rows were not followed to the end of the training"
    return TrainingStory(
        steps=unknown(doubt) if doubt else known(record.steps, provenance=RECORDED),
        epochs=_recorded(record.epochs, "the passes over the data could not be counted"),
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
        **_evaluation(subject),
        zero_grad=_zero_grad(record, doubt),
        trained_in=_recorded(None if doubt else record.trained_in.mode(), doubt or _NO_MODE),
        loss_calls=_recorded(None if doubt else record.loss_calls, doubt),
        inputs=_recorded(_statistics(record.training), no_rows),
        finite_losses=_recorded(
            None if doubt or record.last_loss is None else not record.odd_losses,
            doubt or "no value of the loss was recorded",
        ),
        single_class_batches=_recorded(
            None if doubt else record.targets.single_class_share(),
            doubt or "the labels of no two batches were looked at",
        ),
        callbacks=_recorded(None if record.callbacks is None else tuple(record.callbacks), _OWN)
        if record.framework is Framework.KERAS
        else absent("PyTorch has no callbacks"),
        curve=(record.curve if by_step else record.gradient_curve).thinned(),
        evaluation_curve=record.evaluation_curve.thinned(),
        curve_of=record.curve_of,
    )


def _untrained(subject: Subject) -> TrainingStory:
    reason = "no training of this model was seen"
    facts: dict[str, Any] = {
        name: absent(reason)
        for name, field in TrainingStory.model_fields.items()
        if isinstance(field.default, Fact)
    }
    facts |= _evaluation(subject)
    facts["loss_calls"] = known(subject.record.loss_calls, provenance=RECORDED)
    if subject.has_changed is not None:
        facts["parameters_changed"] = known(subject.has_changed, provenance=RECORDED)
    return TrainingStory(**facts)


def _evaluation(subject: Subject) -> dict[str, Any]:
    """The facts about calls of the model that were not trained on."""
    record, doubt = subject.record, _doubt(subject)
    mode = record.evaluated_in.mode()
    names = ("evaluated_in", "evaluated_with_gradients", "evaluated_on", "selected_on_evaluated")
    if doubt:
        return dict.fromkeys(names, unknown(doubt))
    if mode is None:
        return dict.fromkeys(names, absent("the model was called for nothing but training"))
    evaluated, training = record.evaluated, record.training
    followed = not (evaluated.problem or training.problem) and evaluated.hashed and training.hashed
    shared = evaluated.shared_with(training)
    rows = EvaluatedRows(
        rows=evaluated.hashed, trained=shared, share_of_training=shared / max(1, training.hashed)
    )
    complete = training.distinct() is not None
    selecting = record.selecting
    chosen = bool(selecting.hashed and selecting.shared_with(evaluated))
    is_fit = record.callbacks is not None
    return {
        "evaluated_in": known(mode, provenance=RECORDED),
        "evaluated_with_gradients": known(record.graphs_unused > 0, provenance=RECORDED),
        "evaluated_on": _recorded(rows if followed and complete else None, _NOT_FOLLOWED),
        "selected_on_evaluated": _recorded(chosen if is_fit else None, _OWN_CHOICE),
    }


def _zero_grad(record: ModelRecord, doubt: str) -> Fact[Freshness]:
    if doubt:
        return unknown(doubt, provenance=RECORDED)
    if not record.steps:
        return absent("no optimizer stepped")
    if record.framework is Framework.KERAS:
        return known(Freshness.EVERY_STEP, provenance=RECORDED, how="Keras computes them afresh")
    fresh, stale = record.fresh_steps, record.stale_steps
    if fresh + stale == 0:
        return unknown("what became of the gradients was not recorded", provenance=RECORDED)
    if not stale:
        return known(Freshness.EVERY_STEP, provenance=RECORDED)
    # The very first step is fresh whatever the program does.
    rest = Freshness.NEVER if fresh <= 1 else Freshness.SOME_STEPS
    return known(rest, provenance=RECORDED)


def _statistics(sample: RowSample) -> InputStatistics | None:
    rows = sample.sample()
    if rows is None:
        return None
    finite = np.isfinite(rows)
    if not finite.any():
        return None
    values = np.where(finite, rows, np.nan).astype(np.float64)
    ratio = 1.0
    if sample.shape is not None and len(sample.shape) == 1 and len(rows) > 1:
        spreads = np.nanstd(values[:, finite.any(axis=0)], axis=0)
        spreads = spreads[spreads > 0]
        ratio = float(spreads.max() / spreads.min()) if len(spreads) else 1.0
    return InputStatistics(
        minimum=float(np.nanmin(values)),
        maximum=float(np.nanmax(values)),
        spread_ratio=max(1.0, ratio) if np.isfinite(ratio) else 1.0,
        has_missing=not finite.all(),
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
