"""How the loss moved: not at all, too fast, to infinity."""

from __future__ import annotations

from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, is_good
from grader.diagnoses.curves import (
    grew_before_it_broke,
    guessing_loss,
    has_converged,
    shape_of,
    steps_with_one_rate,
)

LONG_ENOUGH: Final = 20
LONG: Final = 100
MUCH_NOISE: Final = 50
FLAT: Final = 0.02
"""A loss that moved by less than this share of its start did not move."""
NEAR_GUESSING: Final = 0.85
STEADY: Final = 0.9
"""A loss that goes down at nine steps of ten is on its way, however slowly."""
SLOW: Final = 0.05
SMALL_RATE: Final = {True: 3e-5, False: 3e-4}
"""By whether the optimizer scales its own steps; below it, hardly anything moves."""
WORKING_RATE: Final = {True: 1e-3, False: 1e-2}
LARGE_RATE: Final = {True: 0.05, False: 0.5}
GREW: Final = 1.5
FAR_OFF: Final = 3.0
"""A loss that begins this many times above guessing was sent there by the first steps."""
JUMPING: Final = 0.5
STILL_HIGH: Final = 0.5
EXPLODED: Final = 10.0
SWEPT: Final = 100.0
LEFT_HIGH: Final = {True: 0.1, False: 0.5}


def learning_rate_sweep_left(case: Case) -> Found | None:
    """Look for a search for the learning rate that was taken for training.

    What it looks for:
        A learning rate that ended at least a hundred times above its start, and high.

    Why it matters:
        Such a sweep ends by destroying the weights. It tells a good rate; the model must then be
        built anew and trained with it.

    Finds:
        ``LearningRateScheduler(lambda epoch: 1e-4 * 10 ** (epoch / 20))`` over 100 epochs, and no
        training after it.

    Leaves alone:
        A warm-up to an ordinary rate; schedules that come down again.

    Does not detect:
        A sweep on a copy of the model.

    Source:
        Rule table R45.
    """
    optimizer = case.evidence.optimizer
    first, last = optimizer.first_learning_rate, optimizer.learning_rate
    if not first.value or last.value is None:
        return None
    if last.value < SWEPT * first.value or last.value < LEFT_HIGH[steps_with_one_rate(case)]:
        return None
    seen = f"The learning rate rose from {first.value:g} to {last.value:g}, where training ended."
    change = (
        "Read a good rate off the sweep (where the loss falls fastest), build the model anew, and "
        "train it with that rate."
    )
    return found(seen, change, first, last)


def learning_rate_too_high(case: Case) -> Found | None:
    """Look for a loss that jumps or grows under a high learning rate.

    What it looks for:
        A high learning rate (0.05 for Adam and its kin, 0.5 for others) together with a loss that
        ended well above its start, keeps jumping without having fallen, leapt far above guessing
        and stayed above it, or is no number.

    Why it matters:
        Each step overshoots: the model leaps over the place it is looking for.

    Finds:
        ``Adam(lr=1.0)`` with a loss that jumps from 0.7 to 40 and back.

    Leaves alone:
        High rates with which the loss came down; good models.

    Does not detect:
        A rate that is high only for this very model.

    Source:
        Rule table R38.
    """
    optimizer, training = case.evidence.optimizer, case.evidence.training
    rate = (
        optimizer.highest_learning_rate
        if optimizer.highest_learning_rate.is_known
        else optimizer.learning_rate
    )
    if rate.value is None or not optimizer.name.is_known or is_good(case):
        return None
    if rate.value < LARGE_RATE[steps_with_one_rate(case)]:
        return None
    shape, guessing = shape_of(training.curve), guessing_loss(case)
    if training.finite_losses.value is False:
        if not grew_before_it_broke(training.curve):
            return None
        symptom = "the loss became NaN or infinite"
    elif shape is None or shape.points < LONG_ENOUGH // 2:
        return None
    elif shape.late > GREW * shape.first:
        symptom = f"the loss rose from {shape.first:.3g} to {shape.late:.3g}"
    elif shape.roughness > JUMPING and shape.late > STILL_HIGH * shape.first:
        symptom = f"the loss jumps, about {shape.late:.3g} at the end as {shape.first:.3g} at first"
    elif guessing is not None and shape.first > FAR_OFF * guessing and shape.late > guessing:
        symptom = (
            f"the loss leapt to {shape.first:.3g} and ended at {shape.late:.3g}, above the "
            f"{guessing:.3g} of guessing"
        )
    else:
        return None
    seen = f"With a learning rate of {rate.value:g} {symptom}."
    change = "Divide the learning rate by 10, and again until the loss falls smoothly."
    return found(seen, change, rate)


def learning_rate_too_low(case: Case) -> Found | None:
    """Look for a loss that hardly moves under a tiny learning rate.

    What it looks for:
        A tiny learning rate (3e-5 for Adam and its kin, 3e-4 for others), at least 20 steps, and a
        loss that fell by less than 5 %.

    Why it matters:
        The model would need thousands of times as many steps.

    Finds:
        ``SGD(lr=1e-6)``.

    Leaves alone:
        Small rates with which the loss fell; short trainings.

    Does not detect:
        Rates that are small only for this very model.

    Source:
        Rule table R38.
    """
    optimizer, training = case.evidence.optimizer, case.evidence.training
    rate = (
        optimizer.highest_learning_rate
        if optimizer.highest_learning_rate.is_known
        else optimizer.learning_rate
    )
    shape, steps = shape_of(training.curve), training.steps.value
    if shape is None or rate.value is None or not optimizer.name.is_known or is_good(case):
        return None
    if rate.value > SMALL_RATE[steps_with_one_rate(case)] or not steps or steps < LONG_ENOUGH:
        return None
    if not -SLOW < shape.fall < SLOW:
        return None
    seen = f"With a learning rate of {rate.value:g} the loss went from {shape.start:.4g} to "
    seen += f"{shape.end:.4g} in {steps} steps."
    change = "Multiply the learning rate by 10, and again until the loss falls clearly."
    if steps_with_one_rate(case):
        change += " Adam usually works with 0.001 to 0.01."
    return found(seen, change, rate, training.steps)


