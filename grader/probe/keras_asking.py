"""Records ``evaluate`` and ``predict`` of Keras models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

import numpy as np

from grader.probe.keras_data import plain_array
from grader.probe.keras_fit_rows import take_evaluated
from grader.probe.keras_watch import KerasWatch
from grader.probe.opaque import Opaque


class AskHooks:
    """Notices every question to a model.

    Args:
        watch: What all hooks share.
    """

    def __init__(self, watch: KerasWatch) -> None:
        self._watch = watch

    def install(self) -> None:
        """Put every wrapper in place."""
        for name in ("evaluate", "test_on_batch", "predict", "predict_on_batch"):
            self._watch.wrap(self._watch.keras.Model, name, self._asking)

    def _asking(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def ask(model: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            position = self._watch.position
            is_own_validation = kwargs.get("_use_cached_eval_dataset", False)
            if position.asked or position.in_call or is_own_validation:
                return original(model, *args, **kwargs)
            position.asked = True
            fit, position.fit = position.fit, None
            try:
                output = original(model, *args, **kwargs)
            finally:
                position.asked, position.fit = False, fit
            try:
                if self._watch.recorder.watch is not None:
                    self.keep_output(model, output)
                if self._watch.is_on:
                    given = signature.bind_partial(model, *args, **kwargs).arguments
                    self._asked(model, given.get("x"))
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._watch.trouble("after a model was asked", error)
            return output

        return ask

    def keep_output(self, model: Opaque, output: Opaque) -> None:
        """Keep what a model puts out while the student's ``predict`` runs."""
        watch = self._watch.recorder.watch
        kept = watch.outputs.get(id(model)) if watch is not None else None
        values = plain_array(output)
        if kept is not None and values is not None:
            kept.append(values.astype(np.float32))

    def _asked(self, model: Opaque, x: Opaque) -> None:
        record = self._watch.record_of(model)
        record.forwards += 1
        if record.called_shape is None and hasattr(x, "shape"):
            record.called_shape = tuple(x.shape[1:])
        self._watch.digest_before(record)
        take_evaluated(record, x)
