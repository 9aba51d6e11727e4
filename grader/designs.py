"""The canonical table of designs: output, activation, loss and labels that belong together.

A design has several ways to be written that compute the same thing: logits and a loss that applies
the sigmoid or softmax itself, or the activation first and a loss on probabilities. Every way of a
design is right; :func:`judge` says which one a model uses, which others are the same, and what is
wrong where it is none of them.

Source:
    The losses of PyTorch 2.13 and Keras 3.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from grader.evidence import Evidence, LossFamily, ScoreKind, TargetEncoding, Task

LINEAR: Final = "linear"
FOR_EACH_OUTPUT: Final = frozenset({"sigmoid", "logsigmoid"})
"""Turn each output into a probability, or its logarithm, of its own."""
ACROSS_OUTPUTS: Final = frozenset({"softmax", "logsoftmax"})
"""Share one probability among the outputs."""
RECOGNISED: Final = FOR_EACH_OUTPUT | ACROSS_OUTPUTS | {LINEAR}
NO_SCORES: Final = frozenset(
    {
        *("relu", "relu6", "leakyrelu", "prelu", "elu", "selu", "celu", "gelu", "silu", "swish"),
        *("mish", "hardswish", "hardtanh", "tanh", "softplus", "softsign", "exponential", "exp"),
        *("argmax", "round", "sign", "step", "threshold"),
    }
)
"""Leave neither logits nor probabilities behind."""

BINARY: Final = LossFamily.BINARY_CROSS_ENTROPY
CATEGORICAL: Final = LossFamily.CATEGORICAL_CROSS_ENTROPY
LIKELIHOOD: Final = LossFamily.NEGATIVE_LOG_LIKELIHOOD
OVER_CLASSES: Final = (CATEGORICAL, LIKELIHOOD)
CROSS_ENTROPIES: Final = (BINARY, *OVER_CLASSES)
REGRESSION: Final = (LossFamily.MEAN_SQUARED_ERROR, LossFamily.MEAN_ABSOLUTE_ERROR)
REGRESSION_NAMES: Final = frozenset({"huber", "huberloss", "smoothl1loss", "logcosh"})
"""Losses for numbers that belong to no family of their own."""
ONE_PER_OUTPUT: Final = (TargetEncoding.ONE_HOT, TargetEncoding.MULTI_HOT)
ONE_PER_ROW: Final = (TargetEncoding.CLASS_INDEX, TargetEncoding.BINARY)

_SPELLINGS_OF_NOTHING: Final = frozenset({"", "none", "identity", "linear"})


def canonical(name: str) -> str:
    """Spell a name so that both frameworks agree: ``LeakyReLU`` and ``leaky_relu`` are one.

    Args:
        name: Of an activation, a loss or an optimizer.
    """
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return LINEAR if letters in _SPELLINGS_OF_NOTHING else letters


class DesignFault(StrEnum):
    """What is wrong with a design; the value is the id of the diagnosis."""

    SOFTMAX_TWICE = "softmax-before-loss"
    SIGMOID_TWICE = "sigmoid-before-loss"
    NO_PROBABILITIES = "scores-not-probabilities"
    CONSTANT_SOFTMAX = "softmax-over-one-unit"
    BOUNDED = "bounded-output"
    REGRESSION_LOSS = "regression-loss"
    WRONG_FAMILY = "wrong-loss-family"
    BINARY_ON_ONE_HOT = "binary-loss-on-one-hot"
    LABELS = "label-encoding"
    REDUNDANT = "log-softmax-before-cross-entropy"
    """Computes the same as without: no fault, only a remark."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a design.

    Attributes:
        activation: Canonical name of what stands between the last layer and the loss.
        family: Of the loss.
        expects: What the loss wants.
        pytorch: How it reads there; empty where PyTorch has no such loss.
        keras: Likewise.
    """

    activation: str
    family: LossFamily
    expects: ScoreKind
    pytorch: str = ""
    keras: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """Output and loss that belong together, in every way that computes the same.

    Attributes:
        name: In a few words.
        tasks: What it solves.
        minimum: Least number of outputs.
        maximum: Largest number of outputs; ``None`` for any.
        encodings: How labels may be written; losses narrow this down.
        ways: All the same.
        is_usual: Whether nothing speaks against it.
    """

    name: str
    tasks: tuple[Task, ...]
    minimum: int
    maximum: int | None
    encodings: tuple[TargetEncoding, ...]
    ways: tuple[Way, ...]
    is_usual: bool = True

    def allows(self, outputs: int) -> bool:
        """Whether it can have this many outputs."""
        return self.minimum <= outputs and (self.maximum is None or outputs <= self.maximum)


_LOGITS, _PROBABILITIES, _LOGARITHMS = (
    ScoreKind.LOGITS,
    ScoreKind.PROBABILITIES,
    ScoreKind.LOG_PROBABILITIES,
)
_BINARY_WAYS: Final = (
    Way(
        LINEAR,
        BINARY,
        _LOGITS,
        "no activation, BCEWithLogitsLoss",
        "no activation, BinaryCrossentropy(from_logits=True)",
    ),
    Way("sigmoid", BINARY, _PROBABILITIES, "sigmoid, BCELoss", "sigmoid, binary_crossentropy"),
)
_CLASS_WAYS: Final = (
    Way(
        LINEAR,
        CATEGORICAL,
        _LOGITS,
        "no activation, CrossEntropyLoss",
        "no activation, (Sparse)CategoricalCrossentropy(from_logits=True)",
    ),
    Way(
        "softmax",
        CATEGORICAL,
        _PROBABILITIES,
        "",
        "softmax, (sparse_)categorical_crossentropy",
    ),
    Way("logsoftmax", LIKELIHOOD, _LOGARITHMS, "log-softmax, NLLLoss"),
    # The softmax of logarithms of probabilities is those probabilities: redundant, and the same.
    Way("logsoftmax", CATEGORICAL, _LOGITS, "log-softmax, CrossEntropyLoss"),
)
DESIGNS: Final = (
    Design(
        "one output for two classes",
        (Task.BINARY,),
        1,
        1,
        (TargetEncoding.BINARY, TargetEncoding.CLASS_INDEX),
        _BINARY_WAYS,
    ),
    Design(
        "one output for each class, of which one is right",
        (Task.BINARY, Task.MULTICLASS),
        2,
        None,
        (*ONE_PER_ROW, TargetEncoding.ONE_HOT, TargetEncoding.OTHER),
        _CLASS_WAYS,
    ),
    Design(
        "one output for each label, any number of which are right",
        (Task.MULTILABEL,),
        1,
        None,
        ONE_PER_OUTPUT,
        _BINARY_WAYS,
    ),
    Design(
        "one class against the rest, for each class",
        (Task.BINARY, Task.MULTICLASS),
        2,
        None,
        (TargetEncoding.ONE_HOT,),
        (*_BINARY_WAYS, Way("softmax", BINARY, _PROBABILITIES, "softmax, BCELoss")),
        is_usual=False,
    ),
)


@dataclass(frozen=True, slots=True)
class DesignFacts:
    """What a design is judged by; ``None`` where it is not known.

    Attributes:
        inside: Canonical activation at the end of the model.
        outside: Canonical activation that the training code applies after it.
        receives: Kind of score that reached the loss.
        expects: Kind of score that the loss wants.
        family: What the loss computes.
        loss_name: As it was written; empty if by hand.
        encoding: How the labels were written.
        outputs: Numbers per row that reached the loss.
        columns: Labels per row; 1 for ``(N,)`` and ``(N, 1)``.
        softmax_axis: Axis of a softmax inside the model, counted from the end.
        task: Kind of classification.
    """

    inside: str | None = None
    outside: str | None = None
    receives: ScoreKind | None = None
    expects: ScoreKind | None = None
    family: LossFamily | None = None
    loss_name: str = ""
    encoding: TargetEncoding | None = None
    outputs: int | None = None
    columns: int | None = None
    softmax_axis: int | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a design is.

    Attributes:
        design: The design that it follows; ``None`` where it follows none, or too little is known.
        way: The way in which it is written.
        equivalents: Other ways that compute the same.
        faults: What is wrong or worth a remark.
    """

    design: Design | None
    way: Way | None
    equivalents: tuple[Way, ...]
    faults: tuple[DesignFault, ...]


