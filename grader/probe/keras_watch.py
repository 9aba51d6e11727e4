"""What all hooks in Keras share: the store, the package, and where a thread stands just now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

from grader.evidence import Framework
from grader.probe.keras_data import digest, weight_bytes
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder


class Position(threading.local):
    """Where a thread stands.

    Attributes:
        in_call: Whether a model is being called.
        fit: What is known of the running ``fit`` or ``train_on_batch``; ``None`` outside.
        asked: Whether ``evaluate`` or ``predict`` is running.
        function: What is known of the outermost running ``tf.function``; ``None`` outside.
        in_loss: Whether one of the framework's own losses is being computed.
    """

    in_call: bool = False
    fit: Opaque = None
    asked: bool = False
    function: Opaque = None
    in_loss: bool = False


@dataclass(slots=True)
class KerasWatch:
    """What all hooks share.

    Attributes:
        recorder: What they fill.
        keras: The imported package.
        position: Where the running thread stands.
        ours: What was put in place: owner, name, replacement.
    """

    recorder: Recorder
    keras: Opaque
    position: Position = field(default_factory=Position)
    ours: list[tuple[Opaque, str, Opaque]] = field(default_factory=list)

    @property
    def is_on(self) -> bool:
        """Whether training is being recorded."""
        return self.recorder.is_recording

    def record_of(self, model: Opaque) -> ModelRecord:
        """The record of a model, with all that was put off."""
        known = self.recorder.known(model)
        if known is not None:
            return known
        return self.recorder.record_of(Framework.KERAS, model, size=weight_bytes(model))

    def records(self) -> list[ModelRecord]:
        """Records of Keras models, in order of first use."""
        return [r for r in self.recorder.in_order() if r.framework is Framework.KERAS]

    def digest_before(self, record: ModelRecord) -> None:
        """Take the digest of the parameters before training, once they exist."""
        if record.before is None and not record.saw_training and record.model.weights:
            record.before = digest(record.model)

    def trouble(self, where: str, error: BaseException) -> None:
        """Note a failure of ours."""
        self.recorder.trouble(where, error)

    def wrap(
        self, kind: type, name: str, wrapper: Callable[[Callable[..., Opaque]], Opaque]
    ) -> None:
        """Replace a method in the class that defines it.

        Keras's own comparisons between a class and its base ("has ``compile`` been overridden?")
        then come out as without us.
        """
        home = next(one for one in kind.__mro__ if name in one.__dict__)
        ours = wrapper(getattr(home, name))
        setattr(home, name, ours)
        self.ours.append((kind, name, ours))

    def replace(self, original: Opaque, ours: Opaque, modules: list[ModuleType]) -> None:
        """Replace a function in every module that offers it, and for saving by name."""
        for module in modules:
            for name, value in list(vars(module).items()):
                if value is original:
                    setattr(module, name, ours)
                    self.ours.append((module, name, ours))

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        return [
            f"keras.{place.__name__}.{name}"
            for place, name, ours in self.ours
            if getattr(place, name, None) is not ours
        ]
