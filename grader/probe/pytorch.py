"""Records training in PyTorch: hooks on modules and optimizers, wrapped losses and backward.

Nothing is kept of a graph after its event: what must be found again is left as a note in the
``metadata`` of the autograd node itself, which lives and dies with the node. The one global hook
is taken away while a model computes, so that its layers run as if nobody watched.
"""

from __future__ import annotations

import functools
import importlib
import sys
import weakref
from collections.abc import Callable
from types import FrameType, ModuleType

from grader.evidence import Framework
from grader.probe.autograd_notes import (
    OutputNote,
    leave_note,
    outputs_below,
)
from grader.probe.losses import PYTORCH, LossKind
from grader.probe.opaque import Opaque
from grader.probe.pytorch_gradients import GradientWatch
from grader.probe.pytorch_losses import Losses
from grader.probe.pytorch_passes import LoaderWatch
from grader.probe.pytorch_states import States
from grader.probe.pytorch_steps import Owners, Steps
from grader.probe.pytorch_story import Call, Story, story_of
from grader.probe.pytorch_values import (
    as_array,
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

__all__ = ["TorchRecorder", "as_array", "digest", "unwrapped"]
_HOOK = "grader.probe"
_MOST_VALUES = 100_000
_MOST_MODULES = 4096


class _AfterForward:
    """The hook at the end of a model's call; a copy of a model does not copy the recorder."""

    def __init__(self, call: Callable[..., None]) -> None:
        self._call = call

    def __call__(self, module: Opaque, args: Opaque, kwargs: Opaque, output: Opaque) -> None:
        self._call(module, args, kwargs, output)

    def __deepcopy__(self, memo: Opaque) -> Callable[..., None]:
        return _nothing

    def __reduce__(self) -> str:
        return "_nothing"


def _nothing(*_: Opaque) -> None:
    """What a hook becomes in a copy."""


class TorchRecorder:
    """Fills a :class:`Recorder` with what happens in PyTorch.

    Args:
        recorder: What to fill.
        torch: The imported package.
    """

    def __init__(self, recorder: Recorder, torch: ModuleType) -> None:
        self._recorder = recorder
        self._torch: Opaque = torch
        self._owners = Owners(recorder)
        self._steps = Steps(recorder, self._owners)
        self._gradients = GradientWatch(
            recorder,
            torch,
            self._owners,
            self._steps,
            is_off=self._is_off,
            record_for=self._record_for,
        )
        self._losses = Losses(torch)
        self._loaders = LoaderWatch(torch, self._is_off)
        self._states = States(recorder, self._is_off)
        self._ours: list[tuple[Opaque, str, Opaque]] = []
        self._hooks: list[tuple[Opaque, Opaque]] = []
        self._known: dict[int, tuple[weakref.ref[Opaque], ModelRecord | None]] = {}
        self._inside: Opaque = None
        self._left: Opaque = None
        self._global: Opaque = None
        self._key: Opaque = None
        self._before: Opaque = self._before_forward
        self._after = _AfterForward(self._after_forward)

    def install(self) -> None:
        """Put every hook and wrapper in place."""
        torch = self._torch
        modules = torch.nn.modules.module
        self._global = modules._global_forward_pre_hooks
        self._key = modules.register_module_forward_pre_hook(self._before).id
        optimizers: Opaque = importlib.import_module("torch.optim.optimizer")
        stepped = optimizers.register_optimizer_step_post_hook(self._after_step)
        self._hooks = [
            (self._global, self._key),
            (optimizers._global_optimizer_post_hooks, stepped.id),
        ]
        for name, kind in PYTORCH.items():
            original = getattr(torch.nn.functional, name, None)
            if original is not None:
                self._replace(torch.nn.functional, name, self._wrapped_loss(name, kind, original))
        watch, autograd = self._gradients, torch.autograd
        self._replace(autograd, "backward", watch.wrapped_backward(autograd.backward))
        self._replace(autograd, "grad", watch.wrapped_grad(autograd.grad))
        self._ours.append((torch.Tensor, "backward", torch.Tensor.backward))
        self._install_followers(modules)

    def _install_followers(self, modules: Opaque) -> None:
        """Wrap what hands out batches and weights."""
        torch = self._torch
        data: Opaque = importlib.import_module("torch.utils.data.dataloader")
        iterators = data._BaseDataLoaderIter
        wrap, states = self._loaders, self._states
        started = wrap.wrapped_iter(data.DataLoader.__iter__)
        self._replace(data.DataLoader, "__iter__", started)
        self._replace(iterators, "__next__", wrap.wrapped_next(iterators.__next__))
        module = torch.nn.Module
        self._replace(module, "state_dict", states.wrapped_state_dict(module.state_dict))
        self._replace(module, "load_state_dict", states.wrapped_load(module.load_state_dict))
        self._replace(torch, "save", states.wrapped_save(torch.save))
        # torch.compile warns of global hooks, which the student has not installed.
        has_any = modules._has_any_global_hook

        def has_any_but_ours() -> bool:
            hooks = self._global
            if self._key not in hooks:
                return bool(has_any())
            ours = hooks.pop(self._key)
            try:
                return bool(has_any())
            finally:
                hooks[self._key] = ours

        self._replace(modules, "_has_any_global_hook", has_any_but_ours)

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        names = [
            f"{getattr(place, '__name__', 'torch')}.{name}"
            for place, name, ours in self._ours
            if getattr(place, name, None) is not ours
        ]
        self._recover()
        if any(key not in hooks for hooks, key in self._hooks):
            names.append("the hooks of torch.nn.Module and torch.optim.Optimizer")
        return names

    def finish(self) -> None:
        """Nothing more will be trained: say what became of every call."""
        try:
            self._recover()
            for record in self._recorder.in_order():
                if record.framework is Framework.PYTORCH:
                    story_of(record).finish()
                    self._states.remember(record)
        except Exception as error:  # noqa: BLE001  # the examination must go on
            self._recorder.trouble("at the end", error)

    def _replace(self, place: Opaque, name: str, ours: Opaque) -> None:
        setattr(place, name, ours)
        self._ours.append((place, name, ours))

    def _is_off(self) -> bool:
        torch = self._torch
        if torch.compiler.is_compiling():
            return True  # what we did would become part of the compiled model
        if not self._recorder.is_recording and self._recorder.watch is None:
            return True
        c = torch._C
        return (
            c._get_tracing_state() is not None or c._functorch.peek_interpreter_stack() is not None
        )

    # Forward calls ---------------------------------------------------------------------------

    def _before_forward(self, module: Opaque, args: Opaque) -> None:
        if self._is_off():
            return
        try:
            watch = self._recorder.watch
            if watch is not None:
                if id(unwrapped(module)) in watch.outputs:
                    self._hook(module)
                return
            if self._inside is None and self._record_for(module) is not None:
                self._inside = module
                self._hook(module)
                self._global.pop(self._key, None)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a module call", error)

    def _after_forward(self, module: Opaque, args: Opaque, kwargs: Opaque, output: Opaque) -> None:
        try:
            if self._inside is module:
                self._inside = None
                self._global[self._key] = self._before
            if output is None:  # it raised: Python goes through its hooks at this moment
                self._left = module
                return
            self._unhook(module)
            watch = self._recorder.watch
            if watch is not None:
                kept = watch.outputs.get(id(unwrapped(module)))
                if kept is not None and self._torch.is_tensor(output):
                    kept.append(output.detach().cpu().float().numpy().copy())
            elif self._recorder.is_recording:
                self._record_forward(module, args, kwargs, output)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a module call", error)

    def _hook(self, module: Opaque) -> None:
        if self._left is not None and self._left is not module:
            self._unhook(self._left)
        self._left = None
        module._forward_hooks[_HOOK] = self._after
        module._forward_hooks_always_called[_HOOK] = True
        module._forward_hooks_with_kwargs[_HOOK] = True

    def _unhook(self, module: Opaque) -> None:
        module._forward_hooks.pop(_HOOK, None)
        module._forward_hooks_always_called.pop(_HOOK, None)
        module._forward_hooks_with_kwargs.pop(_HOOK, None)

    def _recover(self) -> None:
        """Put the hook back where a call was broken off by more than an exception."""
        if self._left is not None:
            self._unhook(self._left)
            self._left = None
        if self._inside is not None:
            self._unhook(self._inside)
            self._inside = None
            self._global[self._key] = self._before

    def _record_for(self, module: Opaque) -> ModelRecord | None:
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

    def _record_forward(self, module: Opaque, args: Opaque, kwargs: Opaque, output: Opaque) -> None:
        record = self._record_for(module)
        if record is None:
            return
        torch = self._torch
        story = story_of(record)
        record.forwards += 1
        if is_round(record.forwards):
            story.sensitive = mode_sensitive(torch, record.model)
        if story.pending:
            story.settle()
        call = self._call(record, story, args, kwargs)
        outputs = (output,) if torch.is_tensor(output) else tensors_in(torch, output)
        computed = [t for t in outputs if t.grad_fn is not None] if torch.is_grad_enabled() else []
        if not computed:
            story.evaluated(call)
            for tensor in outputs:
                self._losses.without_graph(record, call, tensor)
            return
        if record.before is None:
            record.before = digest(record.model)
            self._owners.refresh()
        note = OutputNote(record, record.forwards, call.is_training)
        self._find_upstream(note, story, (*args, *kwargs.values()) if kwargs else args)
        if len(computed) == 1 and _wants_values(story) and computed[0].numel() < _MOST_VALUES:
            note.values = computed[0].detach().clone()
            note.position = computed[0].output_nr
        for tensor in computed:
            leave_note(tensor.grad_fn, note)
        call.note = weakref.ref(note)
        story.wait_for(call)

    def _call(self, record: ModelRecord, story: Story, args: Opaque, kwargs: Opaque) -> Call:
        is_tensor = self._torch.is_tensor
        given = args[0] if args else next(iter(kwargs.values()), None)
        if not is_tensor(given):
            given = None
        rows, feed = -1, None
        if given is not None:
            if record.called_shape is None:
                record.called_shape = tuple(given.shape[1:])
            shape = given.shape
            rows = shape[0] if shape else -1
            feed = self._loaders.feed(rows)
            if given.requires_grad:
                given = given.detach()
        mode = is_in_training(record.model, story.sensitive)
        return Call(record.forwards, given, rows, mode, record.steps, feed)

    def _find_upstream(self, note: OutputNote, story: Story, given: Opaque) -> None:
        computed = [t.grad_fn for t in tensors_in(self._torch, given) if t.grad_fn is not None]
        if not computed:
            return
        nearest = [one for node in computed for one in outputs_below(node)]
        note.upstream = tuple(one for near in nearest for one in (near, *near.upstream))
        if nearest:
            note.record.is_chained = True
            story.upstream = nearest[0].record

    # Losses and gradients --------------------------------------------------------------------

    def _wrapped_loss(
        self, function: str, kind: LossKind, original: Callable[..., Opaque]
    ) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def loss(*args: Opaque, **kwargs: Opaque) -> Opaque:
            if self._is_off():
                return original(*args, **kwargs)
            try:
                result = original(*args, **kwargs)
            except Exception:
                self._note_loss(function, kind, sys._getframe(1), args, kwargs, None)
                raise
            self._note_loss(function, kind, sys._getframe(1), args, kwargs, result)
            return result

        return loss

    def _note_loss(
        self,
        function: str,
        kind: LossKind,
        caller: FrameType,
        args: Opaque,
        kwargs: Opaque,
        result: Opaque,
    ) -> None:
        if not self._recorder.is_recording:
            return
        try:
            self._losses.note(
                function, kind, caller, args, kwargs, result, has_raised=result is None
            )
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble(f"at {function}", error)

    def _after_step(self, optimizer: Opaque, args: Opaque, kwargs: Opaque) -> None:
        if self._is_off() or not self._recorder.is_recording:
            return
        try:
            if self._inside is not None:
                self._recover()
            self._steps.after_step(optimizer)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after an optimizer step", error)


def _wants_values(story: Story) -> bool:
    """Whether the next gradient is looked at closely: the first ones of a formula."""
    count = story.record.gradients + 1
    return count < 4 or (story.is_by_hand and is_round(count))
