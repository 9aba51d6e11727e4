"""Follows the passes of ``fit``: losses, learning rates, callbacks."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from grader.probe.keras_optimizers import learning_rate, schedule_of
from grader.probe.keras_running import Fit
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.wording import class_name

_SELECTING = {"EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau"}
_ADDED_BY_KERAS = {"History", "ProgbarLogger"}
_MAX_NAMES = 100


class PassHooks:
    """Notices the beginning and the end of every pass of ``fit``.

    Args:
        watch: What all hooks share.
    """

    def __init__(self, watch: KerasWatch) -> None:
        self._watch = watch

    def install(self) -> None:
        """Put every wrapper in place."""
        listed = self._watch.keras.callbacks.CallbackList
        self._watch.wrap(listed, "on_epoch_begin", self._epoch_begins)
        self._watch.wrap(listed, "on_epoch_end", self._epoch_ends)
        self._watch.wrap(listed, "on_train_batch_end", self._batch_ends)

    def _epoch_begins(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def on_epoch_begin(listed: Opaque, epoch: Opaque, logs: Opaque = None) -> Opaque:
            result = original(listed, epoch, logs)
            fit = self._watch.position.fit
            if fit is not None and not fit.is_stepwise:
                self._look_at_rate(listed)
            return result

        return on_epoch_begin

    def _batch_ends(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def on_train_batch_end(listed: Opaque, batch: Opaque, logs: Opaque = None) -> Opaque:
            fit = self._watch.position.fit
            if fit is not None:
                fit.batches += 1
                if fit.is_stepwise:
                    self._look_at_rate(listed)
            return original(listed, batch, logs)

        return on_train_batch_end

    def _look_at_rate(self, listed: Opaque) -> None:
        fit = self._watch.position.fit
        if fit is None or getattr(listed, "model", None) is not fit.record.model:
            return
        try:
            optimizer: Opaque = getattr(fit.record.model, "optimizer", None)
            rate = None if schedule_of(optimizer) is not None else learning_rate(optimizer)
            if rate is not None and fit.rates[-1:] != [rate]:
                fit.rates.append(rate)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("while reading a learning rate", error)

    def _epoch_ends(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def on_epoch_end(listed: Opaque, epoch: Opaque, logs: Opaque = None) -> Opaque:
            fit = self._watch.position.fit
            if fit is not None and getattr(listed, "model", None) is fit.record.model:
                if not fit.is_stepwise:
                    self._look_at_rate(listed)
                try:
                    _take_epoch(fit, logs or {})
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("at the end of an epoch", error)
            return original(listed, epoch, logs)

        return on_epoch_end


def _take_epoch(fit: Fit, logs: Opaque) -> None:
    record = fit.record
    fit.epochs += 1
    record.curve_of = "loss per epoch"
    number = record.notes["epochs_seen"] = record.notes.get("epochs_seen", 0) + 1
    if logs.get("loss") is not None:
        loss = float(logs["loss"])
        record.last_loss = loss
        record.odd_losses += not np.isfinite(loss)
        record.curve.add(number, loss)
    if logs.get("val_loss") is not None:
        fit.validations += 1
        record.evaluation_curve.add(number, float(logs["val_loss"]))


def take_callbacks(fit: Fit) -> None:
    """Remember the names of the callbacks that ``fit`` was given."""
    record = fit.record
    names = [class_name(one) for one in _callbacks(fit.given.get("callbacks"))]
    known = record.callbacks or []
    new = [one for one in dict.fromkeys(names) if one not in known]
    record.callbacks = [*known, *new][:_MAX_NAMES]


def _callbacks(given: Opaque) -> list[Opaque]:
    if given is None:
        return []
    listed = getattr(given, "callbacks", None)
    if listed is None:
        listed = list(given) if isinstance(given, (list, tuple)) else [given]
    return [one for one in listed if class_name(one) not in _ADDED_BY_KERAS]


def changes_rates_stepwise(given: Opaque) -> bool:
    """Whether a callback of the student's own does something at each step."""
    hooks = ("on_train_batch_end", "on_batch_end", "on_train_batch_begin", "on_batch_begin")
    for one in _callbacks(given):
        if type(one).__module__.startswith("keras.") and class_name(one) != "LambdaCallback":
            continue
        for hook in hooks:
            found = getattr(one, hook, None)
            if not getattr(getattr(found, "__func__", found), "_is_default", False):
                return True
    return False


def is_selecting(fit: Fit) -> bool:
    """Whether a callback stops training, or keeps weights, by what the validation says."""
    return any(_is_selecting(one) for one in _callbacks(fit.given.get("callbacks")))


def _is_selecting(one: Opaque) -> bool:
    kinds = {kind.__name__ for kind in type(one).__mro__}
    if not kinds & _SELECTING or not str(getattr(one, "monitor", "")).startswith("val_"):
        return False
    return "ModelCheckpoint" not in kinds or bool(getattr(one, "save_best_only", False))
