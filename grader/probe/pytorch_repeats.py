"""Rounds of training in PyTorch that repeat the round before are taken in together, later.

A round is: a model is called, a loss is computed from its output, the gradient is taken, an
optimizer steps. Looking at each of these closely costs more than a small model's own work. So once
a loop has repeated itself, only the identity of what takes part is compared; what the rounds were
fed and what their losses were is set aside and goes, a few rounds at a time, through the same
functions as that of any other round. Whatever differs ends this at once: the round under way is
then read as closely as ever, since its nodes are held until it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.probe.autograd_notes import LossNote
from grader.probe.opaque import Opaque
from grader.probe.pytorch_passes import Feed, LoaderWatch
from grader.probe.pytorch_rounds import Draft, LossPattern, Pattern
from grader.probe.pytorch_steps import KnownOptimizer, Steps
from grader.probe.pytorch_story import Call, story_of
from grader.probe.pytorch_values import as_array, is_round, mode_sensitive
from grader.probe.recorder import ModelRecord, Recorder

_ALIKE_BEFORE = 16
_MOST_SET_ASIDE = 31
_CALLED, _LOST, _GRADED = 1, 2, 3


@dataclass(slots=True)
class _Aside:
    """One round that is not taken in yet; versions tell whether a tensor was changed since."""

    given: Opaque
    version: int
    feed: Feed | None
    value: float
    target: Opaque
    target_version: int


@dataclass(slots=True, eq=False)
class Repeats:
    """Recognises rounds that repeat the one before.

    Args:
        recorder: Gives the time.
        torch: The imported package.
        loaders: Knows which batch was handed out.
        steps: Follows the optimizers.
    """

    recorder: Recorder
    torch: Opaque
    loaders: LoaderWatch
    steps: Steps
    pattern: Pattern | None = None
    phase: int = 0
    node: Any = None
    end: Any = None
    _loss: Opaque = None
    _draft: Draft | None = None
    _alike: int = 0
    _given: Opaque = None
    _version: int = 0
    _feed: Feed | None = None
    _args: tuple[Opaque, ...] = ()
    _value: float = 0.0
    _target_version: int = 0
    _aside: list[_Aside] = field(default_factory=list)

    # Rounds that are looked at closely ---------------------------------------------------------

    def saw_call(self, module: Opaque, record: ModelRecord, call: Call) -> None:
        """A model was called on one tensor, and its output has one node."""
        self._draft = Draft(module, record, call)

    def saw_loss(self, loss: LossNote, pattern_of: Callable[[], LossPattern]) -> None:
        """A loss was noted; ``pattern_of`` makes what is to be compared of it."""
        draft = self._draft
        if draft is None:
            return
        if draft.loss is None and draft.call.note is not None and loss.value is not None:
            note = draft.call.note()
            if note is not None and loss.outputs == (note,):
                draft.loss, draft.use = loss, pattern_of()
                return
        self._draft = None

    def saw_gradient(self, loss: LossNote, *, is_last: bool) -> None:
        """A gradient was taken of a loss alone; ``is_last`` if it cannot be taken again."""
        draft = self._draft
        if draft is not None:
            if draft.loss is loss and is_last:
                draft.has_gradient = True
            else:
                self._draft = None

    def saw_step(self, optimizer: Opaque, known: KnownOptimizer) -> None:
        """An optimizer stepped: the round is over."""
        draft, self._draft = self._draft, None
        if draft is None or not draft.has_gradient:
            self.forget()
            return
        pattern = draft.pattern(optimizer, known)
        if pattern is None:
            self.forget()
        elif self.pattern is not None and self.pattern.is_like(pattern):
            self._alike += 1
            self.pattern.follow(pattern)
        else:
            self._alike, self.pattern = 0, pattern

    def record_of(self, module: Opaque) -> ModelRecord | None:
        """The record of a model that is called again and again."""
        pattern = self.pattern
        return None if pattern is None or pattern.module is not module else pattern.record

    def awaits(self, module: Opaque) -> bool:
        """Whether this is the loss that comes next if the rounds go on as before."""
        return self.phase == _CALLED and self._loss is module

    def lose_track(self) -> None:
        """Something happened that is no part of a plain round."""
        self._draft = None

    def forget(self) -> None:
        """The loop does not repeat itself."""
        self._draft, self.pattern, self._alike = None, None, 0

    # Rounds that are compared only --------------------------------------------------------------

    def called(self, module: Opaque, args: Opaque, kwargs: Opaque, output: Opaque) -> bool:
        """Whether a call is one as in the rounds before; if so, it is set aside."""
        pattern = self.pattern
        if (
            pattern is None
            or self._alike < _ALIKE_BEFORE
            or self.phase
            or pattern.module is not module
            or kwargs
            or len(args) != 1
        ):
            return False
        given, tensor = args[0], self.torch.Tensor
        if type(given) is not tensor or type(output) is not tensor or given.requires_grad:
            return False
        if not output.requires_grad or given.is_inference():  # the latter have no version
            return False
        version, shape = given._version, given.shape
        if given is pattern.given:
            if version != pattern.version:
                return False
        elif not pattern.may_hold or shape != pattern.shape:
            return False
        if pattern.model.training is not pattern.is_training:
            return False
        for layer, flag in pattern.layers:
            if layer.training is not flag:
                return False
        node = output.grad_fn
        if node is None or node.metadata or given.dtype is not pattern.dtype:
            return False
        self.node, self._given, self._version = node, given, version
        latest = self.loaders.latest
        self._feed = (
            (latest, latest.yielded) if latest is not None and latest.rows == shape[0] else None
        )
        self.phase, self._loss = _CALLED, pattern.loss.module
        return True

    def lost(
        self, function: str, code: Opaque, module: Opaque, given: Opaque, result: Opaque
    ) -> bool:
        """Whether a loss is one as in the rounds before; if so, it is set aside.

        Args:
            function: Its name.
            code: Of the frame that called it.
            module: The loss module that was called last.
            given: Arguments of the function, by place and by name.
            result: What it returned.
        """
        pattern, args, kwargs = self.pattern, given[0], given[1]
        if self.phase != _CALLED or pattern is None:
            return False
        use = pattern.loss
        if function != use.function or code is not use.code or module is not use.module:
            return False
        if len(args) < 2 or type(args[0]) is not self.torch.Tensor:
            return False
        way = args[0].grad_fn
        if way is not self.node:
            if use.way is None or type(way) is not use.way:
                return False
            if way.next_functions[0][0] is not self.node:
                return False
        if not use.takes(args, kwargs):
            return False
        end = result.grad_fn
        if end is None:
            return False
        self.end, self._args, self._value = end, args, result.item()
        self._target_version = args[1]._version
        self.phase = _LOST
        return True

    def is_gradient(self, root: Opaque, args: Opaque, kwargs: Opaque) -> bool:
        """Whether a gradient is taken as in the rounds before."""
        pattern = self.pattern
        if self.phase != _LOST or pattern is None or type(root) is not self.torch.Tensor:
            return False
        if root.grad_fn is not self.end or not is_plain_gradient(args, kwargs):
            return False
        for one in pattern.witnesses:  # noqa: SIM110  # a generator takes longer
            if one.parameter.grad is not None:
                return False
        return True

    def graded(self) -> None:
        """The gradient was taken."""
        self.phase = _GRADED

    def stepped(self, optimizer: Opaque) -> bool:
        """Whether an optimizer steps as in the rounds before; if so, the round is set aside."""
        pattern = self.pattern
        if self.phase != _GRADED or pattern is None:
            return False
        groups = optimizer.param_groups
        if pattern.optimizer() is not optimizer:
            return False
        if (
            len(groups) != 1
            or groups[0] is not pattern.group
            or groups[0]["lr"] is not pattern.rate
        ):
            return False
        self._aside.append(self._round())
        self.phase, self._args = 0, ()
        self.node = self.end = None
        if len(self._aside) >= _MOST_SET_ASIDE:
            self.settle()
            self._alike = _ALIKE_BEFORE - 1  # the next one is looked at closely
        return True

    # Taking in ---------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Something else happens: take in what was set aside, the round under way included."""
        if self.phase or self._aside:
            try:
                self._catch_up()
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self.recorder.trouble("in a repeated round", error)

    def _catch_up(self) -> None:
        phase, self.phase = self.phase, 0
        node, end = self.node, self.end
        self.node = self.end = None
        if self._aside:
            self.settle()
        pattern = self.pattern
        if not phase or pattern is None:
            return
        self._alike = 0
        if phase == _GRADED:
            self._take_gradient(pattern, self._round(), has_step=False)
            self.steps.was_cleared(pattern.witnesses)
        else:
            call = pattern.noted_call(node, self._given, self._feed)
            if phase == _LOST:
                pattern.noted_loss(end, call, self._args[1], self._value)
        self._given, self._args = None, ()

    def settle(self) -> None:
        """Take in the rounds that were set aside."""
        rounds, self._aside = self._aside, []
        pattern = self.pattern
        if not rounds or pattern is None:
            return
        record = pattern.record
        before = record.forwards
        try:
            for one in rounds:
                self._take_gradient(pattern, one, has_step=True)
            pattern.known.steps += len(rounds)
            self.steps.refresh(pattern.witnesses)
            if before.bit_length() != record.forwards.bit_length():
                story_of(record).sensitive = mode_sensitive(self.torch, record.model)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self.recorder.trouble("in a repeated round", error)

    def _round(self) -> _Aside:
        target = self._args[1]
        return _Aside(
            self._given, self._version, self._feed, self._value, target, self._target_version
        )

    def _take_gradient(self, pattern: Pattern, one: _Aside, *, has_step: bool) -> None:
        record, story = pattern.record, story_of(pattern.record)
        record.forwards += 1
        record.loss_calls += 1
        story.add_gradient(self.recorder.tick(), one.value)
        record.trained_in.add(is_training=pattern.mode)
        is_new = story.fed(one.given, one.feed, version=one.version)
        story.add_loss(pattern.loss.use)
        if (is_new or is_round(record.gradients)) and pattern.loss.has_labels:
            self._take_labels(pattern, one, is_new=is_new)
        if has_step:
            record.steps += 1
            record.fresh_steps += 1
            record.curve.add(record.steps, one.value)
        else:
            self.steps.after_gradient(record)

    def _take_labels(self, pattern: Pattern, one: _Aside, *, is_new: bool) -> None:
        """Look at labels, unless they are no longer those that were trained on."""
        if one.target._version == one.target_version:
            takes_index = pattern.loss.takes_index
            pattern.record.targets.add(as_array(one.target), takes_index=takes_index)
        elif is_new:  # nobody will see them any more
            self.recorder.trouble("in a repeated round", ValueError("labels were changed"))


def is_plain_gradient(args: Opaque, kwargs: Opaque) -> bool:
    """Whether ``backward`` was asked for nothing but to go once through the graph."""
    for one in args:
        if one is not None and one is not False:
            return False
    for one in kwargs.values():  # noqa: SIM110  # a generator takes longer
        if one is not None and one is not False:
            return False
    return True
