"""Does the loss take what the model emits?"""

from __future__ import annotations

from typing import Final

from grader.checks.activations import is_linear
from grader.checks.base import (
    Check,
    Finding,
    NoParams,
    Outcome,
    undetermined,
    weakest,
    without_value,
)
from grader.designs import is_redundant
from grader.evidence import Evidence, ScoreKind

_REMEDIES: Final = {
    (ScoreKind.PROBABILITIES, ScoreKind.LOGITS): (
        "Take the sigmoid or softmax away from the output: this loss applies it itself."
    ),
    (ScoreKind.LOGITS, ScoreKind.PROBABILITIES): (
        "Apply a sigmoid (one output) or softmax (several), or take the loss that works on logits."
    ),
    (ScoreKind.LOGITS, ScoreKind.LOG_PROBABILITIES): (
        "Apply a log-softmax, or take the cross-entropy that works on logits."
    ),
    (ScoreKind.PROBABILITIES, ScoreKind.LOG_PROBABILITIES): (
        "Apply a log-softmax instead of a softmax."
    ),
}


def loss_matches_output(evidence: Evidence, params: NoParams) -> Finding:
    """Compare the kind of score that reaches the loss with the kind it expects.

    What it checks:
        Both sides speak logits, or both probabilities, or both log-probabilities, counting an
        activation that the training code applies between model and loss.

    Why it matters:
        Softmax before ``CrossEntropyLoss`` trains without an error, only badly;
        the loss curve is the one symptom the student gets.

    Passes:
        ``Linear(8, 1)`` with ``BCEWithLogitsLoss()``; ``torch.sigmoid(model(x))`` with
        ``BCELoss()``; ``LogSoftmax`` before ``CrossEntropyLoss``, which is redundant and harmless.

    Fails:
        ``Linear(8, 10), Softmax(dim=1)`` with ``CrossEntropyLoss()``; ``Dense(1)`` with
        ``binary_crossentropy``; softmax with ``from_logits=True``, even where Keras repairs it.

    Does not detect:
        Whether the loss suits the task (``loss``) or the activation the number of outputs
        (``output-activation``): a ReLU before a loss on logits is left to the latter.

    Args:
        evidence: Uses ``loss.expects``, ``loss.receives``, ``loss.family`` and
            ``loss.outside_activation``.
        params: None.

    Returns:
        Undetermined if either side is unknown. That a model was trained at all is another
        check's question, named in ``requires``.
    """
    loss = evidence.loss
    expected = "a loss that expects what the model emits"
    advice = "Train with a loss that expects what the model emits."
    for fact, what in (
        (loss.receives, "which kind of score the loss receives"),
        (loss.expects, "which kind of score the loss expects"),
    ):
        if not fact.is_known:
            return without_value(fact, what, expected=expected, advice=advice)

    receives, expects = loss.receives.known_value, loss.expects.known_value
    name = loss.name.value or "the loss"
    outside = loss.outside_activation.value
    giver = "the model emits"
    if outside is not None and not is_linear(outside):
        giver = f"after {outside} outside the model, the loss receives"
    seen = f"{giver} {receives}; {name} expects {expects}"
    provenance = weakest(loss.receives, loss.expects)

    fits = receives is expects
    if (receives, expects) == (ScoreKind.LOG_PROBABILITIES, ScoreKind.LOGITS):
        if not loss.family.is_known:
            reason = loss.family.reason or "the loss is not known"
            return undetermined("what the loss computes", reason=reason, expected=expected)
        # log-softmax of a log-softmax changes nothing; sigmoid of a log-sigmoid does.
        fits = is_redundant(loss.family.known_value, receives, expects)
        seen += ", for which they are logits too: redundant, but harmless" if fits else ""
    if (receives, expects) == (ScoreKind.VALUES, ScoreKind.LOGITS):
        fits = True
        seen += ", and takes them as such; that they are cut off is a matter of the activation"
    if fits:
        return Finding(Outcome.PASSED, seen, expected, provenance=provenance)

    if loss.repaired_by_framework:
        seen += " (Keras noticed and repaired it while training; another backend would not)"
    advice = _REMEDIES.get(
        (receives, expects), f"Make the output give {expects}, or choose another loss."
    )
    return Finding(Outcome.FAILED, seen, expected, advice, provenance=provenance)


CHECK = Check(
    id="loss-matches-output",
    title="The loss suits the output layer",
    params=NoParams,
    run=loss_matches_output,
    requires=("was-trained",),
)
