"""What reaches the loss is not what the loss wants."""

from __future__ import annotations

from typing import Final

from grader.designs import ACROSS_OUTPUTS, LINEAR, DesignFault
from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.evidence import Fact

NEEDS: Final = ("loss.receives", "loss.expects", "loss.family", "model.output_activation")
SYMPTOMS: Final = (
    "loss-stuck",
    "still-falling",
    "loss-exploded",
    "learning-rate-too-low",
    "learning-rate-too-high",
    "inactive-units",
    "minority-class-missed",
)
"""What a wrong output or loss makes of the training."""


def softmax_before_loss(case: Case) -> Found | None:
    """Look for a softmax before a loss that applies one itself.

    What it looks for:
        A softmax, inside the model or in the training code, before a cross-entropy on logits; or
        a softmax on top of another one.

    Why it matters:
        The loss takes the softmax of a softmax: it can never come near 0 (not below 0.55 for
        three classes), gradients shrink, and training is slow and ends early.

    Finds:
        ``Softmax(dim=1)`` in the model with ``CrossEntropyLoss``; ``activation="softmax"`` with
        ``from_logits=True``, even where Keras repairs it.

    Leaves alone:
        Softmax with a loss on probabilities; log-softmax before ``CrossEntropyLoss``.

    Does not detect:
        A softmax that only ``predict`` applies, which is right.

    Source:
        Rule table R01; PyTorch 2.13 ``CrossEntropyLoss``; Keras 3.15 ``from_logits``.
    """
    return _activation_twice(case, DesignFault.SOFTMAX_TWICE, "softmax")


def sigmoid_before_loss(case: Case) -> Found | None:
    """Look for a sigmoid before a loss that applies one itself.

    What it looks for:
        A sigmoid, inside the model or in the training code, before a loss on logits; or a sigmoid
        on top of another one.

    Why it matters:
        The loss sees probabilities between 0.5 and 0.73 only: it cannot become small, and training
        is slow.

    Finds:
        ``Sigmoid()`` in the model with ``BCEWithLogitsLoss``; ``activation="sigmoid"`` with
        ``from_logits=True``.

    Leaves alone:
        Sigmoid with ``BCELoss`` or ``binary_crossentropy``.

    Does not detect:
        A sigmoid that only ``predict`` applies, which is right.

    Source:
        Rule table R02; PyTorch 2.13 ``BCEWithLogitsLoss``.
    """
    return _activation_twice(case, DesignFault.SIGMOID_TWICE, "sigmoid")


def _activation_twice(case: Case, fault: DesignFault, activation: str) -> Found | None:
    loss = case.evidence.loss
    if fault not in case.verdict.faults:
        return None
    where = "in the model" if case.design.inside != LINEAR else "in the training code"
    name = loss.name.value or "the loss"
    twice = f"{name} applies {'it' if activation == 'softmax' else 'one'} itself"
    if case.design.outside == activation and case.design.inside == activation:
        twice = "the training code applies it once more"
    seen = f"The outputs go through a {activation} {where}, and {twice}."
    if loss.repaired_by_framework:
        seen += " Keras noticed and repaired it while training; another backend would not."
    partner = "BCELoss" if activation == "sigmoid" else "NLLLoss after a log-softmax"
    change = say(
        case,
        pytorch=f"Take the {activation} away {where} and keep {name}; apply it only when you "
        f"predict. Or keep the {activation} and train with {partner}."
        if activation == "sigmoid"
        else f"Take the softmax away {where} and keep {name}; apply it only when you predict.",
        keras=f'Either keep activation="{activation}" and drop from_logits=True, or end without an '
        "activation and keep from_logits=True.",
    )
    return found(seen, change, loss.receives, loss.expects)


def scores_not_probabilities(case: Case) -> Found | None:
    """Look for raw outputs in a loss that takes logarithms of probabilities.

    What it looks for:
        A cross-entropy on probabilities or log-probabilities that got something else, or that
        raised because its input left the range from 0 to 1.

    Why it matters:
        The loss takes outputs for probabilities. Outside the range from 0 to 1 it raises, or clips
        them so that nothing can be learnt there, or turns negative.

    Finds:
        ``Dense(1)`` with ``binary_crossentropy``; ``Linear(8, 3)`` with ``NLLLoss``; ``BCELoss``
        on raw outputs.

    Leaves alone:
        Raw outputs with ``from_logits=True`` or ``BCEWithLogitsLoss``; the squared error, which
        another rule judges.

    Does not detect:
        A loss written by hand of which nothing is known.

    Source:
        Rule table R04; PyTorch 2.13 ``BCELoss``, ``NLLLoss``; Keras 3.15 losses.
    """
    loss, model = case.evidence.loss, case.evidence.model
    needs = loss.expects.value or "probabilities"
    change = say(
        case,
        pytorch="Train with BCEWithLogitsLoss (one output) or CrossEntropyLoss (several), which "
        "take raw outputs; or apply a sigmoid before BCELoss, a log-softmax before NLLLoss.",
        keras="Give the last layer a sigmoid (one output) or a softmax (several), or make the loss "
        "with from_logits=True.",
    )
    if DesignFault.NO_PROBABILITIES in case.verdict.faults:
        name = loss.name.value or "the loss"
        seen = f"{name} wants {needs}, but got {loss.receives.value}."
        return found(seen, change, loss.receives, loss.expects)
    error = raised(case, "should be between 0 and 1")
    squashed = model.output_activation.is_known and case.design.inside != LINEAR
    if error is None or squashed or case.design.outside not in (None, LINEAR):
        return None
    return found(f"BCELoss got values outside the range from 0 to 1: {quoted(error)}.", change)


