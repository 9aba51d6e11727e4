"""How well training ended: too early, too late, with dead or saturated units."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean
from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, is_good
from grader.diagnoses.curves import Shape, guessing_loss, has_converged, shape_of

MOST_INACTIVE: Final = 0.6
MOST_SATURATED: Final = 0.6
NEARLY_ALL: Final = 0.85
FEWEST_POINTS: Final = 10
SMOOTH: Final = 0.9
FEWEST_LOSSES: Final = 5
MOSTLY_LEFT: Final = 0.7
STEADILY: Final = 0.04
STRONG: Final = 0.015
"""Fall over the last fifth, by the start of the curve."""
SOME: Final = 0.01
BARELY_FELL: Final = 0.8
NEAR_GUESSING: Final = 0.85
STRAIGHT: Final = 0.9
"""Fall over the last fifth, by that of a straight line."""
BETTER_THAN_CONSTANT: Final = 0.05
ROSE: Final = 1.25
ROSE_BY: Final = 0.1
TRAINING_FELL: Final = 0.5
GAP: Final = 1.5


def inactive_units(case: Case) -> Found | None:
    """Look for ReLU units that no row can wake.

    What it looks for:
        More than 60 % of the hidden ReLU units are 0 for every training row, and the loss did not
        come down.

    Why it matters:
        A unit that is always 0 passes no gradient on and never comes back; the network is smaller
        than it seems.

    Finds:
        A network whose units died in the first steps of a high learning rate.

    Leaves alone:
        Networks that learnt well nevertheless.

    Does not detect:
        Units that are 0 for most rows.

    Source:
        Rule table R40; TheDeepChecker (TOSEM 2023), "dead ReLU".
    """
    fact = case.evidence.model.inactive_units
    if fact.value is None or fact.value <= MOST_INACTIVE or is_good(case) or has_converged(case):
        return None
    seen = f"{fact.value:.0%} of the hidden ReLU units are 0 for every training row."
    change = "Lower the learning rate, scale the inputs, or use LeakyReLU, ELU or GELU."
    return found(seen, change, fact)


def saturated_units(case: Case) -> Found | None:
    """Look for sigmoid and tanh units that stand at an end of their range.

    What it looks for:
        More than 60 % of the hidden sigmoid and tanh units are within 1 % of an end of their
        range for nearly all training rows, and the loss did not come down.

    Why it matters:
        There the curve is flat: hardly any gradient passes, and the layers before learn nothing.

    Finds:
        Tanh layers on inputs in the hundreds.

    Leaves alone:
        Networks that learnt well nevertheless.

    Does not detect:
        Units that saturate for a few rows.

    Source:
        Rule table R41; TheDeepChecker (TOSEM 2023), "saturated activations".
    """
    fact = case.evidence.model.saturated_units
    if fact.value is None or fact.value <= MOST_SATURATED or is_good(case):
        return None
    if fact.value < NEARLY_ALL and has_converged(case):
        return None
    seen = f"{fact.value:.0%} of the hidden sigmoid and tanh units stand at an end of their range."
    change = "Scale the inputs, start from smaller weights, or use ReLU in the hidden layers."
    return found(seen, change, fact)


def still_falling(case: Case) -> Found | None:
    """Look for training that was stopped on its way.

    What it looks for:
        A smooth loss that was clearly falling over its last fifth, of a model that is clearly not
        good yet: its loss is near that of guessing, or no better than a constant guess was
        measured.

    Why it matters:
        More steps would have helped: the model has not learnt what it can.

    Finds:
        Thirty epochs in which the loss went from 0.70 to 0.64 along a straight line.

    Leaves alone:
        Loss curves that level off or jump; models that are good enough.

    Does not detect:
        Slow curves with noise.

    Source:
        Rule table R43.
    """
    shape, measured = shape_of(case.evidence.training.curve), case.measured.value
    guessing = guessing_loss(case)
    if guessing is None or is_good(case):
        return None
    few = _few_epochs(case, guessing)
    if few is not None:
        change = "Train for more epochs, ten times as many to begin with."
        return found(few, change, case.evidence.loss.family)
    if shape is None or shape.falling < SMOOTH:
        return None
    poor = measured is not None and (
        measured.accuracy <= measured.majority_share + BETTER_THAN_CONSTANT
    )
    if shape.last_fall < STRAIGHT * shape.fall * shape.rest:
        return None  # it levels off
    if not (poor and shape.last_fall >= SOME) and not _is_early(shape, guessing):
        return None
    seen = f"The loss was still falling when training stopped: {shape.before_last:.3g} before the "
    seen += f"last fifth, {shape.end:.3g} at the end, {shape.start:.3g} at the start."
    change = "Train for more epochs, three times as many to begin with, or with a higher rate."
    return found(seen, change, case.measured if poor else case.evidence.loss.family)


def _few_epochs(case: Case, guessing: float) -> str | None:
    """What is seen of three or four epochs that only began to lower the loss."""
    training = case.evidence.training
    losses = [point.loss for point in training.curve if point.loss is not None]
    is_short = training.curve_of == "loss per epoch" and 3 <= len(losses) < FEWEST_LOSSES
    if not is_short or len(losses) != len(training.curve):
        return None
    falls = all(after < before for before, after in pairwise(losses))
    first, before_last, last = losses[0], losses[-2], losses[-1]
    has_begun = last > MOSTLY_LEFT * first and last > MOSTLY_LEFT * guessing
    if not falls or not has_begun or before_last - last < STEADILY * first:
        return None
    shown = ", ".join(f"{loss:.3g}" for loss in losses)
    return f"Training stopped after {len(losses)} epochs, while the loss was falling: {shown}."


def _is_early(shape: Shape, guessing: float) -> bool:
    return (
        shape.points >= FEWEST_POINTS
        and shape.last_fall >= STRONG
        and shape.end > BARELY_FELL * shape.start
        and shape.end > NEAR_GUESSING * guessing
    )


def overfitted(case: Case) -> Found | None:
    """Look for a loss on other rows that rises while the training loss falls.

    What it looks for:
        An evaluation loss that over its last fifth lies more than 25 % above its lowest, while the
        training loss fell to half or less; at least ten points of each.

    Why it matters:
        From its best point on the model learns its training rows by heart and gets worse on
        others.

    Finds:
        A large network on 60 rows, trained for 500 epochs.

    Leaves alone:
        A flat evaluation loss; a tiny one; early stopping that restores the best weights.

    Does not detect:
        Programs that do not look at other rows while they train.

    Source:
        Rule table R44.
    """
    training = case.evidence.training
    losses = [p.loss for p in training.evaluation_curve if p.loss is not None]
    shape = shape_of(training.curve)
    if shape is None or shape.points < FEWEST_POINTS or len(losses) < FEWEST_POINTS:
        return None
    if len(losses) < len(training.evaluation_curve) or "EarlyStopping" in (
        training.callbacks.value or ()
    ):
        return None
    fifth = len(losses) // 5
    late, lowest = fmean(losses[-fifth:]), min(losses)
    has_risen = min(losses[-fifth:]) > ROSE * lowest and late - lowest > ROSE_BY
    if not has_risen or losses.index(lowest) >= len(losses) - 2 * fifth:
        return None
    if shape.late > TRAINING_FELL * shape.start or late < GAP * shape.late:
        return None
    seen = f"The loss on other rows rose from {lowest:.3g} to {late:.3g} while the training loss "
    seen += f"fell to {shape.late:.3g}."
    change = (
        "Stop where the loss on other rows is lowest (early stopping), or use a smaller network, "
        "dropout, weight decay or more data."
    )
    return found(seen, change, training.evaluated_on)


RULES: Final = (
    Rule(
        id="inactive-units",
        row="R40",
        severity=Severity.WARNING,
        title="Most hidden units are dead",
        find=inactive_units,
        needs=("model.inactive_units", "training.curve"),
        explains=("loss-stuck", "minority-class-missed"),
    ),
    Rule(
        id="saturated-units",
        row="R41",
        severity=Severity.WARNING,
        title="Most hidden units are saturated",
        find=saturated_units,
        needs=("model.saturated_units", "training.curve"),
        explains=("loss-stuck", "minority-class-missed"),
    ),
    Rule(
        id="still-falling",
        row="R43",
        severity=Severity.WARNING,
        title="Training was stopped too early",
        find=still_falling,
        needs=("training.curve", "loss.family"),
        explains=("minority-class-missed",),
    ),
    Rule(
        id="overfitted",
        row="R44",
        severity=Severity.WARNING,
        title="Overfitted",
        find=overfitted,
        needs=("training.evaluation_curve", "training.curve"),
    ),
)