def design_facts(evidence: Evidence, task: Task | None) -> DesignFacts:
    """Gather what a design is judged by.

    Args:
        evidence: Uses ``model`` and ``loss``.
        task: ``None`` where no exercise says.
    """
    model, loss = evidence.model, evidence.loss
    inside, outside = model.output_activation.value, loss.outside_activation.value
    shape = loss.input_shape.value if loss.input_shape.is_known else model.output_shape.value
    axes = [
        step.axis
        for step in model.operations.value or ()
        if canonical(step.activation or "") in ACROSS_OUTPUTS
    ]
    return DesignFacts(
        inside=None if inside is None else canonical(inside),
        outside=None if outside is None else canonical(outside),
        receives=loss.receives.value,
        expects=loss.expects.value,
        family=loss.family.value,
        loss_name=_written(loss.name.value or ""),
        encoding=loss.target_encoding.value,
        outputs=_per_row(shape),
        columns=_per_row(loss.target_shape.value),
        softmax_axis=axes[-1] if axes else None,
        task=task,
    )


def judge(facts: DesignFacts) -> Verdict:
    """Say which design this is, which others are the same, and what is wrong with it.

    Args:
        facts: What is known; what is not known finds no fault.
    """
    faults = [
        fault
        for fault in (
            constant_fault(facts),
            pairing_fault(facts),
            family_fault(facts),
            encoding_fault(facts),
        )
        if fault is not None
    ]
    for design in DESIGNS:
        way = _way_of(design, facts)
        if way is not None:
            others = tuple(other for other in design.ways if other is not way)
            return Verdict(design, way, others, tuple(faults))
    return Verdict(None, None, (), tuple(faults))


