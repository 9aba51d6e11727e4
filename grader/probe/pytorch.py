"""Records training in PyTorch: global hooks on modules and optimizers, wrapped losses and backward.

Nothing is kept of a graph after its event: what must be found again is left as a note in the
``metadata`` of the autograd node itself, which lives and dies with the node.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import threading
from collections.abc import Callable, Iterable
from types import ModuleType

import numpy as np

from grader.evidence import Framework
from grader.probe.autograd_notes import (
    BackwardStory,
    LossNote,
    OutputNote,
    leave_note,
    outputs_below,
    read_backward,
    trace_to_model,
)
from grader.probe.losses import PYTORCH, LossKind
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord, Recorder
from grader.probe.tallies import Array, LossUse
from grader.probe.wording import class_name

_PENDING_BATCHES = 8
_SYMMETRIC = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}


class TorchRecorder:
    """Fills a :class:`Recorder` with what happens in PyTorch.

    Args:
        recorder: What to fill.
        torch: The imported package.
    """

    def __init__(self, recorder: Recorder, torch: ModuleType) -> None:
        self._recorder = recorder
        self._torch: Opaque = torch
        self._stacks = threading.local()
        self._owners: dict[int, list[ModelRecord]] = {}
        self._ours: list[tuple[Opaque, str, Opaque]] = []
        self._hooks: list[tuple[Opaque, Opaque]] = []
        self._loss_modules: type = torch.nn.modules.loss._Loss

    def install(self) -> None:
        """Put every hook and wrapper in place."""
        torch = self._torch
        modules = torch.nn.modules.module
        before = modules.register_module_forward_pre_hook(self._before_forward)
        after = modules.register_module_forward_hook(self._after_forward, always_call=True)
        optimizers: Opaque = importlib.import_module("torch.optim.optimizer")
        stepped = optimizers.register_optimizer_step_post_hook(self._after_step)
        self._hooks = [
            (modules._global_forward_pre_hooks, before.id),
            (modules._global_forward_hooks, after.id),
            (optimizers._global_optimizer_post_hooks, stepped.id),
        ]
        for name, kind in PYTORCH.items():
            original = getattr(torch.nn.functional, name, None)
            if original is not None:
                self._replace(torch.nn.functional, name, self._wrapped_loss(name, kind, original))
        self._replace(torch.autograd, "backward", self._wrapped_backward(torch.autograd.backward))
        self._replace(torch.autograd, "grad", self._wrapped_grad(torch.autograd.grad))
        self._ours.append((torch.Tensor, "backward", torch.Tensor.backward))

    def tampered_with(self) -> list[str]:
        """What is no longer as we left it."""
        names = [
            f"{getattr(place, '__name__', 'torch')}.{name}"
            for place, name, ours in self._ours
            if getattr(place, name, None) is not ours
        ]
        if any(key not in hooks for hooks, key in self._hooks):
            names.append("the hooks of torch.nn.Module and torch.optim.Optimizer")
        return names

    def _replace(self, place: Opaque, name: str, ours: Opaque) -> None:
        setattr(place, name, ours)
        self._ours.append((place, name, ours))

    @property
    def _is_off(self) -> bool:
        if self._torch.compiler.is_compiling() or self._torch.jit.is_tracing():
            return True  # what we did would become part of the compiled model
        return not self._recorder.is_recording and self._recorder.watch is None

    @property
    def _stack(self) -> list[Opaque]:
        stack: list[Opaque] | None = getattr(self._stacks, "modules", None)
        if stack is None:
            stack = self._stacks.modules = []
            self._stacks.owner = None
        return stack

    # Forward calls ---------------------------------------------------------------------------

    def _before_forward(self, module: Opaque, args: Opaque) -> None:
        if self._is_off:
            return
        try:
            stack = self._stack
            stack.append(module)
            if self._stacks.owner is None and _has_parameters(module) and not _is_keras(module):
                self._stacks.owner = len(stack) - 1
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a module call", error)

    def _after_forward(self, module: Opaque, args: Opaque, output: Opaque) -> None:
        if self._is_off:
            return
        try:
            stack = self._stack
            while stack and stack[-1] is not module:
                stack.pop()
            if not stack:
                self._stacks.owner = None
                return
            stack.pop()
            if self._recorder.watch is not None:
                self._watch(module, output)
            if self._stacks.owner is not None and len(stack) <= self._stacks.owner:
                self._stacks.owner = None
                if self._recorder.is_recording and output is not None:
                    self._record_forward(unwrapped(module), args, output)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a module call", error)

    def _watch(self, module: Opaque, output: Opaque) -> None:
        watch = self._recorder.watch
        if watch is None:
            return
        kept = watch.outputs.get(id(unwrapped(module)))
        if kept is not None and self._torch.is_tensor(output):
            kept.append(output.detach().cpu().float().numpy().copy())

    def _record_forward(self, model: Opaque, args: Opaque, output: Opaque) -> None:
        record = self._record_of(model)
        record.forwards += 1
        given = args[0] if args and self._torch.is_tensor(args[0]) else None
        if record.called_shape is None and given is not None:
            record.called_shape = tuple(given.shape[1:])
        tensors = [t for t in _tensors(self._torch, output) if t.grad_fn is not None]
        if not tensors or not self._torch.is_grad_enabled():
            return
        if record.before is None:
            record.before = digest(model)
            self._own_parameters()
        computed = [one.grad_fn for one in _tensors(self._torch, args) if one.grad_fn is not None]
        upstream = [note for node in computed for note in outputs_below(node)]
        upstream = [one for note in upstream for one in (note, *note.upstream)]
        record.is_chained = record.is_chained or bool(upstream)
        note = OutputNote(record, record.forwards, tuple(upstream))
        for tensor in tensors:
            leave_note(tensor.grad_fn, note)
        if given is not None:
            pending = record.notes.setdefault("pending", {})
            pending[record.forwards] = given.detach()
            while len(pending) > _PENDING_BATCHES:
                del pending[next(iter(pending))]

    def _record_of(self, model: Opaque) -> ModelRecord:
        known = self._recorder.records.get(id(model))
        if known is not None:
            return known
        size = sum(_bytes(parameter) for parameter in model.parameters())
        return self._recorder.record_of(Framework.PYTORCH, model, size=size)

    def _own_parameters(self) -> None:
        owners: dict[int, list[ModelRecord]] = {}
        for record in self._recorder.in_order():
            if record.framework is Framework.PYTORCH:
                for parameter in record.model.parameters():
                    owners.setdefault(id(parameter), []).append(record)
        self._owners = owners

    # Losses and gradients --------------------------------------------------------------------

    def _wrapped_loss(
        self, function: str, kind: LossKind, original: Callable[..., Opaque]
    ) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def loss(*args: Opaque, **kwargs: Opaque) -> Opaque:
            result = original(*args, **kwargs)
            if not self._is_off and self._recorder.is_recording:
                try:
                    self._note_loss(function, kind, args, kwargs, result)
                except Exception as error:  # noqa: BLE001  # must not reach student code
                    self._recorder.trouble(f"at {function}", error)
            return result

        return loss

    def _note_loss(
        self,
        function: str,
        kind: LossKind,
        args: tuple[Opaque, ...],
        kwargs: dict[str, Opaque],
        result: Opaque,
    ) -> None:
        if not self._torch.is_tensor(result) or result.grad_fn is None:
            return
        given: Opaque = args[0] if args else kwargs.get("input")
        target: Opaque = args[1] if len(args) > 1 else kwargs.get("target")
        if not self._torch.is_tensor(given) or not self._torch.is_tensor(target):
            return
        stack = self._stack
        name = function
        if stack and isinstance(stack[-1], self._loss_modules):
            name = class_name(stack[-1])
        is_swapped = given.grad_fn is None and target.grad_fn is not None
        if is_swapped:
            given, target = target, given
        is_swapped = is_swapped and function not in _SYMMETRIC
        path = trace_to_model(given.grad_fn)
        use = LossUse(
            name=name,
            family=kind.family,
            expects=kind.expects,
            outside=None if is_swapped else path.outside,
            since_weights=None if is_swapped else path.since_weights,
            target_shape=(None, *target.shape[1:]) if target.dim() else (),
            target_dtype=str(target.dtype).removeprefix("torch."),
            problem="the labels stand where the loss wants the model's output"
            if is_swapped
            else path.problem,
        )
        labels = None
        count = max((note.record.gradients for note in path.outputs), default=0)
        if count < 3 or count & (count - 1) == 0:
            labels = target.detach().cpu().numpy().copy()
        leave_note(result.grad_fn, LossNote(use, tuple(path.outputs), labels, kind.takes_index))

    def _wrapped_backward(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def backward(tensors: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            story = self._read(tensors, None)
            result = original(tensors, *args, **kwargs)
            self._commit(story)
            return result

        return backward

    def _wrapped_grad(self, original: Callable[..., Opaque]) -> Callable[..., Opaque]:
        @functools.wraps(original)
        def grad(outputs: Opaque, inputs: Opaque, *args: Opaque, **kwargs: Opaque) -> Opaque:
            story = self._read(outputs, inputs)
            result = original(outputs, inputs, *args, **kwargs)
            self._commit(story)
            return result

        return grad

    def _read(self, roots: Opaque, inputs: Opaque) -> BackwardStory | None:
        """Read the graph before it is used up.

        Args:
            roots: What gradients are taken of.
            inputs: What they are taken for, if that was said; only parameters count as training.
        """
        if self._is_off or not self._recorder.is_recording:
            return None
        try:
            if inputs is not None:
                asked = [inputs] if self._torch.is_tensor(inputs) else list(inputs)
                if not any(id(one) in self._owners for one in asked):
                    return None
            tensors = [roots] if self._torch.is_tensor(roots) else list(roots)
            story = read_backward([t.grad_fn for t in tensors], self._owners)
            if len(tensors) == 1 and tensors[0].numel() == 1:
                story.loss = float(tensors[0].detach())
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("before a gradient", error)
            return None
        return story

    def _commit(self, story: BackwardStory | None) -> None:
        if story is None:
            return
        try:
            for record in story.records:
                record.gradients += 1
                record.last_trained = self._recorder.tick()
                record.last_loss = story.loss
                if story.loss is not None:
                    record.gradient_curve.add(record.gradients, story.loss)
                record.add_loss(story.use_for(record))
                for labels, takes_index in story.labels_for(record):
                    record.targets.add(labels, takes_index=takes_index)
            for note in story.outputs:
                for below in note.upstream:
                    below.record.feeds_another = True
                batch = note.record.notes.get("pending", {}).pop(note.number, None)
                if batch is not None:
                    self._take_rows(note.record, batch)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after a gradient", error)

    def _take_rows(self, record: ModelRecord, batch: Opaque) -> None:
        mark = (batch.data_ptr(), tuple(batch.shape), batch._version)
        if record.notes.get("batch") == mark and record.notes.get("kept") is not None:
            return
        # The tensor is held, so that its address is not given to another batch.
        record.notes["batch"], record.notes["kept"] = mark, batch
        record.training.add(as_array(batch))

    def _after_step(self, optimizer: Opaque, args: Opaque, kwargs: Opaque) -> None:
        if self._is_off or not self._recorder.is_recording:
            return
        try:
            groups = optimizer.param_groups
            if any(id(p) not in self._owners for group in groups for p in group["params"]):
                self._own_parameters()
            touched: dict[int, tuple[ModelRecord, Opaque]] = {}
            for group in groups:
                for parameter in group["params"]:
                    if parameter.grad is None:
                        continue
                    for record in self._owners.get(id(parameter), ()):
                        touched.setdefault(record.number, (record, group))
            for record, group in touched.values():
                record.steps += 1
                record.last_trained = self._recorder.tick()
                record.add_optimizer(class_name(optimizer))
                record.learning_rate = float(group["lr"]) if "lr" in group else None
                if record.last_loss is not None:
                    record.curve.add(record.steps, record.last_loss)
        except Exception as error:  # noqa: BLE001  # must not reach student code
            self._recorder.trouble("after an optimizer step", error)


def unwrapped(module: Opaque) -> Opaque:
    """The model inside ``torch.compile`` or ``DataParallel``."""
    for _ in range(4):
        inner = module.__dict__.get("_modules", {})
        if "_orig_mod" in inner:
            module = inner["_orig_mod"]
        elif type(module).__name__ in {"DataParallel", "DistributedDataParallel"}:
            module = inner.get("module", module)
        else:
            break
    return module


def digest(model: Opaque) -> str:
    """Digest of all parameters, bit for bit."""
    import torch

    result = hashlib.blake2b(digest_size=16)
    for name, parameter in model.named_parameters():
        result.update(name.encode())
        values = parameter.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        result.update(values.numpy().tobytes())
    return result.hexdigest()


def as_array(tensor: Opaque) -> Array:
    """A NumPy copy of a tensor; types that NumPy lacks become float32."""
    held = tensor.detach().cpu()
    try:
        return np.array(held.numpy())
    except TypeError:
        return np.array(held.float().numpy())


def _has_parameters(module: Opaque) -> bool:
    return next(module.parameters(), None) is not None


def _is_keras(module: Opaque) -> bool:
    return any(kind.__module__.startswith("keras.") for kind in type(module).__mro__)


def _bytes(parameter: Opaque) -> int:
    try:
        return int(parameter.numel() * parameter.element_size())
    except (RuntimeError, ValueError):  # a lazy parameter has no size yet
        return 0


def _tensors(torch: Opaque, output: Opaque) -> Iterable[Opaque]:
    if torch.is_tensor(output):
        return [output]
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        return [one for one in output[:16] if torch.is_tensor(one)]
    return []
