"""Training and evaluation mode, where the two differ, and calls that the API no longer has."""

from __future__ import annotations

from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.evidence import Framework, Mode

_DEPEND_ON_MODE: Final = {"dropout": "dropout", "batch-norm": "batch normalisation"}
FEWEST_ROWS: Final = 10
"""Fewer are a look at a few examples, no evaluation."""
_REMOVED: Final = (
    ("has no attribute 'predict_classes'", "Use predict(...) and take argmax(axis=1) or > 0.5."),
    ("has no attribute 'predict_proba'", "Use predict(...), which gives probabilities."),
    ("has no attribute 'fit_generator'", "Use fit(...), which takes generators as well."),
    ("argument(s) not recognized: {'lr'", "Write learning_rate=... instead of lr=...."),
    ("argument(s) not recognized: {'decay'", "Use a schedule from keras.optimizers.schedules."),
    ("unrecognized keyword arguments passed to", "Begin with keras.Input(shape=...) instead."),
    ("no module named 'keras.wrappers", "Use the package scikeras, or fit the model directly."),
    ("no module named 'keras.utils.np_utils", "Use keras.utils.to_categorical."),
    ("module 'numpy' has no attribute 'float'", "Write float, or np.float64."),
    ("module 'numpy' has no attribute 'int'", "Write int, or np.int64."),
    ("module 'numpy' has no attribute 'bool'", "Write bool, or np.bool_."),
)


def _mode_matters(case: Case) -> str | None:
    """Which parts of the model depend on the mode; empty if none, ``None`` if not known."""
    operations = case.evidence.model.operations
    if not operations.is_known:
        return None
    kinds = {step.kind for step in operations.known_value if step.rate != 0}
    return " and ".join(name for kind, name in _DEPEND_ON_MODE.items() if kind in kinds)


def trained_in_evaluation_mode(case: Case) -> Found | None:
    """Look for training without the model's training mode.

    What it looks for:
        Training calls in evaluation mode, all or some, of a model with dropout or batch
        normalisation.

    Why it matters:
        In evaluation mode dropout drops nothing and batch normalisation uses averages that were
        never learnt: the model trains without what was put in to help it.

    Finds:
        ``model.eval()`` in the first epoch and no ``model.train()`` in the next; a Keras loop that
        calls ``model(x)`` without ``training=True``.

    Leaves alone:
        Models without dropout and batch normalisation, where it makes no difference.

    Does not detect:
        Single layers that were set to another mode.

    Source:
        Rule table R33.
    """
    mode, parts = case.evidence.training.trained_in, _mode_matters(case)
    if mode.value not in (Mode.EVALUATION, Mode.MIXED) or not parts:
        return None
    often = "" if mode.value is Mode.EVALUATION else "in part "
    seen = f"The model has {parts} and was {often}trained in evaluation mode."
    change = say(
        case,
        pytorch="Call model.train() at the start of every epoch, and model.eval() before each "
        "evaluation.",
        keras="Call model(x, training=True) in the training step.",
    )
    return found(seen, change, mode, case.evidence.model.operations)


def evaluated_in_training_mode(case: Case) -> Found | None:
    """Look for an evaluation that left the training mode on.

    What it looks for:
        Every evaluation, on ten rows or more, in training mode, of a model with dropout or batch
        normalisation.

    Why it matters:
        Dropout goes on switching units off at random, and batch normalisation learns from the test
        rows: the score is noisy and too low, and no two runs agree.

    Finds:
        ``model(X_test)`` without ``model.eval()`` before it.

    Leaves alone:
        Models without dropout and batch normalisation; evaluations of which some were right.

    Does not detect:
        A single evaluation among several.

    Source:
        Rule table R34.
    """
    training, parts = case.evidence.training, _mode_matters(case)
    if training.evaluated_in.value is not Mode.TRAINING or not parts:
        return None
    evaluated = training.evaluated_on
    if evaluated.value is not None and evaluated.value.rows < FEWEST_ROWS:
        return None
    seen = f"The model has {parts} and was evaluated in training mode."
    change = say(
        case,
        pytorch="Call model.eval() before you evaluate, and model.train() before you go on.",
        keras="Use predict or evaluate, or call model(x, training=False).",
    )
    return found(seen, change, training.evaluated_in, case.evidence.model.operations)


