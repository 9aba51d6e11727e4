"""Reads what each gradient in PyTorch is about: whose loss, whose outputs, which rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from grader.probe.autograd_notes import (
    BackwardStory,
    LossNote,
    note_in,
    plain_loss,
    read_backward,
)
from grader.probe.opaque import Opaque
from grader.probe.pytorch_formula import Gradients, unexamined
from grader.probe.pytorch_steps import Owners, Steps
from grader.probe.pytorch_story import Story, story_of
from grader.probe.pytorch_values import as_array, digest, is_round, models_of
from grader.probe.recorder import ModelRecord, Recorder


class GradientWatch:
    """Wraps what computes gradients.

    Args:
        recorder: What to fill.
        torch: The imported package.
        owners: Which models hold which parameters.
        steps: Follows the optimizers.
        is_off: Whether nothing is to be recorded now.
        record_for: Makes the record of a model.
    """

    def __init__(
        self,
        recorder: Recorder,
        torch: Opaque,
        owners: Owners,
        steps: Steps,
        *,
        is_off: Callable[[], bool],
        record_for: Callable[[Opaque], ModelRecord | None],
    ) -> None:
        self._recorder = recorder
        self._torch = torch
        self._owners = owners
        self._steps = steps
        self._is_off = is_off
        self._record_for = record_for
        self._unowned = 0

    def wrapped_backward(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``torch.autograd.backward``, with a look before and after."""

        @functools.wraps(original)
        def backward(tensors: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if self._is_off() or not self._recorder.is_recording:
                return original(tensors, *args, **kwargs)
            builds_graph = bool((len(args) > 2 and args[2]) or kwargs.get("create_graph"))
            loss = self._read_plain(tensors, builds_graph=builds_graph)
            if loss is not None:
                result = original(tensors, *args, **kwargs)
                self._commit_plain(loss)
                return result
            story, gradients = self._read(tensors, None, builds_graph=builds_graph)
            try:
                result = original(tensors, *args, **kwargs)
            finally:
                if gradients is not None:
                    gradients.remove()
            self._commit(story, gradients)
            return result

        return backward

    def wrapped_grad(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``torch.autograd.grad``; gradients of anything but parameters are no training."""

        @functools.wraps(original)
        def grad(outputs: Opaque, inputs: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if self._is_off() or not self._recorder.is_recording:
                return original(outputs, inputs, *args, **kwargs)
            if isinstance(inputs, Iterator):  # it can be gone through only once
                inputs = tuple(inputs)
            story, gradients = self._read(outputs, inputs, builds_graph=False)
            try:
                result = original(outputs, inputs, *args, **kwargs)
            finally:
                if gradients is not None:
                    gradients.remove()
            self._commit(story, gradients)
            return result

        return grad

    def _read(
        self, roots: Opaque, inputs: Opaque, *, builds_graph: bool
    ) -> tuple[BackwardStory | None, Gradients | None]:
        """Read the graph before it is used up.

        Args:
            roots: What gradients are taken of.
            inputs: What they are taken for, if that was said; only parameters count as training.
            builds_graph: Whether the gradients themselves will have gradients.
        """
        torch = self._torch
        gradients = None
        try:
            if inputs is not None:
                asked = [inputs] if torch.is_tensor(inputs) else list(inputs)
                if not any(id(one) in self._owners.of for one in asked):
                    return None, None
            tensors = [roots] if torch.is_tensor(roots) else list(roots)
            nodes = [tensor.grad_fn for tensor in tensors]
            story = read_backward(nodes, self._owners.of)
            if not story.records and self._found_models(nodes):
                story = read_backward(nodes, self._owners.of)
            if len(tensors) == 1 and tensors[0].numel() == 1:
                noted = None if nodes[0] is None else note_in(nodes[0])
                value = noted.value if isinstance(noted, LossNote) else None
                story.loss = tensors[0].item() if value is None else value
            self._steps.before_gradient(story.records, builds_graph=builds_graph)
            if story.is_formula and any(note.values is not None for note, _ in story.direct):
                gradients = Gradients(story.direct, nodes)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a gradient", error)
            return None, gradients
        return story, gradients

    def _read_plain(self, root: Opaque, *, builds_graph: bool) -> LossNote | None:
        """The loss, where the gradient is taken of one loss of one model alone."""
        if type(root) is not self._torch.Tensor:
            return None
        try:
            loss = plain_loss(root.grad_fn)
            if loss is not None:
                self._steps.before_gradient((loss.outputs[0].record,), builds_graph=builds_graph)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a gradient", error)
            return None
        return loss

    def _commit_plain(self, loss: LossNote) -> None:
        """What :meth:`_commit_to` does, for one loss of one model."""
        output = loss.outputs[0]
        record = output.record
        try:
            own = story_of(record)
            own.add_gradient(self._recorder.tick(), loss.value)
            self._steps.after_gradient(record)
            is_new = own.trained((output.number,))
            own.add_loss(loss.use)
            if (is_new or is_round(record.gradients)) and loss.labels is not None:
                record.targets.add(as_array(loss.labels), takes_index=loss.takes_index)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a gradient", error)

    def _found_models(self, nodes: Opaque) -> bool:
        """Look for models whose calls were not seen, as inside a function that was compiled."""
        self._unowned += 1
        if not is_round(self._unowned):
            return False
        found = models_of(self._torch, [node for node in nodes if node is not None])
        for model in found:
            record = self._record_for(model)
            if record is not None and record.before is None:
                record.before = digest(record.model)
        if found:
            self._owners.refresh()
        return bool(found)

    def _commit(self, story: BackwardStory | None, gradients: Gradients | None) -> None:
        if story is None:
            return
        try:
            for record in story.records:
                self._commit_to(record, story, gradients)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a gradient", error)

    def _commit_to(
        self, record: ModelRecord, story: BackwardStory, gradients: Gradients | None
    ) -> None:
        own = story_of(record)
        own.add_gradient(self._recorder.tick(), story.loss)
        self._steps.after_gradient(record)
        outputs = [note for note in story.outputs if note.record is record]
        is_new = own.trained([note.number for note in outputs])
        for note in outputs:
            for below in note.upstream:
                below.record.feeds_another = True
        if story.is_formula and any(note.record is record for note, _ in story.direct):
            self._commit_formula(record, own, gradients)
            return
        own.add_loss(story.use_for(record))
        if not any(one.record is record for loss in story.losses for one in loss.outputs):
            record.loss_calls += 1  # no call of a loss was counted for this model
        if is_new or is_round(record.gradients):
            for one in story.notes_of(record):
                if one.labels is not None:
                    record.targets.add(as_array(one.labels), takes_index=one.takes_index)

    def _commit_formula(self, record: ModelRecord, own: Story, gradients: Gradients | None) -> None:
        own.is_by_hand = True
        record.loss_calls += 1
        verdict = None if gradients is None else gradients.verdict(record)
        if verdict is not None and verdict.is_clear:
            if verdict.use != own.formula:
                own.formula = verdict.use
            if verdict.labels is not None:
                record.targets.add(verdict.labels, takes_index=verdict.takes_index)
        if own.formula is None:
            own.unclear = unexamined().use if verdict is None else verdict.use
        else:
            own.add_loss(own.formula)
