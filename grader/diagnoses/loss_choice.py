"""The loss, or the number of outputs, is one for another problem."""

from __future__ import annotations

from typing import Final

from grader.designs import DesignFault
from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.diagnoses.pairing import SYMPTOMS
from grader.evidence import TargetEncoding, Task

FEWEST_FOR_COUNT: Final = 3
"""One output or two are both right for two classes."""


def wrong_loss_family(case: Case) -> Found | None:
    """Look for a loss over classes where there are none to choose among, or several to name.

    What it looks for:
        Categorical cross-entropy or negative log-likelihood over a single output; the same, or a
        softmax, with labels of which several can hold at once.

    Why it matters:
        Over one output the categorical cross-entropy is always 0. With several labels a softmax
        lets only one of them be true.

    Finds:
        ``Linear(8, 1)`` with ``CrossEntropyLoss``; softmax on multi-hot labels.

    Leaves alone:
        Two outputs with a softmax for two classes.

    Does not detect:
        Multi-hot labels of which every recorded row happens to hold exactly one.

    Source:
        Rule table R08.
    """
    loss, outputs = case.evidence.loss, case.design.outputs
    if DesignFault.WRONG_FAMILY not in case.verdict.faults:
        return None
    name = loss.name.value or loss.family.value or "the loss"
    if loss.target_encoding.value is TargetEncoding.MULTI_HOT:
        seen = f"Several labels of a row can be 1, but softmax and {name} let only one be true."
        if loss.family.value == "binary cross-entropy":
            seen = "Several labels of a row can be 1, but the softmax lets only one be true."
        change = say(
            case,
            pytorch="End without an activation and train with BCEWithLogitsLoss: one yes or no for "
            "each label.",
            keras='Give the last layer activation="sigmoid" and train with binary_crossentropy: '
            "one yes or no for each label.",
        )
        return found(seen, change, loss.family, loss.target_encoding)
    seen = f"{name} compares classes with each other, but there is a single output."
    change = say(
        case,
        pytorch="For two classes keep one output and train with BCEWithLogitsLoss on labels 0.0 "
        "and 1.0; for more, give the last layer one output for each class.",
        keras='For two classes use Dense(1, activation="sigmoid") with binary_crossentropy; for '
        'more, Dense(number of classes, activation="softmax").',
    )
    shape = loss.input_shape if loss.input_shape.is_known else case.evidence.model.output_shape
    return found(seen, change, loss.family, shape) if outputs == 1 else None


def regression_loss(case: Case) -> Found | None:
    """Look for a loss that was made for numbers, not for classes.

    What it looks for:
        Mean squared error, mean absolute error, Huber and the like.

    Why it matters:
        Such a loss hardly punishes a confident mistake, and its gradient vanishes exactly there:
        training is slower, and the probabilities are worse.

    Finds:
        ``MSELoss`` or ``loss="mse"`` on class labels.

    Leaves alone:
        Hinge losses, which are made for classes.

    Does not detect:
        A formula of which nothing is known.

    Source:
        Rule table R07.
    """
    loss = case.evidence.loss
    if DesignFault.REGRESSION_LOSS not in case.verdict.faults:
        return None
    seen = f"The model was trained with {loss.name.value or loss.family.value}, a loss for numbers."
    change = say(
        case,
        pytorch="Train with BCEWithLogitsLoss (one output) or CrossEntropyLoss (one output for "
        "each class), without an activation at the end.",
        keras="Train with binary_crossentropy (one output, sigmoid) or "
        "sparse_categorical_crossentropy (one output for each class, softmax).",
    )
    return found(seen, change, loss.family)


def binary_loss_on_one_hot(case: Case) -> Found | None:
    """Look for binary cross-entropy where a row belongs to exactly one of several classes.

    What it looks for:
        Binary cross-entropy on one-hot labels with three outputs or more.

    Why it matters:
        It trains each class against the rest, as if a row could belong to several or to none. The
        largest output still names a class, but probabilities do not add up and Keras's binary
        accuracy flatters.

    Finds:
        ``Dense(3, activation="sigmoid")`` with ``binary_crossentropy`` on one-hot labels.

    Leaves alone:
        Two outputs; exercises in which several labels can hold.

    Does not detect:
        Losses written by hand that were not recognised.

    Source:
        Rule table R08b.
    """
    loss = case.evidence.loss
    if DesignFault.BINARY_ON_ONE_HOT not in case.verdict.faults:
        return None
    name = loss.name.value or "Binary cross-entropy"
    seen = f"{name} compares {case.design.outputs} outputs with labels of which exactly one is 1."
    change = say(
        case,
        pytorch="Train with CrossEntropyLoss on raw outputs; it takes class numbers.",
        keras='End in activation="softmax" and train with categorical_crossentropy.',
    )
    return found(seen, change, loss.family, loss.target_encoding)


def output_count(case: Case) -> Found | None:
    """Compare the number of outputs with the number of classes.

    What it looks for:
        Three outputs or more, and another number of classes in the labels and in the exercise; or
        a label that has no output.

    Why it matters:
        With too few outputs a class can never be named, and training stops with an error. Extra
        outputs are never right; the model must learn not to use them.

    Finds:
        ``Linear(8, 4)`` for three classes; "Target 3 is out of bounds".

    Leaves alone:
        One output or two for two classes; as many outputs as the exercise has classes.

    Does not detect:
        A class that never occurs in training, where there is no exercise.

    Source:
        Rule table R09.
    """
    loss, outputs = case.evidence.loss, case.design.outputs
    seen_classes = loss.classes_seen.value
    error = raised(case, "target", "is out of bounds") or raised(case, "received a label value of")
    if error is not None:
        seen = f"A label has no output of its own: {quoted(error)}."
        change = (
            "Give the last layer one output for each class, and count the labels from 0: for three "
            "classes 0, 1 and 2."
        )
        return found(seen, change)
    if outputs is None or outputs < FEWEST_FOR_COUNT or seen_classes is None:
        return None
    named = len(case.brief.classes) if case.brief is not None else seen_classes
    if case.task is Task.MULTILABEL or outputs in (named, seen_classes) or seen_classes < 2:
        return None
    shape = loss.input_shape if loss.input_shape.is_known else case.evidence.model.output_shape
    seen = f"The model has {outputs} outputs, but the labels name {seen_classes} classes."
    change = f"Give the last layer {named} outputs, one for each class."
    return found(seen, change, loss.classes_seen, shape)


RULES: Final = (
    Rule(
        id="wrong-loss-family",
        row="R08",
        severity=Severity.ERROR,
        title="A loss for another kind of output",
        find=wrong_loss_family,
        needs=("loss.family", "loss.target_encoding", "model.output_shape"),
        explains=(*SYMPTOMS, "label-encoding", "output-count"),
    ),
    Rule(
        id="regression-loss",
        row="R07",
        severity=Severity.WARNING,
        title="A regression loss for classes",
        find=regression_loss,
        needs=("loss.family",),
        explains=("loss-stuck", "still-falling", "output-count", "minority-class-missed"),
    ),
    Rule(
        id="binary-loss-on-one-hot",
        row="R08b",
        severity=Severity.WARNING,
        title="Binary cross-entropy on one-hot labels",
        find=binary_loss_on_one_hot,
        needs=("loss.family", "loss.target_encoding", "model.output_shape"),
    ),
    Rule(
        id="output-count",
        row="R09",
        severity=Severity.WARNING,
        title="Not one output for each class",
        find=output_count,
        needs=("loss.classes_seen", "model.output_shape"),
    ),
)