def loss_stuck(case: Case) -> Found | None:
    """Look for a loss that never left the value of guessing.

    What it looks for:
        A cross-entropy that after at least 20 steps is where it was, at about ln C (0.69 for two
        classes, 1.10 for three) or above.

    Why it matters:
        The model has learnt nothing: it gives every class about the same chance.

    Finds:
        A loss that stays between 0.69 and 0.70.

    Leaves alone:
        A loss that is small, or that goes down steadily and had not a hundred steps at a rate
        that usually works; good models.

    Does not detect:
        Why: where a cause was found, that is told instead.

    Source:
        Rule table R39; DeepLocalize (ICSE 2021), "loss not decreasing".
    """
    training = case.evidence.training
    shape, steps = shape_of(training.curve), training.steps.value or training.gradients.value
    guessing = guessing_loss(case)
    if shape is None or guessing is None or not steps or is_good(case):
        return None
    if steps < LONG_ENOUGH or shape.points < LONG_ENOUGH // 2:
        return None
    if shape.falling >= STEADY and not (steps >= LONG and _has_a_working_rate(case)):
        return None  # on its way, perhaps, if slowly
    if shape.roughness > FLAT / 10 and steps < MUCH_NOISE:
        return None
    has_moved = shape.lowest < (1 - FLAT) * shape.early or shape.late > (1 + 5 * FLAT) * shape.early
    if has_moved or shape.start > (1 + 5 * FLAT) * shape.late:
        return None
    if shape.late < NEAR_GUESSING * guessing:
        return None
    seen = f"The loss was {shape.start:.4g} at first and {shape.late:.4g} after {steps} steps; "
    seen += f"guessing costs {guessing:.4g}."
    change = (
        "Check in this order: do the labels belong to these rows, are the inputs scaled, does "
        "every layer get a gradient, is the learning rate right? Then try to learn ten rows by "
        "heart."
    )
    return found(seen, change, training.steps)


def _has_a_working_rate(case: Case) -> bool:
    rate = case.evidence.optimizer.learning_rate.value
    return rate is not None and rate >= WORKING_RATE[steps_with_one_rate(case)]


def loss_exploded(case: Case) -> Found | None:
    """Look for a loss that went to infinity.

    What it looks for:
        A loss that became NaN or infinite, or ended more than ten times above its start and far
        above guessing.

    Why it matters:
        NaN never goes away again: all weights are NaN from then on. A huge loss says that the
        weights have run off.

    Finds:
        NaN after a few steps of ``SGD(lr=10)``.

    Leaves alone:
        A peak from which the loss came back.

    Does not detect:
        Which layer it began in.

    Source:
        Rule table R42; DeepDiagnosis (ICSE 2022), "exploding tensor".
    """
    training = case.evidence.training
    change = (
        "Lower the learning rate by a factor of 10, scale the inputs, and look for log(0) or a "
        "division by 0 in a loss of your own; torch.nn.utils.clip_grad_norm_ or clipnorm=1.0 helps."
    )
    if training.finite_losses.value is False:
        if is_good(case):
            return None
        return found("The loss became NaN or infinite.", change, training.finite_losses)
    shape, guessing = shape_of(training.curve), guessing_loss(case)
    if shape is None or guessing is None or has_converged(case) or is_good(case):
        return None
    if shape.late < EXPLODED * shape.first or shape.late < EXPLODED * guessing:
        return None
    seen = f"The loss rose from {shape.first:.3g} to {shape.late:.3g}."
    return found(seen, change, training.finite_losses)


RULES: Final = (
    Rule(
        id="loss-stuck",
        row="R39",
        severity=Severity.ERROR,
        title="The loss never fell",
        find=loss_stuck,
        needs=("training.curve", "training.steps", "loss.family"),
        explains=("minority-class-missed",),
    ),
    Rule(
        id="learning-rate-sweep-left",
        row="R45",
        severity=Severity.WARNING,
        title="The end of a learning rate sweep",
        find=learning_rate_sweep_left,
        needs=("optimizer.first_learning_rate", "optimizer.learning_rate"),
        explains=(
            "learning-rate-too-high",
            "loss-exploded",
            "loss-stuck",
            "inactive-units",
            "saturated-units",
            "overfitted",
            "minority-class-missed",
        ),
    ),
    Rule(
        id="learning-rate-too-high",
        row="R38",
        severity=Severity.WARNING,
        title="The learning rate is too high",
        find=learning_rate_too_high,
        needs=("optimizer.learning_rate", "optimizer.name", "training.curve"),
        explains=(
            "loss-exploded",
            "loss-stuck",
            "inactive-units",
            "saturated-units",
            "overfitted",
            "minority-class-missed",
        ),
    ),
    Rule(
        id="learning-rate-too-low",
        row="R38",
        severity=Severity.WARNING,
        title="The learning rate is too low",
        find=learning_rate_too_low,
        needs=("optimizer.learning_rate", "optimizer.name", "training.curve"),
        explains=("loss-stuck", "still-falling", "minority-class-missed"),
    ),
    Rule(
        id="loss-exploded",
        row="R42",
        severity=Severity.WARNING,
        title="The loss exploded",
        find=loss_exploded,
        needs=("training.finite_losses", "training.curve"),
        explains=("inactive-units", "saturated-units", "overfitted", "minority-class-missed"),
    ),
)
