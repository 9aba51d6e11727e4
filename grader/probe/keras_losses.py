"""What a Keras loss is: from what a model was compiled with, and from calls in training code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from grader.evidence import ScoreKind
from grader.probe.keras_watch import KerasWatch
from grader.probe.losses import KERAS, KERAS_CLASSES, TENSORFLOW, LossKind
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array, LossUse
from grader.probe.wording import class_name, printable

_WRAPPER = "LossFunctionWrapper"
OWN_STEP = "the model's class has a training step of its own"


@dataclass(frozen=True, slots=True, eq=False)
class LossCall:
    """One call of a loss in training code.

    Attributes:
        name: As the student wrote it.
        kind: What it computes; ``None`` for a loss of the student's own class.
        labels: What it was given as labels.
        scores: What it was given as scores.
        result: What it returned; ``None`` if it raised.
        weights: What it was given as weights of the rows.
        weights_classes: Whether it was told to weigh classes.
    """

    name: str
    kind: LossKind | None
    labels: Opaque
    scores: Opaque
    result: Opaque
    weights: Opaque = None
    weights_classes: bool = False


def declares_logits(loss: Opaque) -> bool:
    """Whether a loss object was made with ``from_logits=True``; functions default to false."""
    get_config = getattr(loss, "get_config", None)
    return bool(get_config is not None and get_config().get("from_logits", False))


def shape_of(data: Opaque) -> tuple[int | None, ...] | None:
    """Shape of labels or scores, ``None`` for the number of samples."""
    shape = getattr(data, "shape", None)
    if shape is None:
        shape = np.shape(data)
    try:
        sizes = [None if size is None else int(size) for size in shape]
    except (TypeError, ValueError):  # a tensor of unknown rank
        return None
    return (None, *sizes[1:]) if sizes else ()


def dtype_of(data: Opaque) -> str | None:
    """NumPy name of the type of labels."""
    dtype = getattr(data, "dtype", None)
    if dtype is None:
        dtype = np.asarray(data).dtype
    return str(getattr(dtype, "name", dtype))


def loss_use(keras: Opaque, model: Opaque, labels: Opaque) -> LossUse:
    """How a compiled model's loss is used by ``fit``.

    Args:
        keras: The imported package.
        model: The model.
        labels: What was given as labels, or anything with their shape and type; ``None`` where
            they are not known.
    """
    if has_own_step(keras, model):
        return LossUse(name="", problem=OWN_STEP)
    use = LossUse(
        name="",
        outside=(),
        target_shape=None if labels is None else shape_of(labels),
        target_dtype=None if labels is None else dtype_of(labels),
    )
    loss = _single(model.loss)
    if isinstance(loss, (list, tuple, dict)):
        return LossUse(name="", problem="the model has several losses")
    name, function = _names(keras, loss)
    kind = KERAS.get(function)
    if not name or kind is None:
        problem = "what the loss computes is not known: it is not one of Keras's own"
        return replace(use, name=name, problem=problem)
    if kind.expects is ScoreKind.PROBABILITIES and declares_logits(_resolved(keras, loss)):
        kind = replace(kind, expects=ScoreKind.LOGITS)
    return replace(use, name=name, family=kind.family, expects=kind.expects)


def name_as_compiled(keras: Opaque, model: Opaque, name: str) -> str:
    """What the student calls a loss of Keras's own: ``bce`` for ``binary_crossentropy``."""
    written, function = _names(keras, _single(getattr(model, "loss", None)))
    return written if function and function == name else name


def kind_of(keras: Opaque, model: Opaque) -> LossKind | None:
    """What the loss of a compiled model computes; ``None`` if it is not Keras's own."""
    return KERAS.get(_names(keras, _single(getattr(model, "loss", None)))[1])


def has_own_step(keras: Opaque, model: Opaque) -> bool:
    """Whether the model's class computes its training step, or its loss, itself."""
    own = ("train_step", "compute_loss", "_compute_loss")
    return any(
        getattr(type(model), name, None) is not getattr(keras.Model, name, None) for name in own
    )


def _resolved(keras: Opaque, loss: Opaque) -> Opaque:
    return keras.losses.get(loss) if isinstance(loss, str) else loss


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
        if name == _WRAPPER and hasattr(loss, "fn"):
            return _names(keras, loss.fn)
        is_own = getattr(keras.losses, name, None) is type(loss)
        return name, KERAS_CLASSES.get(name, "") if is_own else ""
    name = getattr(loss, "__name__", "")
    if not isinstance(name, str):
        return "", ""
    public = getattr(keras.losses, name, None)
    is_own = public is not None and loss in {public, getattr(public, "__wrapped__", public)}
    return printable(name), name if is_own else ""


