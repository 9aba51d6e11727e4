"""Records training in Keras 3: puts the hooks in place and follows calls of models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType

from grader.probe.keras_asking import AskHooks
from grader.probe.keras_copies import CopyHooks
from grader.probe.keras_data import digest, plain_array
from grader.probe.keras_fit import FitRecorder
from grader.probe.keras_fit_rows import finish_fit
from grader.probe.keras_loops import LoopRecorder
from grader.probe.keras_optimizers import OptimizerHooks
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque
from grader.probe.recorder import Recorder

__all__ = ["KerasRecorder", "digest"]


class KerasRecorder:
    """Fills a :class:`Recorder` with what happens in Keras.

    Args:
        recorder: What to fill.
        keras: The imported package.
    """

    def __init__(self, recorder: Recorder, keras: ModuleType) -> None:
        self._watch = KerasWatch(recorder, keras)
        self._optimizers = OptimizerHooks(self._watch)
        self._loops = LoopRecorder(self._watch, self._optimizers)
        self._fits = FitRecorder(self._watch, self._optimizers)
        self._questions = AskHooks(self._watch)
        self._copies = CopyHooks(self._watch)
        self._defaults: dict[type, bool | None] = {}

    def install(self) -> None:
        """Put every wrapper in place."""
        model = self._watch.keras.Model
        model.__call__ = self._calling(model.__call__)
        self._watch.ours.append((model, "__call__", model.__call__))
        self._fits.install()
        self._questions.install()
        self._optimizers.install()
        self._copies.install()
        if self._watch.keras.backend.backend() == "tensorflow":
            import tensorflow

            self._loops.install(tensorflow)

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        return self._watch.tampered_with()

    def finish(self) -> None:
        """Read what could not be read while training ran: own loops, data sets."""
        self._watch.recorder.settle()
        self._loops.finish()
        for record in self._watch.records():
            taped = record.notes.pop("taped", 0)
            is_changed = taped and record.before and digest(record.model) != record.before
            if is_changed and not record.steps and not record.gradients:
                # Parameters were assigned by hand; how often, a traced function does not show.
                record.gradients, record.counts_gradients = 1, False
                record.last_trained = taped
            finish_fit(record)

    def _calling(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        position = self._watch.position
        recorder = self._watch.recorder

        @functools.wraps(original)
        def __call__(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:  # noqa: N807  # stands in for it
            is_idle = not recorder.is_recording and recorder.watch is None
            if position.in_call or position.asked or is_idle:
                return original(model, *args, **kwargs)
            position.in_call = True
            try:
                output = original(model, *args, **kwargs)
            finally:
                position.in_call = False
            try:
                self._called(model, args, kwargs, output)
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._watch.trouble("after a model call", error)
            return output

        return __call__

    def _called(
        self,
        model: Opaque,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
        output: Opaque,
    ) -> None:
        if type(output).__name__ == "KerasTensor":
            return  # a model used as a layer while another one is being built
        if self._watch.recorder.watch is not None:
            self._questions.keep_output(model, output)
        if not self._watch.is_on:
            return
        record = self._watch.record_of(model)
        record.forwards += 1
        rows: Opaque = args[0] if args else kwargs.get("inputs", kwargs.get("x"))
        if record.called_shape is None and hasattr(rows, "shape"):
            record.called_shape = tuple(rows.shape[1:])
        self._watch.digest_before(record)
        is_training = self._is_training(model, args, kwargs)
        self._loops.model_called(record, rows, output, is_training=is_training)

    def _is_training(
        self, model: Opaque, args: tuple[Opaque, ...], kwargs: dict[str, Opaque]
    ) -> bool | None:
        """The mode of a call: what it says, else what the class says, else evaluation."""
        if "training" in kwargs:
            return _truth(kwargs["training"])
        kind = type(model)
        if kind not in self._defaults:
            self._defaults[kind] = _default_mode(model)
        if len(args) > 1:
            names = list(inspect.signature(model.call).parameters)
            if "training" in names and names.index("training") < len(args):
                return _truth(args[names.index("training")])
        return self._defaults[kind]


def _truth(value: Opaque) -> bool | None:
    if value is None:
        return False
    if isinstance(value, (bool, int)):
        return bool(value)
    known = plain_array(value)
    return None if known is None or known.ndim else bool(known)


def _default_mode(model: Opaque) -> bool | None:
    """What ``call`` takes the mode to be when it is not told."""
    try:
        told = inspect.signature(model.call).parameters.get("training")
    except (TypeError, ValueError):
        return None
    if told is None or told.default is inspect.Parameter.empty:
        return False
    return _truth(told.default)
