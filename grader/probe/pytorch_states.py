"""Follows the weights of trained models through ``state_dict`` and ``load_state_dict``."""

from __future__ import annotations

import functools
from collections.abc import Callable

from grader.probe.opaque import Opaque
from grader.probe.pytorch_story import story_of
from grader.probe.pytorch_values import digest, is_model, size_of, unwrapped
from grader.probe.recorder import ModelRecord, Recorder, SavedState

_MOST_STATES = 256
_MOST_BYTES = 64 * 2**20


class States:
    """Lets a model that loads the weights of a trained one inherit what was recorded of it.

    Args:
        recorder: Knows the models.
        is_off: Whether nothing is to be recorded now.
    """

    def __init__(self, recorder: Recorder, is_off: Callable[[], bool]) -> None:
        self._recorder = recorder
        self._is_off = is_off

    def wrapped_state_dict(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``Module.state_dict``, remembering the weights that were taken out."""

        @functools.wraps(original)
        def state_dict(module: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            state = original(module, *args, **kwargs)
            if not args and "destination" not in kwargs and not self._is_off():
                try:
                    self.remember(self._recorder.known(unwrapped(module)))
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("at state_dict", error)
            return state

        return state_dict

    def wrapped_load(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``Module.load_state_dict``, looking whose weights were loaded."""

        @functools.wraps(original)
        def load_state_dict(module: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            result = original(module, *args, **kwargs)
            if not self._is_off():
                try:
                    inherit(self._recorder, unwrapped(module))
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("at load_state_dict", error)
            return result

        return load_state_dict

    def wrapped_save(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``torch.save``, remembering the weights of a model that is saved as a whole."""

        @functools.wraps(original)
        def save(obj: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if not self._is_off():
                try:
                    record = self._recorder.known(obj)
                    self.remember(record if record is not None and record.model is obj else None)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble("at torch.save", error)
            return original(obj, *args, **kwargs)

        return save

    def remember(self, record: ModelRecord | None) -> None:
        """Remember the weights that a trained model has now."""
        if record is not None and record.saw_training and record.size <= _MOST_BYTES:
            found = digest(record.model)
            if found != record.before:
                states = self._recorder.states
                states[found] = SavedState(record, record.gradients, record.steps)
                while len(states) > _MOST_STATES:
                    del states[next(iter(states))]


def inherit(recorder: Recorder, model: Opaque) -> bool:
    """Give a model that was not trained itself the story of the one whose weights it has.

    Args:
        recorder: Knows the models and the states that were taken out of them.
        model: A model.

    Returns:
        Whether it has such weights.
    """
    known = recorder.known(model)
    if not recorder.states or (known is not None and known.saw_training):
        return False
    if not is_model(model) or size_of(model) > _MOST_BYTES:
        return False
    state = recorder.states.get(digest(model))
    if state is None or state.record.model is model:
        return False
    source = state.record
    if recorder.records.get(id(source.model)) is not source:
        return False
    recorder.copied(source.model, model)
    twin = recorder.records[id(model)]
    if known is not None:  # what it was asked before it got these weights is its own
        twin.number = known.number
    if (source.gradients, source.steps) != (state.gradients, state.steps):
        _cut(twin, state)
    return True


def _cut(twin: ModelRecord, state: SavedState) -> None:
    """Forget what the source did after its weights were taken out."""
    twin.gradients, twin.steps = state.gradients, state.steps
    for curve, last in (
        (twin.curve, state.steps),
        (twin.gradient_curve, state.gradients),
        (twin.evaluation_curve, state.steps),
    ):
        curve.points = [point for point in curve.points if point[0] <= last]
        curve.last = curve.points[-1] if curve.points else None
    story_of(twin).passes.unknown()
