"""Records ``fit`` and ``train_on_batch`` of Keras models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.probe.keras_data import Passes, forget_untrained, plain_array, take_labels
from grader.probe.keras_fit_rows import steps_per_pass, take_data, take_validation
from grader.probe.keras_losses import (
    has_own_step,
    loss_use,
    name_as_compiled,
    shape_of,
    weights_classes,
)
from grader.probe.keras_optimizers import (
    OptimizerHooks,
    iterations,
    learning_rate,
    note_rates,
    schedule_of,
)
from grader.probe.keras_passes import (
    PassHooks,
    changes_rates_stepwise,
    is_selecting,
    take_callbacks,
)
from grader.probe.keras_running import Fit
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import LossUse
from grader.probe.wording import class_name

_LATER = 16


class FitRecorder:
    """Records what happens through ``fit``.

    Args:
        watch: What all hooks share.
        optimizers: Told of the steps that ``fit`` makes.
    """

    def __init__(self, watch: KerasWatch, optimizers: OptimizerHooks) -> None:
        self._watch = watch
        self._optimizers = optimizers

    def install(self) -> None:
        """Put every wrapper in place."""
        model = self._watch.keras.Model
        for name in ("fit", "train_on_batch"):
            self._watch.wrap(model, name, functools.partial(self._training, name))
        self._watch.wrap(model, "make_train_function", self._before_training)
        PassHooks(self._watch).install()

    # Training --------------------------------------------------------------------------------

    def _training(self, name: str, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def train(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            position = self._watch.position
            if not self._watch.is_on or position.fit is not None or position.in_call:
                return original(model, *args, **kwargs)
            fit = position.fit = self._started(name, signature, model, args, kwargs)
            result = None
            try:
                result = original(model, *args, **kwargs)
            except BaseException:
                if fit is not None:
                    fit.raised = True
                raise
            finally:
                position.fit = None
                if fit is not None:
                    self._ended(fit, result)
            return result

        return train

    def _started(
        self,
        name: str,
        signature: inspect.Signature,
        model: Opaque,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
    ) -> Fit | None:
        try:
            try:
                given = dict(signature.bind_partial(model, *args, **kwargs).arguments)
            except TypeError:  # fit will say so itself
                return None
            record = self._watch.record_of(model)
            self._watch.digest_before(record)
            is_long = name == "fit"
            fit = Fit(
                record,
                name,
                given,
                iterations(getattr(model, "optimizer", None))
                if is_long or "on_batch" not in record.notes
                else None,
            )
            if is_long:
                fit.is_stepwise = changes_rates_stepwise(given.get("callbacks"))
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble("before fit", error)
            return None
        return fit

    def _before_training(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        # fit and train_on_batch call this once the model has its weights.
        @functools.wraps(original)
        def make_train_function(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            fit = self._watch.position.fit
            if fit is not None and fit.record.model is model:
                try:
                    self._watch.digest_before(fit.record)
                    compiled = getattr(model, "_compile_loss", None)
                    if fit.record.notes.get("compiled") is not compiled:
                        fit.record.notes["compiled"] = compiled
                        fit.record.notes.pop("step_use", None)
                        fit.record.notes.pop("use", None)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._watch.trouble("before the first step", error)
            return original(model, *args, **kwargs)

        return make_train_function

    def _ended(self, fit: Fit, result: Opaque) -> None:
        try:
            if fit.name == "fit":
                self._fitted(fit)
            elif result is not None:
                self._on_batch(fit, result)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._watch.trouble(f"after {fit.name}", error)

    def _fitted(self, fit: Fit) -> None:
        record, optimizer = fit.record, getattr(fit.record.model, "optimizer", None)
        steps = (iterations(optimizer) or 0) - (fit.before or 0)
        if fit.raised and getattr(record.model, "steps_per_execution", 1) == 1:
            # A step that fails may have counted itself already.
            self._optimizers.fitted(optimizer, max(0, steps - fit.batches))
            steps = min(steps, fit.batches)
        if steps <= 0:
            if fit.raised and fit.reached_loss and not record.saw_training:
                self._failed(fit)
            return
        self._count(record, optimizer, steps)
        self._take_rates(fit, optimizer, steps)
        x, y = fit.given.get("x"), fit.given.get("y")
        use = self._use(fit, x, y)
        record.add_loss(use)
        take_data(fit)
        take_validation(fit, is_selecting=is_selecting(fit))
        take_callbacks(fit)
        per_pass = steps_per_pass(fit)
        whole = fit.epochs if per_pass is None else min(fit.epochs, steps // per_pass)
        done = record.notes.get("fit_epochs", 0) + whole
        record.notes["fit_epochs"] = done
        if fit.given.get("steps_per_epoch") is not None:
            # An epoch of this fit is not one pass over the data.
            record.notes["epochs_unknown"] = True
        record.epochs = None if "epochs_unknown" in record.notes else done

    def _failed(self, fit: Fit) -> None:
        """The first loss could not be computed: what it was given is worth knowing."""
        record, labels = fit.record, plain_array(fit.given.get("y"))
        record.loss_calls += 1
        use = self._use(fit, fit.given.get("x"), fit.given.get("y"))
        record.add_loss(use)
        record.notes["untrained_use"] = use
        if labels is not None and labels.dtype.kind in "fiub":
            take_labels(record, labels, is_batch=False)

    def _count(self, record: ModelRecord, optimizer: Opaque, steps: int) -> None:
        forget_untrained(record)
        record.steps += steps
        record.gradients += steps
        record.loss_calls += steps
        self._optimizers.fitted(optimizer, steps)
        record.last_trained = self._watch.recorder.tick()
        record.add_optimizer(class_name(getattr(optimizer, "inner_optimizer", optimizer)))
        record.notes.pop("optimizer", None)
        record.trained_in.add(is_training=self._is_in_training_mode(record))

    def _is_in_training_mode(self, record: ModelRecord) -> bool:
        """Whether the layers that depend on the mode were told that this is training.

        ``fit`` says so to a model whose ``call`` takes ``training``; a class that leaves it out
        does not pass it on to its layers.
        """
        if record.notes.get("step_mode") is not False:
            return True
        is_own = has_own_step(self._watch.keras, record.model)
        return not is_own and not _has_mode(record.model)

    def _take_rates(self, fit: Fit, optimizer: Opaque, steps: int) -> None:
        if schedule_of(optimizer) is not None or not fit.rates:
            note_rates(fit.record, optimizer, steps)
            return
        for rate in fit.rates:
            fit.record.rates.add(rate)
        fit.record.learning_rate = fit.rates[-1]

    def _use(self, fit: Fit, x: Opaque, y: Opaque) -> LossUse:
        """How the loss was used: as compiled, and as the traced step shows."""
        record = fit.record
        labels: Opaque = plain_array(y)
        spec = getattr(x, "element_spec", None)
        if y is None and isinstance(spec, (tuple, list)) and len(spec) > 1:
            labels = spec[1] if hasattr(spec[1], "shape") else None
        use = loss_use(self._watch.keras, record.model, labels)
        reading = record.notes.get("step_use")
        if reading is not None and use.family is None:
            use = _as_traced(use, reading.use)
            name = name_as_compiled(self._watch.keras, record.model, use.name)
            use = replace(use, name=name)
        weighted: bool | None = False
        if fit.given.get("class_weight"):
            weighted = len(set(fit.given["class_weight"].values())) > 1
        elif fit.given.get("sample_weight") is not None:
            weighted = weights_classes(plain_array(y), fit.given["sample_weight"])
        elif isinstance(spec, (tuple, list)) and len(spec) > 2:
            weighted = None
        return replace(use, input_shape=record.notes.get("output_shape"), weights_classes=weighted)

    # One batch -------------------------------------------------------------------------------

    def _on_batch(self, fit: Fit, result: Opaque) -> None:
        record, model = fit.record, fit.record.model
        optimizer = getattr(model, "optimizer", None)
        if "on_batch" not in record.notes:
            record.notes["on_batch"] = True
            if (iterations(optimizer) or 0) <= (fit.before or 0):
                return
        self._count(record, optimizer, 1)
        record.notes["optimizer"] = optimizer
        x, y = fit.given.get("x"), fit.given.get("y")
        key = (str(shape_of(y)) if y is not None else "", id(record.notes.get("compiled")))
        uses = record.notes.setdefault("use", {})
        weights = fit.given.get("class_weight") or fit.given.get("sample_weight") is not None
        if weights or key not in uses:
            uses[key] = self._use(fit, x, y)
        record.add_loss(uses[key])
        passes = record.notes.setdefault("passes", Passes())
        labels = plain_array(y)
        if passes.add(x, record.training) and labels is not None:
            take_labels(record, labels)
        loss = result.get("loss") if isinstance(result, dict) else result
        loss = loss[0] if isinstance(loss, (list, tuple)) else loss
        if loss is not None:
            record.last_loss = float(loss)
            record.odd_losses += not np.isfinite(record.last_loss)
            if record.curve_of == "loss per step":
                record.curve.add(record.steps, record.last_loss)
        is_due = record.steps <= 3 or record.steps % _LATER == 0
        if is_due and schedule_of(optimizer) is None:
            rate = learning_rate(optimizer)
            if rate is not None:
                record.rates.add(rate)


def _as_traced(compiled: LossUse, traced: LossUse) -> LossUse:
    """What is known of a loss that is not Keras's own, or of a step that is the student's."""
    given = compiled if compiled.name else traced
    return replace(
        traced,
        target_shape=given.target_shape,
        target_dtype=given.target_dtype,
        problem="" if traced.family is not None else (traced.problem or compiled.problem),
    )


def _has_mode(model: Opaque) -> bool:
    """Whether a model holds layers that compute something else in training."""
    return any(
        "Dropout" in class_name(layer) or "Normalization" in class_name(layer)
        for layer in model._flatten_layers(include_self=False)
    )
