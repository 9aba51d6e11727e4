"""Lets a Keras model that was given the weights of a trained one count as trained."""

from __future__ import annotations

import functools
from collections.abc import Callable

from grader.probe.keras_data import digest, weight_bytes
from grader.probe.keras_optimizers import iterations
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord

_MAX_KEPT = 64
_MAX_BYTES = 64 * 2**20
Progress = tuple[int, int, int | None]


class CopyHooks:
    """Notices weights that are kept, and weights that are put back.

    Args:
        watch: What all hooks share.
    """

    def __init__(self, watch: KerasWatch) -> None:
        self._watch = watch

    def install(self) -> None:
        """Put every wrapper in place."""
        import keras._tf_keras.keras.models as tf_models
        import keras._tf_keras.keras.saving as tf_saving

        keras = self._watch.keras
        for name in ("get_weights", "save", "save_weights"):
            self._watch.wrap(keras.Model, name, self._keeping)
        for name in ("set_weights", "load_weights"):
            self._watch.wrap(keras.Model, name, self._putting_back)
        original = keras.models.load_model
        modules = [keras.models, keras.saving, tf_models, tf_saving]
        self._watch.replace(original, self._loading(original), modules)
        original = keras.models.clone_model
        self._watch.replace(original, self._cloning(original), [keras.models, tf_models])

    def _keeping(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def keep(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            record = self._watch.recorder.known(model)
            if record is not None and self._watch.is_on:
                try:
                    self._kept(record)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("while weights were read", error)
            return original(model, *args, **kwargs)

        return keep

    def _kept(self, record: ModelRecord) -> None:
        fit = self._watch.position.fit
        is_training = record.saw_training or (fit is not None and fit.record is record)
        if record.model is None or not is_training or weight_bytes(record.model) > _MAX_BYTES:
            return
        kept = record.notes.setdefault("kept", {})
        kept[digest(record.model)] = _progress(record, fit)
        while len(kept) > _MAX_KEPT:
            kept.pop(next(iter(kept)))

    def _putting_back(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def put_back(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            result = original(model, *args, **kwargs)
            self._inherit(model)
            return result

        return put_back

    def _loading(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def load_model(*args: Opaque, **kwargs: Opaque) -> Opaque:
            model = original(*args, **kwargs)
            self._inherit(model)
            return model

        return load_model

    def _cloning(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def clone_model(*args: Opaque, **kwargs: Opaque) -> Opaque:
            twin = original(*args, **kwargs)
            if self._watch.is_on:
                try:
                    # Gradients of the model may be applied to its clone, which is never called.
                    self._watch.digest_before(self._watch.record_of(twin))
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("after a model was cloned", error)
            return twin

        return clone_model

    def _inherit(self, model: Opaque) -> None:
        """Let a model take over what was recorded of one that had the same weights."""
        is_model = isinstance(model, self._watch.keras.Model)
        if not self._watch.is_on or not is_model or self._watch.position.fit is not None:
            return
        try:
            record = self._watch.recorder.known(model)
            if record is not None and record.saw_training:
                return
            origin = self._origin(model)
            if origin is not None:
                self._watch.recorder.copied(origin[0].model, model)
                twin = self._watch.recorder.records[id(model)]
                _put_back_to(twin, origin[0], origin[1])
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("while weights were put back", error)

    def _origin(self, model: Opaque) -> tuple[ModelRecord, Progress] | None:
        if not model.trainable_variables or weight_bytes(model) > _MAX_BYTES:
            return None
        weights = digest(model)
        trained = [one for one in self._watch.records() if one.saw_training]
        for record in reversed(trained):
            kept = record.notes.get("kept", {})
            if weights in kept and weights != record.before:
                return record, kept[weights]
        for record in reversed(trained):
            if digest(record.model) == weights and weights != record.before:
                return record, _progress(record, None)
        return None


def _progress(record: ModelRecord, fit: Opaque) -> Progress:
    """How far a model has been trained."""
    if fit is None or fit.record is not record:
        return record.steps, record.gradients, record.epochs
    optimizer = getattr(record.model, "optimizer", None)
    done = max(0, (iterations(optimizer) or 0) - (fit.before or 0))
    epochs = record.notes.get("fit_epochs", 0) + fit.epochs
    return record.steps + done, record.gradients + done, epochs


def _put_back_to(twin: ModelRecord, origin: ModelRecord, progress: Progress) -> None:
    """Let a model that took over a record stand where the other one stood then."""
    steps, gradients, epochs = progress
    carried = ("fit_epochs", "epochs_seen", "epochs_unknown", "rounds", "labels_missed")
    twin.notes |= {key: origin.notes[key] for key in carried if key in origin.notes}
    if steps == origin.steps and "passes" in origin.notes:
        twin.notes["passes"] = origin.notes["passes"].twin()
    elif steps != origin.steps:
        twin.steps, twin.gradients, twin.epochs = steps, gradients, epochs
        twin.notes.pop("passes", None)
