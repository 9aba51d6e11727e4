"""Resolves the loss that a Keras model was compiled with: string, object or function."""

from __future__ import annotations

from dataclasses import replace

from grader.evidence import ScoreKind
from grader.probe.losses import KERAS, KERAS_CLASSES, LossKind
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array, LossUse
from grader.probe.wording import class_name, printable

OWN_LOOP = "the training loop was written by hand, and the loss in it was not recorded"


def declares_logits(loss: Opaque) -> bool:
    """Whether a loss object was made with ``from_logits=True``; functions default to false."""
    get_config = getattr(loss, "get_config", None)
    return bool(get_config is not None and get_config().get("from_logits", False))


def loss_use(keras: Opaque, model: Opaque, labels: Array | None) -> LossUse:
    """How a compiled model's loss is used by ``fit``.

    Args:
        keras: The imported package.
        model: The model; ``None`` for a training loop that does without ``fit``.
        labels: What was given as labels, where that is an array.
    """
    if model is None:
        return LossUse(name="", problem=OWN_LOOP)
    if _has_own_step(keras, model):
        return LossUse(name="", problem="the model's class has a training step of its own")
    loss = _single(model.loss)
    name, function = _names(keras, loss)
    kind = KERAS.get(function)
    if not name or kind is None:
        shown = f" ({name})" if name else ""
        return LossUse(name="", problem=f"the loss{shown} is not one of Keras's own")
    if kind.expects is ScoreKind.PROBABILITIES and declares_logits(loss):
        kind = replace(kind, expects=ScoreKind.LOGITS)
    shape = None if labels is None else (None, *(int(size) for size in labels.shape[1:]))
    return LossUse(
        name=name,
        family=kind.family,
        expects=kind.expects,
        outside=(),
        target_shape=shape,
        target_dtype=None if labels is None else labels.dtype.name,
    )


def kind_of(keras: Opaque, model: Opaque) -> LossKind | None:
    """What the loss of a compiled model computes; ``None`` if it is not Keras's own."""
    return KERAS.get(_names(keras, _single(getattr(model, "loss", None)))[1])


def _single(loss: Opaque) -> Opaque:
    if isinstance(loss, dict) and "class_name" not in loss and len(loss) == 1:
        return next(iter(loss.values()))
    if isinstance(loss, (list, tuple)) and len(loss) == 1:
        return loss[0]
    return loss


def _names(keras: Opaque, loss: Opaque) -> tuple[str, str]:
    """Name as the student wrote it, and of Keras's own function behind it (empty if none)."""
    if isinstance(loss, str):
        resolved = keras.losses.get(loss)
        return printable(loss), _names(keras, resolved)[1]
    if isinstance(loss, keras.losses.Loss):
        name = class_name(loss)
        is_own = getattr(keras.losses, name, None) is type(loss)
        return name, KERAS_CLASSES.get(name, "") if is_own else ""
    name = getattr(loss, "__name__", "")
    if not isinstance(name, str):
        return "", ""
    is_own = getattr(keras.losses, name, None) is loss
    return printable(name), name if is_own else ""


def _has_own_step(keras: Opaque, model: Opaque) -> bool:
    own = ("train_step", "compute_loss", "_compute_loss")
    return any(
        getattr(type(model), name, None) is not getattr(keras.Model, name, None) for name in own
    )
