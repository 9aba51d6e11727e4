"""Records calls of models in PyTorch: which model, on which rows, in which mode.

``Module.__call__`` is wrapped: a module with hooks takes a slower way through PyTorch, one without
hooks does not. While a model computes, its layers are let through as if nobody watched.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable

from grader.evidence import Framework
from grader.probe.autograd_notes import OutputNote, leave_note, outputs_below
from grader.probe.opaque import Opaque
from grader.probe.pytorch_losses import Losses
from grader.probe.pytorch_passes import LoaderWatch
from grader.probe.pytorch_steps import Owners
from grader.probe.pytorch_story import Call, Story, story_of
from grader.probe.pytorch_values import (
    digest,
    is_in_training,
    is_model,
    is_round,
    mode_sensitive,
    size_of,
    tensors_in,
    unwrapped,
)
from grader.probe.recorder import ModelRecord, Recorder

_MOST_VALUES = 100_000
_MOST_MODULES = 4096


class Calls:
    """Follows the calls of models.

    Args:
        recorder: What to fill.
        torch: The imported package.
        owners: Which models hold which parameters.
        losses: Wants to know of outputs without a graph, and which loss module is called.
        loaders: Knows which batch was handed out.
        is_off: Whether nothing is to be recorded now.
    """

    def __init__(
        self,
        recorder: Recorder,
        torch: Opaque,
        owners: Owners,
        losses: Losses,
        loaders: LoaderWatch,
        *,
        is_off: Callable[[], bool],
    ) -> None:
        self._recorder = recorder
        self._torch = torch
        self._owners = owners
        self._losses = losses
        self._loaders = loaders
        self._is_off = is_off
        self._known: dict[int, tuple[weakref.ref[Opaque], ModelRecord | None]] = {}
        self._inside: Opaque = None

    def wrapped_call(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        """``Module.__call__``, with a look at what the outermost model was given and returned."""
        is_compiling = self._torch.compiler.is_compiling

        @functools.wraps(original)
        def call(module: Opaque, /, *args: Opaque, **kwargs: Opaque) -> Opaque:
            if is_compiling() or self._inside is not None or self._is_off():
                return original(module, *args, **kwargs)
            if self._recorder.watch is not None:
                output = original(module, *args, **kwargs)
                self._keep_output(module, output)
                return output
            record = self._record_safely(module)
            if record is None:
                self._losses.called = module
                return original(module, *args, **kwargs)
            self._inside = module
            try:
                output = original(module, *args, **kwargs)
            finally:
                self._inside = None
            try:
                self._record_call(record, args, kwargs, output)
            except Exception as error:  # noqa: BLE001  # must not reach student code
                self._recorder.trouble("after a module call", error)
            return output

        return call

    def record_for(self, module: Opaque) -> ModelRecord | None:
        """The record of a model; ``None`` for a module that cannot be trained."""
        known = self._known.get(id(module))
        if known is not None and known[0]() is module:
            record = known[1]
            if record is None or self._recorder.records.get(id(record.model)) is record:
                return record
        record = None
        if is_model(module):
            model = unwrapped(module)
            record = self._recorder.records.get(id(model))
            if record is None:
                size = size_of(model)
                record = self._recorder.record_of(Framework.PYTORCH, model, size=size)
        if len(self._known) > _MOST_MODULES:
            self._known.clear()
        self._known[id(module)] = (weakref.ref(module), record)
        return record

    def _record_safely(self, module: Opaque) -> ModelRecord | None:
        try:
            return self.record_for(module)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a module call", error)
            return None

    def _keep_output(self, module: Opaque, output: Opaque) -> None:
        """Keep what a model put out while ``predict`` runs."""
        try:
            watch = self._recorder.watch
            kept = None if watch is None else watch.outputs.get(id(unwrapped(module)))
            if kept is not None and self._torch.is_tensor(output):
                kept.append(output.detach().cpu().float().numpy().copy())
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a module call", error)

    def _record_call(self, record: ModelRecord, args: Opaque, kwargs: Opaque, out: Opaque) -> None:
        if out is None:
            return
        torch = self._torch
        story = story_of(record)
        record.forwards += 1
        if is_round(record.forwards):
            story.sensitive = mode_sensitive(torch, record.model)
        if story.pending:
            story.settle()
        call = self._call(record, story, args, kwargs)
        if type(out) is torch.Tensor:
            outputs: Iterable[Opaque] = (out,)
            computed = [out] if out.requires_grad and torch.is_grad_enabled() else []
        else:
            outputs = tensors_in(torch, out)
            computed = [t for t in outputs if t.requires_grad] if torch.is_grad_enabled() else []
        nodes = [node for node in [one.grad_fn for one in computed] if node is not None]
        if not nodes:
            story.evaluated(call)
            for tensor in outputs:
                self._losses.without_graph(record, call, tensor)
            return
        if record.before is None:
            record.before = digest(record.model)
            self._owners.refresh()
        note = OutputNote(record, record.forwards, call.is_training)
        if kwargs or len(args) != 1 or call.is_computed or call.given is None:
            self._find_upstream(note, story, (*args, *kwargs.values()) if kwargs else args)
        if len(nodes) == 1 and _wants_values(story) and computed[0].numel() < _MOST_VALUES:
            note.values = computed[0].detach().clone()
            note.position = computed[0].output_nr
        for node in nodes:
            leave_note(node, note)
        call.note = weakref.ref(note)
        story.wait_for(call)

    def _call(self, record: ModelRecord, story: Story, args: Opaque, kwargs: Opaque) -> Call:
        given = args[0] if args else next(iter(kwargs.values()), None)
        rows, feed, is_computed = -1, None, False
        if isinstance(given, self._torch.Tensor):
            shape = given.shape
            if record.called_shape is None:
                record.called_shape = tuple(shape[1:])
            rows = shape[0] if shape else -1
            feed = self._loaders.feed(rows)
            if given.requires_grad:
                is_computed = True
                given = given.detach()
        else:
            given = None
        mode = is_in_training(record.model, story.sensitive)
        return Call(record.forwards, given, rows, mode, record.steps, feed, is_computed)

    def _find_upstream(self, note: OutputNote, story: Story, given: Opaque) -> None:
        computed = [t.grad_fn for t in tensors_in(self._torch, given) if t.grad_fn is not None]
        if not computed:
            return
        nearest = [one for node in computed for one in outputs_below(node)]
        note.upstream = tuple(one for near in nearest for one in (near, *near.upstream))
        if nearest:
            note.record.is_chained = True
            story.upstream = nearest[0].record


def _wants_values(story: Story) -> bool:
    """Whether the next gradient is looked at closely: the first ones of a formula."""
    count = story.record.gradients + 1
    return count < 4 or (story.is_by_hand and is_round(count))