def evaluation_mode_harmless(case: Case) -> Found | None:
    """Look for training in evaluation mode where it makes no difference.

    What it looks for:
        Training calls in evaluation mode of a model without dropout and batch normalisation.

    Why it matters:
        Nothing is wrong. It will be as soon as dropout or batch normalisation is added.

    Finds:
        ``model.eval()`` in the loop and no ``model.train()``.

    Leaves alone:
        Keras, whose loops by hand call models in evaluation mode unless told otherwise.

    Does not detect:
        Nothing else.

    Source:
        Rule table R33.
    """
    mode, parts = case.evidence.training.trained_in, _mode_matters(case)
    if mode.value not in (Mode.EVALUATION, Mode.MIXED) or parts != "":
        return None
    if case.library is Framework.KERAS:
        return None
    seen = "The model was trained in evaluation mode, which makes no difference to it."
    change = "Call model.train() at the start of every epoch, as a habit."
    return found(seen, change, mode, case.evidence.model.operations)


def evaluated_with_gradients(case: Case) -> Found | None:
    """Look for evaluations that kept a record nobody needs.

    What it looks for:
        Calls of the model outside training that built a graph for gradients.

    Why it matters:
        The result is right; it only takes memory and time.

    Finds:
        ``model(X_test)`` without ``torch.no_grad()``.

    Leaves alone:
        Keras, where graphs are only kept under a tape.

    Does not detect:
        Nothing else.

    Source:
        Rule table R34.
    """
    fact = case.evidence.training.evaluated_with_gradients
    if fact.value is not True or case.library is Framework.KERAS:
        return None
    seen = "The model was evaluated with gradients switched on."
    return found(seen, "Evaluate under `with torch.inference_mode():`.", fact)


def removed_api(case: Case) -> Found | None:
    """Look for calls that today's versions no longer have.

    What it looks for:
        Errors that name a method or an argument which was removed or renamed.

    Why it matters:
        The idea may be right; the call comes from a tutorial for an older version.

    Finds:
        ``predict_classes``; ``Adam(lr=0.01)``; ``np.int``.

    Leaves alone:
        Every other error.

    Does not detect:
        Calls that still work and merely warn.

    Source:
        Rule table R47; the migration guides of Keras 3 and NumPy 2.
    """
    for message, change in _REMOVED:
        error = raised(case, message)
        if error is not None:
            seen = f"The installed version no longer has this: {quoted(error)}."
            return found(seen, change)
    return None


RULES: Final = (
    Rule(
        id="trained-in-evaluation-mode",
        row="R33",
        severity=Severity.ERROR,
        title="Trained in evaluation mode",
        find=trained_in_evaluation_mode,
        needs=("training.trained_in", "model.operations"),
    ),
    Rule(
        id="evaluated-in-training-mode",
        row="R34",
        severity=Severity.WARNING,
        title="Evaluated in training mode",
        find=evaluated_in_training_mode,
        needs=("training.evaluated_in", "model.operations"),
    ),
    Rule(
        id="evaluation-mode-harmless",
        row="R33",
        severity=Severity.NOTE,
        title="Trained in evaluation mode, which is harmless here",
        find=evaluation_mode_harmless,
        needs=("training.trained_in", "model.operations"),
    ),
    Rule(
        id="evaluated-with-gradients",
        row="R34",
        severity=Severity.NOTE,
        title="Evaluated with gradients",
        find=evaluated_with_gradients,
        needs=("training.evaluated_with_gradients",),
    ),
    Rule(
        id="removed-api",
        row="R47",
        severity=Severity.NOTE,
        title="A call that no longer exists",
        find=removed_api,
        needs=("is_trained",),
    ),
)