def softmax_over_one_unit(case: Case) -> Found | None:
    """Look for a softmax that has one output to share its probability among.

    What it looks for:
        A softmax or log-softmax over a single output.

    Why it matters:
        It always gives 1, whatever the row: the gradient is 0, nothing can be learnt, and the
        accuracy is the share of class 1.

    Finds:
        ``Dense(1, activation="softmax")``.

    Leaves alone:
        ``Dense(2, activation="softmax")`` for two classes, which is right.

    Does not detect:
        A softmax over the rows of a batch.

    Source:
        Rule table R05.
    """
    model, loss = case.evidence.model, case.evidence.loss
    if DesignFault.CONSTANT_SOFTMAX not in case.verdict.faults:
        return None
    shape = loss.input_shape if loss.input_shape.is_known else model.output_shape
    inside = case.design.inside in ACROSS_OUTPUTS
    activation: Fact[str] = model.output_activation if inside else loss.outside_activation
    change = say(
        case,
        pytorch="Take the softmax away and train with BCEWithLogitsLoss, or end in a sigmoid and "
        "train with BCELoss.",
        keras='Use Dense(1, activation="sigmoid") with binary_crossentropy, or Dense(2, '
        'activation="softmax") with sparse_categorical_crossentropy.',
    )
    seen = f"The {activation.value} is taken over a single output, so that it always gives 1."
    return found(seen, change, activation, shape)


def bounded_output(case: Case) -> Found | None:
    """Look for a hidden layer's activation behind the last layer.

    What it looks for:
        ReLU, tanh or another activation that cuts off or bounds, before a loss on logits.

    Why it matters:
        Logits may be any number. A ReLU takes the negative ones away and their gradient with
        them, so that a class can die; a tanh keeps the model from ever being sure.

    Finds:
        ``Linear(16, 3), ReLU()`` with ``CrossEntropyLoss``.

    Leaves alone:
        The same activations between layers.

    Does not detect:
        A ``clamp`` that nobody could follow.

    Source:
        Rule table R06.
    """
    loss, model = case.evidence.loss, case.evidence.model
    if DesignFault.BOUNDED not in case.verdict.faults:
        return None
    outside = case.design.inside == LINEAR
    activation = loss.outside_activation if outside else model.output_activation
    name = loss.name.value or "the loss"
    seen = f"The last layer is followed by {activation.value}, but {name} wants unbounded logits."
    if loss.expects.value != "logits":
        seen = f"The last layer is followed by {activation.value} before its {case.design.outside}."
    change = f"Take the {activation.value} away behind the last layer; keep it between the layers."
    return found(seen, change, activation, loss.expects)


def log_softmax_before_cross_entropy(case: Case) -> Found | None:
    """Look for a log-softmax before a cross-entropy that applies one itself.

    What it looks for:
        Log-probabilities in a cross-entropy over classes that takes logits.

    Why it matters:
        Nothing is wrong: the log-softmax of a log-softmax is itself. It only costs time and
        misleads the reader.

    Finds:
        ``LogSoftmax(dim=1)`` with ``CrossEntropyLoss``.

    Leaves alone:
        ``LogSoftmax`` with ``NLLLoss``.

    Does not detect:
        Nothing else.

    Source:
        Rule table R03.
    """
    loss = case.evidence.loss
    if DesignFault.REDUNDANT not in case.verdict.faults:
        return None
    seen = f"{loss.name.value or 'The loss'} got log-probabilities and applies a log-softmax again."
    change = "Leave the log-softmax out, or train with NLLLoss; both give the same model."
    return found(seen, change, loss.receives, loss.expects)


RULES: Final = (
    Rule(
        id="softmax-before-loss",
        row="R01",
        severity=Severity.ERROR,
        title="Softmax before a loss that applies it itself",
        find=softmax_before_loss,
        needs=NEEDS,
        explains=SYMPTOMS,
    ),
    Rule(
        id="sigmoid-before-loss",
        row="R02",
        severity=Severity.ERROR,
        title="Sigmoid before a loss that applies it itself",
        find=sigmoid_before_loss,
        needs=NEEDS,
        explains=SYMPTOMS,
    ),
    Rule(
        id="scores-not-probabilities",
        row="R04",
        severity=Severity.ERROR,
        title="Raw outputs in a loss that wants probabilities",
        find=scores_not_probabilities,
        needs=("loss.receives", "loss.expects", "loss.family"),
        explains=(*SYMPTOMS, "never-trained", "no-backward"),
    ),
    Rule(
        id="softmax-over-one-unit",
        row="R05",
        severity=Severity.ERROR,
        title="Softmax over a single output",
        find=softmax_over_one_unit,
        needs=("model.output_activation", "loss.outside_activation", "model.output_shape"),
        explains=(
            *SYMPTOMS,
            "softmax-before-loss",
            "wrong-loss-family",
            "label-encoding",
            "output-count",
            "forward-ignores-input",
        ),
    ),
    Rule(
        id="bounded-output",
        row="R06",
        severity=Severity.WARNING,
        title="An activation cuts the outputs off",
        find=bounded_output,
        needs=NEEDS,
        explains=SYMPTOMS,
    ),
    Rule(
        id="log-softmax-before-cross-entropy",
        row="R03",
        severity=Severity.NOTE,
        title="Log-softmax twice, which is harmless",
        find=log_softmax_before_cross_entropy,
        needs=("loss.receives", "loss.expects", "loss.family"),
    ),
)