def constant_fault(facts: DesignFacts) -> DesignFault | None:
    """A softmax over a single output, which always is 1."""
    across = facts.inside in ACROSS_OUTPUTS and facts.softmax_axis in (None, -1)
    if facts.outputs == 1 and (across or facts.outside in ACROSS_OUTPUTS):
        return DesignFault.CONSTANT_SOFTMAX
    return None


def pairing_fault(facts: DesignFacts) -> DesignFault | None:
    """What reaches the loss is not what it wants; ``None`` if it is, or is not known."""
    if facts.family not in CROSS_ENTROPIES or facts.receives is None or facts.expects is None:
        return None
    if facts.expects is facts.receives is ScoreKind.LOGITS:
        return None
    if facts.expects is ScoreKind.LOGITS:
        return _before_a_loss_on_logits(_last_activation(facts), facts.receives, facts.family)
    twice = _applied_twice(facts)
    if twice is not None:
        return twice
    if facts.receives in (facts.expects, ScoreKind.LABELS):
        return None
    return DesignFault.NO_PROBABILITIES


def family_fault(facts: DesignFacts) -> DesignFault | None:
    """The loss is one for another kind of output or label; ``None`` if not, or not known."""
    family, name = facts.family, canonical(facts.loss_name)
    if family in REGRESSION or (family is LossFamily.OTHER and name in REGRESSION_NAMES):
        return DesignFault.REGRESSION_LOSS
    several = facts.encoding is TargetEncoding.MULTI_HOT
    if family in OVER_CLASSES:
        return DesignFault.WRONG_FAMILY if facts.outputs == 1 or several else None
    if family is not BINARY:
        return None
    if several and ACROSS_OUTPUTS & {facts.inside, facts.outside}:
        return DesignFault.WRONG_FAMILY
    one_hot = facts.encoding is TargetEncoding.ONE_HOT and facts.task is not Task.MULTILABEL
    if one_hot and facts.outputs is not None and facts.outputs > 2:
        return DesignFault.BINARY_ON_ONE_HOT
    return None


