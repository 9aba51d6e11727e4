"""Records training in PyTorch: wrapped calls of models, losses and backward; optimizer steps.

Nothing is kept of a graph after its event, but for two nodes of a round that repeats another:
what must be found again is left as a note in the ``metadata`` of the autograd node itself, which
lives and dies with the node.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from types import FrameType, ModuleType

from grader.evidence import Framework
from grader.probe.losses import PYTORCH, LossKind
from grader.probe.opaque import Opaque
from grader.probe.pytorch_calls import Calls
from grader.probe.pytorch_gradients import GradientWatch
from grader.probe.pytorch_losses import Losses
from grader.probe.pytorch_passes import LoaderWatch
from grader.probe.pytorch_repeats import Repeats
from grader.probe.pytorch_states import States
from grader.probe.pytorch_steps import Owners, Steps
from grader.probe.pytorch_story import story_of
from grader.probe.pytorch_values import as_array, digest, unwrapped
from grader.probe.recorder import Recorder

__all__ = ["TorchRecorder", "as_array", "digest", "unwrapped"]


class TorchRecorder:
    """Fills a :class:`Recorder` with what happens in PyTorch.

    Args:
        recorder: What to fill.
        torch: The imported package.
    """

    def __init__(self, recorder: Recorder, torch: ModuleType) -> None:
        self._recorder = recorder
        self._torch: Opaque = torch
        self._is_off = _off_switch(recorder, torch)
        self._owners = Owners(recorder)
        self._steps = Steps(recorder, self._owners)
        self._loaders = LoaderWatch(torch, self._is_off)
        self._repeats = Repeats(recorder, torch, self._loaders, self._steps)
        self._losses = Losses(torch, self._repeats)
        self._calls = Calls(
            recorder,
            torch,
            self._owners,
            self._losses,
            self._loaders,
            self._repeats,
            is_off=self._is_off,
        )
        self._gradients = GradientWatch(
            recorder,
            torch,
            self._owners,
            self._steps,
            self._repeats,
            is_off=self._is_off,
            record_for=self._calls.record_for,
        )
        self._states = States(recorder, self._is_off)
        self._ours: list[tuple[Opaque, str, Opaque]] = []
        self._step_hook: tuple[Opaque, Opaque] | None = None

    def install(self) -> None:
        """Put every hook and wrapper in place."""
        self._recorder.put_off.append(self._repeats.catch_up)
        torch = self._torch
        module = torch.nn.Module
        self._replace(module, "__call__", self._calls.wrapped_call(module.__call__))
        optimizers: Opaque = importlib.import_module("torch.optim.optimizer")
        stepped = optimizers.register_optimizer_step_post_hook(self._after_step)
        self._step_hook = (optimizers._global_optimizer_post_hooks, stepped.id)
        for name, kind in PYTORCH.items():
            original = getattr(torch.nn.functional, name, None)
            if original is not None:
                self._replace(torch.nn.functional, name, self._wrapped_loss(name, kind, original))
        watch, autograd = self._gradients, torch.autograd
        self._replace(autograd, "backward", watch.wrapped_backward(autograd.backward))
        self._replace(autograd, "grad", watch.wrapped_grad(autograd.grad))
        self._ours.append((torch.Tensor, "backward", torch.Tensor.backward))
        self._install_followers()

    def _install_followers(self) -> None:
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

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        names = [
            f"{getattr(place, '__name__', 'torch')}.{name}"
            for place, name, ours in self._ours
            if getattr(place, name, None) is not ours
        ]
        if self._step_hook is None or self._step_hook[1] not in self._step_hook[0]:
            names.append("the hooks of torch.optim.Optimizer")
        return names

    def finish(self) -> None:
        """Nothing more will be trained: say what became of every call."""
        try:
            self._recorder.settle()
            self._repeats.forget()
            for record in self._recorder.in_order():
                if record.framework is Framework.PYTORCH:
                    story_of(record).finish()
                    self._states.remember(record)
        except Exception as error:  # noqa: BLE001  # the examination must go on
            self._recorder.trouble("at the end", error)

    def _replace(self, place: Opaque, name: str, ours: Opaque) -> None:
        setattr(place, name, ours)
        self._ours.append((place, name, ours))

    # Losses and gradients --------------------------------------------------------------------

    def _wrapped_loss(
        self, function: str, kind: LossKind, original: Callable[..., Opaque]
    ) -> Callable[..., Opaque]:
        is_compiling, repeats = self._torch.compiler.is_compiling, self._repeats

        @functools.wraps(original)
        def loss(*args: Opaque, **kwargs: Opaque) -> Opaque:
            if is_compiling() or (not repeats.phase and self._is_off()):
                return original(*args, **kwargs)
            caller = sys._getframe(1)
            try:
                result = original(*args, **kwargs)
            except Exception:
                self._note_loss(function, kind, caller, args, kwargs, None)
                raise
            if not repeats.lost(
                function, caller.f_code, self._losses.called, (args, kwargs), result
            ):
                self._note_loss(function, kind, caller, args, kwargs, result)
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
        if self._is_off() or not self._recorder.is_recording:
            return
        try:
            self._repeats.catch_up()
            self._losses.note(
                function, kind, caller, args, kwargs, result, has_raised=result is None
            )
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble(f"at {function}", error)

    def _after_step(self, optimizer: Opaque, args: Opaque, kwargs: Opaque) -> None:
        try:
            if self._repeats.stepped(optimizer):
                return
            if self._is_off() or not self._recorder.is_recording:
                return
            self._repeats.catch_up()
            self._repeats.saw_step(optimizer, self._steps.after_step(optimizer))
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after an optimizer step", error)


def _off_switch(recorder: Recorder, torch: Opaque) -> Callable[[], bool]:
    """Whether nothing is to be recorded now: a question asked at every event."""
    is_compiling = torch.compiler.is_compiling
    tracing = torch._C._get_tracing_state
    transform = torch._C._functorch.peek_interpreter_stack

    def is_off() -> bool:
        return (
            is_compiling()  # what we did would become part of the compiled model
            or not (recorder.is_recording or recorder.watch is not None)
            or tracing() is not None
            or transform() is not None
        )

    return is_off
