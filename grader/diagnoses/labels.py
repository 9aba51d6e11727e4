"""Labels of another form than the loss takes, and labels decided wrongly."""

from __future__ import annotations

import re
from typing import Final

from grader.designs import DesignFault
from grader.diagnoses.base import Case, Found, Rule, Severity, found, quoted, raised, say
from grader.diagnoses.pairing import SYMPTOMS
from grader.evidence import CellError, Framework, LossFamily

_ELEMENTWISE: Final = (
    LossFamily.BINARY_CROSS_ENTROPY,
    LossFamily.MEAN_SQUARED_ERROR,
    LossFamily.MEAN_ABSOLUTE_ERROR,
)
_SIZES: Final = re.compile(r"torch\.Size\(\[([\d, ]*)\]\)")
BY_HAND: Final = "written by hand"
_MESSAGES: Final = (
    # PyTorch 2.13, then Keras 3.15; every part must occur.
    ("expected scalar type long but found float",),
    ("expected target dtype to be long",),
    ("expected floating point type for target with class probabilities",),
    ("multi-target not supported",),
    ("found dtype long but expected float",),
    ("result type float can't be cast to the desired output type long",),
    ("arguments `target` and `output` must have the same",),
    ("argument `output` must have rank",),
    ("sparsesoftmaxcrossentropywithlogits",),
    ("`target` and `output` must have the same",),
)
MOST_AGREEING: Final = 0.9
FEWEST_ROWS: Final = 10
LESS_ACCURATE: Final = 0.1


def label_encoding(case: Case) -> Found | None:
    """Compare the form of the labels with the form that the loss takes.

    What it looks for:
        One-hot labels in a loss for class numbers, class numbers in a loss for one-hot labels or
        for several outputs, labels other than 0 and 1 in a binary cross-entropy; or an error that
        says so.

    Why it matters:
        The loss compares outputs with the wrong thing. Some losses raise, others go on and teach
        the model nonsense, down to negative infinity.

    Finds:
        ``sparse_categorical_crossentropy`` on one-hot labels; labels 1 and 2 with
        ``BCEWithLogitsLoss``; integer labels in ``BCELoss``.

    Leaves alone:
        One-hot labels and class probabilities in ``CrossEntropyLoss``, which takes both; soft
        labels between 0 and 1; formulas, which may take labels of any form.

    Does not detect:
        Labels whose classes were mixed up.

    Source:
        Rule table R10; the signatures in PyTorch 2.13 and Keras 3.15.
    """
    loss, encoding = case.evidence.loss, case.evidence.loss.target_encoding
    name = loss.name.value or "the loss"
    if DesignFault.LABELS in case.verdict.faults:
        seen = f"{name} got labels written as {encoding.value}."
        shape = loss.input_shape if loss.input_shape.is_known else case.evidence.model.output_shape
        return found(seen, _how_to_write(case), encoding, loss.family, shape)
    low, high = loss.lowest_target, loss.highest_target
    is_binary = loss.family.value is LossFamily.BINARY_CROSS_ENTROPY and loss.name.is_known
    is_outside = (low.value or 0.0) < 0 or (high.value or 0.0) > 1
    if is_binary and is_outside and loss.name.value != BY_HAND:
        seen = f"{name} takes labels between 0 and 1 and got some from {low.value:g} to "
        return found(f"{seen}{high.value:g}.", _how_to_write(case), low, high, loss.family)
    error = next((e for parts in _MESSAGES if (e := raised(case, *parts)) is not None), None)
    if error is None:
        error = _sizes_differ(case, is_broadcast=False)
    if error is None:
        return None
    return found(f"The loss refused the labels: {quoted(error)}.", _how_to_write(case))


def _how_to_write(case: Case) -> str:
    if case.design.family is LossFamily.BINARY_CROSS_ENTROPY and case.design.outputs == 1:
        return say(
            case,
            pytorch="Write the labels as 0.0 and 1.0, float32, in the shape of the outputs: "
            "y.float().unsqueeze(1) for outputs of shape (N, 1).",
            keras="Write the labels as 0 and 1, one for each row.",
        )
    return say(
        case,
        pytorch="CrossEntropyLoss and NLLLoss take class numbers, int64 of shape (N,): y.long(). "
        "BCELoss and BCEWithLogitsLoss take 0.0 and 1.0, float32, in the shape of the outputs.",
        keras="sparse_categorical_crossentropy takes class numbers, categorical_crossentropy takes "
        "one-hot rows (keras.utils.to_categorical): choose the one that your labels suit.",
    )