def encoding_fault(facts: DesignFacts) -> DesignFault | None:
    """The labels are written for another loss; ``None`` if not, or not known."""
    encoding, outputs = facts.encoding, facts.outputs
    if encoding is None or outputs is None or not facts.loss_name:
        return None  # a formula may take labels of any form: -1 and 1, say
    if facts.family is BINARY:
        is_index = encoding is TargetEncoding.CLASS_INDEX
        other_than_0_1 = outputs == 1 and is_index
        too_wide = outputs == 1 and encoding in ONE_PER_OUTPUT and facts.columns != 1
        too_narrow = outputs > 1 and encoding in ONE_PER_ROW and facts.columns == 1
        return DesignFault.LABELS if other_than_0_1 or too_wide or too_narrow else None
    if outputs == 1 or facts.family not in OVER_CLASSES:
        return None
    misfit = (wants_table(facts.loss_name) and encoding in ONE_PER_ROW) or (
        wants_index(facts.loss_name, facts.family) and encoding in ONE_PER_OUTPUT
    )
    return DesignFault.LABELS if misfit else None


def wants_table(loss_name: str) -> bool:
    """Whether a loss takes one column for each class, and no class numbers."""
    name = canonical(loss_name)
    return "categorical" in name and "sparse" not in name


def wants_index(loss_name: str, family: LossFamily | None) -> bool:
    """Whether a loss takes class numbers, and no table."""
    return "sparse" in canonical(loss_name) or family is LIKELIHOOD


def is_redundant(family: LossFamily | None, receives: ScoreKind, expects: ScoreKind) -> bool:
    """Whether log-probabilities reach a softmax of their own, which changes nothing.

    A sigmoid of a log-sigmoid does change something.
    """
    pair = (receives, expects)
    return family is CATEGORICAL and pair == (ScoreKind.LOG_PROBABILITIES, ScoreKind.LOGITS)


def _before_a_loss_on_logits(
    last: str | None, receives: ScoreKind, family: LossFamily
) -> DesignFault | None:
    if is_redundant(family, receives, ScoreKind.LOGITS):
        return DesignFault.REDUNDANT
    if last in ACROSS_OUTPUTS:
        return DesignFault.SOFTMAX_TWICE
    if last is not None and last.endswith("sigmoid"):
        return DesignFault.SIGMOID_TWICE
    if receives is ScoreKind.VALUES and last in NO_SCORES:
        return DesignFault.BOUNDED
    return None


def _applied_twice(facts: DesignFacts) -> DesignFault | None:
    """An activation in the model under the one that the loss needs: sigmoid of a sigmoid."""
    outside, inside = facts.outside, facts.inside
    needed = {
        (BINARY, ScoreKind.PROBABILITIES): "sigmoid",
        (CATEGORICAL, ScoreKind.PROBABILITIES): "softmax",
        (LIKELIHOOD, ScoreKind.LOG_PROBABILITIES): "logsoftmax",
    }
    if facts.family is None or facts.expects is None:
        return None
    if outside is None or needed.get((facts.family, facts.expects)) != outside:
        return None
    if inside == "softmax":
        return DesignFault.SOFTMAX_TWICE
    if inside == "sigmoid":
        return DesignFault.SIGMOID_TWICE
    return DesignFault.BOUNDED if inside in NO_SCORES else None


def _last_activation(facts: DesignFacts) -> str | None:
    """The last activation before the loss; ``None`` if that is not known."""
    if facts.outside is None:
        return facts.inside if facts.inside != LINEAR else None
    return facts.outside if facts.outside != LINEAR else facts.inside


def _way_of(design: Design, facts: DesignFacts) -> Way | None:
    if facts.outputs is None or not design.allows(facts.outputs):
        return None
    if facts.task is not None and facts.task not in design.tasks:
        return None
    if facts.encoding is not None and facts.encoding not in design.encodings:
        return None
    if LINEAR not in (facts.inside, facts.outside):
        return None
    for way in design.ways:
        asked = (way.activation, way.family, way.expects)
        if asked == (_last_activation(facts), facts.family, facts.expects):
            return way
    return None


def _written(name: str) -> str:
    """The name of a loss; empty for a formula."""
    return "" if name == "written by hand" else name


def _per_row(shape: tuple[int | None, ...] | None) -> int | None:
    """Numbers per row: 1 for ``(None,)``, C for ``(None, C)``, unknown for more dimensions."""
    if shape is None or len(shape) > 2 or not shape:
        return None
    return 1 if len(shape) == 1 else shape[1]