class LossHooks:
    """Notices every call of a loss of Keras or TensorFlow in training code.

    Args:
        watch: What all hooks share.
        notice: Called with each call.
    """

    def __init__(self, watch: KerasWatch, notice: Callable[[LossCall], None]) -> None:
        self._watch = watch
        self._notice = notice
        self._known: dict[type, tuple[str, str]] = {}

    def install(self, tensorflow: ModuleType) -> None:
        """Put the wrappers in place."""
        import keras._tf_keras.keras.losses as tf_losses
        import keras._tf_keras.keras.metrics as tf_metrics
        from keras.src import api_export, losses

        keras = self._watch.keras
        modules = [keras.losses, keras.metrics, tf_losses, tf_metrics, losses, losses.losses]
        for name, kind in KERAS.items():
            original = getattr(keras.losses, name)
            ours = self._function(name, kind, original, labels="y_true", scores="y_pred")
            self._watch.replace(original, ours, modules)
            # Compiled functions are saved by the name that they are registered under.
            registered = api_export.REGISTERED_OBJS_TO_NAMES
            if original in registered:
                registered[ours] = registered[original]
        for name, kind in TENSORFLOW.items():
            original = getattr(tensorflow.nn, name)
            ours = self._function(name, kind, original, labels="labels", scores="logits")
            self._watch.replace(original, ours, [tensorflow.nn])
        self._watch.wrap(keras.losses.Loss, "__call__", self._object)

    def _function(
        self,
        name: str,
        kind: LossKind,
        original: Callable[..., Opaque],
        *,
        labels: str,
        scores: str,
    ) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def loss(*args: Opaque, **kwargs: Opaque) -> Opaque:
            position = self._watch.position
            if position.in_loss or position.in_call or not self._watch.is_on:
                return original(*args, **kwargs)
            position.in_loss = True
            result = None
            try:
                result = original(*args, **kwargs)
            finally:
                position.in_loss = False
                self._take(
                    lambda: _function_call(name, kind, args, kwargs, result, (labels, scores))
                )
            return result

        return loss

    def _object(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def __call__(loss: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            position = self._watch.position
            if position.in_loss or position.in_call or not self._watch.is_on:
                return original(loss, *args, **kwargs)
            name, function = self._named(loss)
            position.in_loss = bool(function)
            result = None
            try:
                result = original(loss, *args, **kwargs)
            finally:
                position.in_loss = False
                self._take(lambda: _object_call(loss, name, function, args, kwargs, result))
            return result

        return __call__

    def _named(self, loss: Opaque) -> tuple[str, str]:
        kind = type(loss)
        if class_name(loss) == _WRAPPER:
            return _names(self._watch.keras, loss)
        if kind not in self._known:
            self._known[kind] = _names(self._watch.keras, loss)
        return self._known[kind]

    def _take(self, made: Callable[[], LossCall]) -> None:
        try:
            self._notice(made())
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("after a loss", error)


def _function_call(
    name: str,
    kind: LossKind,
    args: tuple[Opaque, ...],
    kwargs: dict[str, Opaque],
    result: Opaque,
    names: tuple[str, str],
) -> LossCall:
    given = dict(zip(names, args, strict=False)) | kwargs
    is_on_logits = given.get("from_logits") or (len(args) > 2 and args[2] is True)
    if is_on_logits and kind.expects is ScoreKind.PROBABILITIES:
        kind = replace(kind, expects=ScoreKind.LOGITS)
    labels, scores = (given.get(one) for one in names)
    weighs = name.startswith("weighted") or bool(given.get("apply_class_balancing"))
    return LossCall(name, kind, labels, scores, result, weights_classes=weighs)


def _object_call(
    loss: Opaque,
    name: str,
    function: str,
    args: tuple[Opaque, ...],
    kwargs: dict[str, Opaque],
    result: Opaque,
) -> LossCall:
    given = dict(zip(("y_true", "y_pred", "sample_weight"), args, strict=False)) | kwargs
    kind = KERAS.get(function)
    if kind is not None and kind.expects is ScoreKind.PROBABILITIES and _is_on_logits(loss):
        kind = replace(kind, expects=ScoreKind.LOGITS)
    return LossCall(
        name=name,
        kind=kind,
        labels=given.get("y_true"),
        scores=given.get("y_pred"),
        result=result,
        weights=given.get("sample_weight"),
        weights_classes=bool(getattr(loss, "apply_class_balancing", False)),
    )


def _is_on_logits(loss: Opaque) -> bool:
    declared = getattr(loss, "from_logits", None)
    return declares_logits(loss) if declared is None else bool(declared)


def weights_classes(labels: Array | None, weights: Opaque) -> bool | None:
    """Whether weights of rows are weights of classes: equal for equal labels, and not all equal.

    Args:
        labels: Of the rows; ``None`` where they are not known.
        weights: Of the rows; ``None`` where there are none.
    """
    if weights is None:
        return False
    values = np.asarray(weights).reshape(-1)
    if len(values) and np.all(values == values[0]):
        return False
    if labels is None or len(labels) != len(values):
        return None
    flat = labels.reshape(len(labels), -1)
    kinds, which = np.unique(flat, axis=0, return_inverse=True)
    which = which.reshape(-1)
    each = [np.unique(values[which == kind]) for kind in range(min(len(kinds), 1000))]
    return True if all(len(one) == 1 for one in each) else None
