"""One run of a PyTorch model under observation: which of its layers were called, on what."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from grader.evidence import Operation
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_MOST_CALLS = 5_000
_MOST_NUMBERS = 2_000_000
_OWN = {
    "Linear": "dense",
    "LazyLinear": "dense",
    "NonDynamicallyQuantizableLinear": "dense",
    "Embedding": "embedding",
    "EmbeddingBag": "embedding",
    "BatchNorm1d": "batch-norm",
    "BatchNorm2d": "batch-norm",
    "BatchNorm3d": "batch-norm",
    "LayerNorm": "layer-norm",
    "GroupNorm": "group-norm",
    "RMSNorm": "rms-norm",
    "InstanceNorm1d": "instance-norm",
    "InstanceNorm2d": "instance-norm",
    "MultiheadAttention": "attention",
}
_STEMS = {
    "ConvTranspose": "conv-transpose",
    "Conv1d": "conv1d",
    "Conv2d": "conv2d",
    "Conv3d": "conv3d",
    "LazyConv1d": "conv1d",
    "LazyConv2d": "conv2d",
    "MaxPool": "max-pool",
    "AdaptiveMaxPool": "max-pool",
    "AvgPool": "average-pool",
    "AdaptiveAvgPool": "average-pool",
}
_RECURRENT = {"RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"}
_FOLDED = {*_RECURRENT, "MultiheadAttention", "RMSNorm", "InstanceNorm1d", "InstanceNorm2d"}


@dataclass(slots=True)
class LayerCall:
    """One call of a module.

    Attributes:
        module: That was called.
        start: Number of the first autograd node that the call may have made.
        end: Number of the first one after it.
        given: Copy of the first tensor that it was given, of layers and activations.
        result: Copy of the first tensor that it returned, likewise.
        maker: Autograd node of that tensor; ``None`` if it has none.
        is_same: Whether it returned the tensor that it was given, unchanged.
    """

    module: Opaque
    start: int
    end: int = 0
    given: Opaque = None
    result: Opaque = None
    maker: Opaque = None
    is_same: bool = False


@dataclass(slots=True)
class Observed:
    """What one run showed.

    Attributes:
        rows: What the model was given, before it may have changed that.
        source: The tensor that it was given.
        leaf: What it was copied from, with gradients on; ``None`` for whole numbers.
        output: What the model returned.
        calls: Calls of modules, in the order in which they began.
        inputs: What each was given, itself.
    """

    rows: Array
    source: Opaque
    leaf: Opaque
    output: Opaque = None
    calls: list[LayerCall] = field(default_factory=list)
    inputs: list[Opaque] = field(default_factory=list)

    def folds(self) -> list[LayerCall]:
        """Calls whose inner steps stand for one step, outermost ones only."""
        found: list[LayerCall] = []
        for call in self.calls:
            if is_folded(call.module) and (not found or call.start >= found[-1].end):
                found.append(call)
        return found


def observed(model: Opaque, rows: Array) -> Observed:
    """Run a model on rows, gradients on, and keep what its modules were given and returned.

    Args:
        model: A copy in evaluation mode.
        rows: In the type that the model was trained on.
    """
    import torch

    inputs = torch.from_numpy(np.ascontiguousarray(rows)).to(device_of(model))
    leaf = inputs.requires_grad_(True) if inputs.is_floating_point() else None
    with torch.enable_grad():
        # Not the leaf itself: a forward may change its input in place.
        source = inputs.clone()
    seen = Observed(rows, source, leaf)
    handles = []
    try:
        for module in model.modules():
            with contextlib.suppress(Exception):  # scripted modules take no such hooks
                handles.append(module.register_forward_pre_hook(_before(seen), with_kwargs=True))
                handles.append(module.register_forward_hook(_after(seen)))
        with gradients_everywhere(), torch.enable_grad():
            seen.output = model(source)
    finally:
        for handle in handles:
            handle.remove()
    return seen


def _before(seen: Observed) -> Opaque:
    def hook(module: Opaque, args: Opaque, kwargs: Opaque) -> None:
        if len(seen.calls) < _MOST_CALLS:
            given = first_tensor([*args, *kwargs.values()])
            seen.calls.append(LayerCall(module, _now(), given=_copied(module, given)))
            seen.inputs.append(given)

    return hook


def _after(seen: Observed) -> Opaque:
    def hook(module: Opaque, args: Opaque, output: Opaque) -> None:
        del args
        for call, given in zip(reversed(seen.calls), reversed(seen.inputs), strict=True):
            if call.module is module and not call.end:
                result = first_tensor(output)
                call.end = _now()
                call.maker = getattr(result, "grad_fn", None)
                call.is_same = result is given
                call.result = _copied(module, result)
                break

    return hook


def _copied(module: Opaque, tensor: Opaque) -> Opaque:
    """A copy of a layer's tensor: what follows may work in place."""
    if tensor is None or not kind_of(module) or tensor.numel() > _MOST_NUMBERS:
        return None
    return tensor.detach().clone()