def shape_broadcast(case: Case) -> Found | None:
    """Look for a column of outputs that was compared with a row of labels.

    What it looks for:
        Outputs ``(N, 1)`` and labels ``(N,)``, or the other way round, in a PyTorch loss that
        compares number by number, or in a formula of a Keras loop written by hand.

    Why it matters:
        Both are stretched to N by N: each output is compared with the labels of all rows, so
        that the best the model can do is to say the average. Some losses raise instead.

    Finds:
        ``MSELoss`` or a formula on ``model(X)`` of shape ``(N, 1)`` and ``y`` of shape ``(N,)``.

    Leaves alone:
        The losses of Keras, which bring labels into shape; losses over classes.

    Does not detect:
        A loss whose inputs were not recorded.

    Source:
        Rule table R11; PyTorch 2.13 broadcasting semantics.
    """
    loss = case.evidence.loss
    error = _sizes_differ(case, is_broadcast=True)
    change = say(
        case,
        pytorch="Bring both into one shape: y.unsqueeze(1) makes labels (N, 1), "
        "model(X).squeeze(1) makes outputs (N,).",
        keras="Bring both into one shape: keras.ops.expand_dims(y, 1) makes labels "
        "(N, 1), model(X)[:, 0] makes outputs (N,); or use a loss of Keras, which does it for you.",
    )
    if error is not None:
        return found(f"Outputs and labels differ in shape: {quoted(error)}.", change)
    if not _shapes_are_kept(case) or loss.family.value not in _ELEMENTWISE:
        return None
    shapes = {loss.input_shape.value, loss.target_shape.value}
    if shapes != {(None,), (None, 1)}:
        return None
    outputs = "(N, 1)" if loss.input_shape.value == (None, 1) else "(N,)"
    labels = "(N,)" if outputs == "(N, 1)" else "(N, 1)"
    seen = f"The loss got outputs of shape {outputs} and labels of shape {labels}: it compared "
    seen += "every output with every label, N x N."
    return found(seen, change, loss.input_shape, loss.target_shape, loss.family)


def _shapes_are_kept(case: Case) -> bool:
    """Whether outputs and labels meet as they are; Keras's own losses bring them into one shape."""
    if case.library is not Framework.KERAS:
        return case.library is Framework.PYTORCH
    has_own_loop = case.evidence.training.callbacks.is_unknown
    return has_own_loop and case.evidence.loss.name.value == "written by hand"


def _sizes_differ(case: Case, *, is_broadcast: bool) -> CellError | None:
    """PyTorch's complaint about sizes, if they are those of a column and a row, or if not."""
    error = raised(case, "target size", "same", "input size")
    if error is None:
        error = raised(case, "target size", "different to the input size")
    if error is None:
        return None
    sizes = [[part.strip() for part in size.split(",")] for size in _SIZES.findall(error.message)]
    pair = sorted(sizes[:2], key=len)
    column = len(pair) == 2 and len(pair[0]) == 1 and pair[1] == [pair[0][0], "1"]
    return error if column is is_broadcast else None


def decision_rule(case: Case) -> Found | None:
    """Compare the labels of the student's ``predict`` with those that the outputs mean.

    What it looks for:
        ``predict`` that returns another shape than one label for each row, or labels that differ
        from what the model's outputs say and are worse.

    Why it matters:
        The model may be right; the step from its outputs to labels throws that away.

    Finds:
        ``argmax`` over a single column, which always is 0; ``round`` on logits; ``argmax``
        without an axis.

    Leaves alone:
        A decision threshold of the student's own that changes few labels or makes them better.

    Does not detect:
        Programs without ``predict``.

    Source:
        Rule table R12.
    """
    decided = case.decided
    if decided is None or decided.rows < FEWEST_ROWS:
        return None
    change = say(
        case,
        pytorch="With one output take (torch.sigmoid(logits) > 0.5), with several "
        "logits.argmax(dim=1); one label for each row.",
        keras="With one sigmoid output take (p > 0.5).astype(int).ravel(), with several "
        "p.argmax(axis=1); one label for each row.",
    )
    if decided.refused:
        return found(f"predict returned {decided.refused}.", change)
    if decided.shape[:1] != (decided.rows,):
        seen = f"For {decided.rows} rows predict returned a result of shape {decided.shape}."
        return found(seen, change)
    agreeing = decided.agreeing / decided.rows
    if agreeing >= MOST_AGREEING or decided.decided < 2:
        return None
    ours, theirs = decided.decided_accuracy, decided.given_accuracy
    if ours is None or theirs is None:
        is_worse = decided.given < decided.decided
    else:
        is_worse = ours - theirs > LESS_ACCURATE
    if not is_worse:
        return None
    seen = f"On {decided.rows - decided.agreeing} of {decided.rows} rows predict returned another "
    seen += "label than the model's outputs mean"
    seen += "; it is always the same one." if decided.given == 1 else "."
    return found(seen, change)


RULES: Final = (
    Rule(
        id="label-encoding",
        row="R10",
        severity=Severity.ERROR,
        title="Labels written for another loss",
        find=label_encoding,
        needs=("loss.target_encoding", "loss.family", "model.output_shape"),
        explains=(*SYMPTOMS, "output-count", "shape-broadcast", "never-trained", "no-backward"),
    ),
    Rule(
        id="shape-broadcast",
        row="R11",
        severity=Severity.ERROR,
        title="Outputs and labels of different shape",
        find=shape_broadcast,
        needs=("loss.input_shape", "loss.target_shape", "loss.family"),
        explains=(*SYMPTOMS, "never-trained", "no-backward"),
    ),
    Rule(
        id="decision-rule",
        row="R12",
        severity=Severity.ERROR,
        title="Labels are decided wrongly from good outputs",
        find=decision_rule,
        needs=("decided",),
        explains=("minority-class-missed",),
    ),
)