def _now() -> int:
    import torch

    return int(torch._C._autograd._get_sequence_nr())


def first_tensor(value: Opaque, *, depth: int = 3) -> Opaque:
    """The first tensor in a value or in its nested parts; ``None`` if there is none."""
    import torch

    if torch.is_tensor(value):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)) and depth:
        for part in value:
            found = first_tensor(part, depth=depth - 1)
            if found is not None:
                return found
    return None


@contextlib.contextmanager
def gradients_everywhere() -> Iterator[None]:
    """Let ``torch.no_grad`` do nothing, so that a frozen base stays part of the graph."""
    import torch

    kinds = (torch.no_grad, torch.inference_mode)
    own = [(kind, kind.__enter__, kind.__exit__) for kind in kinds]
    try:
        for kind in kinds:
            kind.__enter__ = lambda self: None  # type: ignore[method-assign]  # put back below
            kind.__exit__ = lambda self, *error: None  # type: ignore[method-assign]  # put back below
        yield
    finally:
        for kind, enter, leave in own:
            kind.__enter__ = enter  # type: ignore[method-assign]  # was ours
            kind.__exit__ = leave  # type: ignore[method-assign]  # was ours


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Put back the state of every random generator that a student's forward may draw from."""
    import torch

    states = (torch.random.get_rng_state(), np.random.get_state(), random.getstate())
    try:
        yield
    finally:
        torch.random.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])


def device_of(model: Opaque) -> Opaque:
    """Where a model's parameters are."""
    import torch

    first = next(model.parameters(), None)
    return torch.device("cpu") if first is None else first.device


def own_name(module: Opaque) -> str:
    """Class name of PyTorch's own class that a module is of; empty for a student's class."""
    kind = type(module)
    if kind.__module__.startswith("torch.nn.utils.parametrize"):
        kind = kind.__mro__[1]  # a parametrised layer is of a class made for it
    return kind.__name__ if kind.__module__.startswith(("torch.nn.", "torch.ao.nn.")) else ""


def kind_of(module: Opaque) -> str:
    """Neutral kind of one of PyTorch's own layers; empty for anything else."""
    name = own_name(module)
    if name in _RECURRENT:
        return "recurrent"
    if name in _OWN:
        return _OWN[name]
    return next((kind for stem, kind in _STEMS.items() if name.startswith(stem)), "")


def is_folded(module: Opaque) -> bool:
    """Whether a module's inner steps stand for one step."""
    return own_name(module) in _FOLDED


def operation_of_layer(call: LayerCall) -> Operation:
    """The step that a call of one of PyTorch's own layers stands for."""
    module, kind = call.module, kind_of(call.module)
    units = None
    for name in ("out_features", "out_channels", "embedding_dim", "embed_dim"):
        units = getattr(module, name, None) if units is None else units
    if kind == "recurrent":
        ways = 2 if getattr(module, "bidirectional", False) else 1
        units = (getattr(module, "proj_size", 0) or module.hidden_size) * ways
        own = "relu" if getattr(module, "nonlinearity", "tanh") == "relu" else "tanh"
        return Operation(kind=kind, inputs=int(module.input_size), units=units, activation=own)
    return Operation(kind=kind, units=None if units is None else int(units))
