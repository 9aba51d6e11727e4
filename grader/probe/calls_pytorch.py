"""The steps of a PyTorch model, read from the functions that it calls.

Independent of the autograd graph: functions are seen where Python calls them, and what uses what
is told by the identity of the tensors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from grader.evidence import Operation
from grader.probe.autograd_steps import NO_WAY
from grader.probe.call_names import ACTIVATIONS, KINDS, MAKERS, QUESTIONS
from grader.probe.formulas import with_formulas
from grader.probe.layers_pytorch import device_of, gradients_everywhere
from grader.probe.opaque import Opaque
from grader.probe.spelled_out import LEARNED_SCALE, on_ways
from grader.probe.tallies import Array

_MOST_STEPS = 5_000
_ENTRANCES = {"dense", "product", "conv1d", "conv2d", "embedding", "recurrent"}
_UNFOLDED = {"LSTM", "GRU", "RNN", "MultiheadAttention"}
SCRIPTED = "a recurrent or attention layer was turned into a script"


@dataclass(slots=True)
class Trace:
    """The steps so far.

    Attributes:
        steps: In the order of the calls.
        after: Positions that each uses.
        results: First tensor that each returned, with its version, while nobody has changed it.
        place: By ``id`` of a tensor: the step that made it; -1 for the model's input.
        learned: Tensors that were computed from parameters alone.
        fixed: Tensors computed from embeddings of positions, not from the data.
        fixed: Tensors computed from embeddings of positions, not from the input.
        weights: By position of a dense step: its weights ``(inputs, units)`` and its bias.
        anywhere: Whether the steps may begin at rows that are not the model's input.
        kept: All tensors, so that an ``id`` stays theirs.
    """

    steps: list[Operation] = field(default_factory=list)
    after: list[tuple[int, ...]] = field(default_factory=list)
    results: list[tuple[Opaque, int]] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    learned: set[int] = field(default_factory=set)
    kept: list[Opaque] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    anywhere: bool = False
    weights: dict[int, tuple[Opaque, Opaque]] = field(default_factory=dict)

    def value(self, place: int) -> Array | None:
        """What a step returned; ``None`` if it was changed in place later."""
        tensor, version = self.results[place]
        if tensor is None or tensor._version != version:
            return None
        return np.asarray(tensor.detach().cpu().numpy())


def traced(model: Opaque, rows: Array, *, anywhere: bool = False) -> tuple[Trace, int]:
    """Run a model on rows and keep the functions that it calls.

    Args:
        model: A copy in evaluation mode.
        rows: In the type that the model was trained on.
        anywhere: Whether the steps may begin at rows that are not the model's input.

    Returns:
        The trace, and the position of the step that made the output.

    Raises:
        LookupError: The output was not made from the input by functions that were seen.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    trace = Trace(anywhere=anywhere)

    def called(
        self: Opaque, func: Opaque, types: Opaque, args: Opaque = (), kwargs: Opaque = None
    ) -> Opaque:
        del self, types
        given = kwargs or {}
        result = func(*args, **given)
        if len(trace.steps) < _MOST_STEPS:
            listen(trace, func, args, given, result)
        return result

    # Scripts call no Python functions: of them the kernels are seen, one level below.
    is_script = any(isinstance(one, torch.jit.ScriptModule) for one in model.modules())
    base: Opaque = TorchFunctionMode
    if is_script:
        from torch.utils import _python_dispatch

        base = _python_dispatch.TorchDispatchMode
    name = "__torch_dispatch__" if is_script else "__torch_function__"
    listener = type("Listener", (base,), {name: called})()
    if is_script and any(getattr(one, "original_name", "") in _UNFOLDED for one in model.modules()):
        raise LookupError(SCRIPTED)

    source = torch.from_numpy(np.ascontiguousarray(rows).copy()).to(device_of(model))
    trace.place[id(source)] = -1
    trace.learned.update(id(one) for one in model.parameters())
    trace.kept.extend([source, *model.parameters()])
    with gradients_everywhere(), torch.enable_grad(), listener:
        output = model(source)
    place = trace.place.get(id(output), -1)
    if place < 0 or id(output) in trace.fixed or len(trace.steps) >= _MOST_STEPS:
        raise LookupError(NO_WAY)
    return trace, place


def tensors_in(value: Opaque, *, depth: int = 4) -> list[Opaque]:
    """Tensors in nested tuples, lists and dictionaries, in order."""
    import torch

    if torch.is_tensor(value):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)) and depth:
        return [one for part in value for one in tensors_in(part, depth=depth - 1)]
    return []


def listen(trace: Trace, func: Opaque, args: Opaque, kwargs: Opaque, result: Opaque) -> None:
    """Take in one call."""
    name = name_of(func)
    if name in QUESTIONS or name in MAKERS:
        return
    given, made = tensors_in([args, kwargs]), tensors_in(result)
    if name == "__setitem__":
        made = given[:1]
    if not made:
        return
    trace.kept.extend(made)
    if trace.anywhere and KINDS.get(name) in _ENTRANCES:
        _let_in(trace, given)
    data = [one for one in given if id(one) in trace.place and id(one) not in trace.fixed]
    fixed = [one for one in given if id(one) in trace.fixed]
    if not data and not fixed and KINDS.get(name) != "embedding":
        if all(id(one) in trace.learned for one in given) and given:
            trace.learned.update(id(one) for one in made)
        return
    step = step_of(trace, name, (args, kwargs), data, made)
    if step is None:  # does nothing
        for one in made:
            trace.place.setdefault(id(one), trace.place[id(data[0])])
        return
    used = {trace.place[id(one)] for one in (*data, *fixed)}
    trace.steps.append(step)
    trace.after.append(tuple(sorted(used)))
    trace.results.append((made[0], made[0]._version))
    if step.kind in {"recurrent", "attention"} and _drops_inside(args, kwargs):
        trace.steps.append(Operation(kind="dropout"))
        trace.after.append((len(trace.steps) - 2,))
        trace.results.append(trace.results[-1])
    for one in made:
        trace.place[id(one)] = len(trace.steps) - 1
        if not data:
            trace.fixed.add(id(one))


def _let_in(trace: Trace, given: list[Opaque]) -> None:
    """Take what a layer is given for rows where nothing is known of it."""
    if not any(id(one) in trace.place for one in given):
        rows = next((one for one in given if id(one) not in trace.learned), None)
        if rows is not None:
            trace.place[id(rows)] = -1
            trace.kept.append(rows)


def _drops_inside(args: Opaque, kwargs: Opaque) -> bool:
    """Whether a recurrent or attention function was given a rate: the one fraction it takes."""
    return any(isinstance(one, float) and one > 0 for one in (*args, *kwargs.values()))


def name_of(func: Opaque) -> str:
    """Name of a function; of a property's getter, that of the property."""
    packet = getattr(func, "overloadpacket", func)
    name = getattr(packet, "__name__", "")
    if name == "__get__":
        name = getattr(getattr(func, "__self__", None), "__name__", "")
    return str(name)


def step_of(
    trace: Trace, name: str, given: Opaque, data: list[Opaque], made: list[Opaque]
) -> Operation | None:
    """The neutral step that a call stands for; ``None`` if it does nothing."""
    args, kwargs = given
    several = len({id(one) for one in data}) > 1
    if name == "elu" and len(args) > 2 and args[2] != 1:
        return Operation(kind="activation", activation="selu")
    if name in ACTIVATIONS:
        axis = _axis(args, kwargs, made[0]) if "softmax" in name else None
        return Operation(kind="activation", activation=ACTIVATIONS[name], axis=axis)
    if name in {"clamp", "clip", "clamp_", "clamp_min", "hardtanh", "hardtanh_"}:
        return _clamped(name, args, kwargs)
    kind = KINDS.get(name)
    if kind == "dropout":
        rate = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
        return Operation(kind="dropout", rate=_share(rate)) if rate else None
    if kind in {"add", "multiply", "quotient"}:
        return _arithmetic(trace, kind, name, args, data)
    if kind in {"product", "dense"}:
        return _product(trace, name, args, kwargs, data, made[0])
    if kind in {"max-pool"} and several:
        kind = "comparison"
    if kind in {"embedding", "recurrent", "attention"} or (kind or "").startswith("conv"):
        return _layer(name, str(kind), made[0])
    return Operation(kind=kind or name[:100] or "unknown")


def _share(rate: Opaque) -> float | None:
    return float(rate) if isinstance(rate, (int, float)) and 0 <= rate <= 1 else None


def _layer(name: str, kind: str, result: Opaque) -> Operation:
    own = None
    channel = -1
    if name == "convolution":
        kind, name = f"conv{result.dim() - 2}d", f"conv{result.dim() - 2}d"
    if kind == "recurrent":
        own = "relu" if "relu" in name else "tanh"
    if kind.startswith("conv") and kind != "concatenate":
        channel = result.dim() - 1 - int("".join(c for c in name if c.isdigit())[:1] or 2)
    return Operation(kind=kind, activation=own, units=int(result.shape[channel]))


def _arithmetic(trace: Trace, kind: str, name: str, args: Opaque, data: list[Opaque]) -> Operation:
    several = len({id(one) for one in data}) > 1
    if kind == "add":
        is_twice = len(data) > 1 and not several
        return Operation(kind="add" if several else "scale" if is_twice else "shift")
    if kind == "multiply":
        is_twice = len(data) > 1 and not several
        learned = any(id(one) in trace.learned for one in tensors_in(args))
        alone = "power" if is_twice else LEARNED_SCALE if learned else "scale"
        return Operation(kind="multiply" if several else alone)
    is_below = not name.startswith("__r") and bool(args) and any(args[0] is one for one in data)
    return Operation(kind="scale" if is_below and len(data) == 1 else "division")


def _product(
    trace: Trace, name: str, args: Opaque, kwargs: Opaque, data: list[Opaque], result: Opaque
) -> Operation:
    if len(data) > 1:
        return Operation(kind="matrix-product")
    others = [one for one in tensors_in([args, kwargs]) if one is not data[0]]
    weights = [one for one in others if id(one) in trace.learned or one.requires_grad]
    if not weights:
        return Operation(kind="scale")  # by a constant matrix
    weight = max(weights, key=lambda one: one.dim())
    bias = next((one for one in weights if one is not weight and one.dim() == 1), None)
    is_vector = weight.dim() == 1
    before, after = list(data[0].shape), list(result.shape)
    units = 1 if is_vector else int(after[-1])
    if not is_vector and before[-1:] == after[-1:] and before[:-1] != after[:-1]:
        units = int(after[-2])  # the weights stood on the left
    if weight.dim() == 2:
        turned = weight if weight.shape[1] == units else weight.T
        turned = weight.T if name == "linear" else turned
        trace.weights[len(trace.steps)] = (turned.detach(), bias)
    return Operation(kind="dense", inputs=int(before[-1]), units=units)


def _clamped(name: str, args: Opaque, kwargs: Opaque) -> Operation:
    low = kwargs.get("min", kwargs.get("min_val", args[1] if len(args) > 1 else None))
    high = kwargs.get("max", kwargs.get("max_val", args[2] if len(args) > 2 else None))
    if name.startswith("hardtanh"):
        low, high = -1 if low is None else low, 1 if high is None else high
    applied = None
    if low == 0 and high is None:
        applied = "relu"
    elif (low, high) == (-1, 1):
        applied = "hard_tanh"
    elif (low, high) == (0, 6):
        applied = "relu6"
    elif isinstance(low, (int, float)) and isinstance(high, (int, float)):
        applied = "clip" if 0 <= low < 0.01 and 0.99 < high <= 1 else None
    if applied is None:
        return Operation(kind="comparison")
    return Operation(kind="activation", activation=applied)


def _axis(args: Opaque, kwargs: Opaque, result: Opaque) -> int | None:
    """Axis of a softmax from the end; ``-2`` where that is the axis of the rows."""
    rank = int(result.dim())
    if rank == 1:
        return -2
    axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if axis is None:
        axis = 0 if rank in {0, 1, 3} else 1
    return int(axis) if axis < 0 else int(axis) - rank


def steps_of_calls(trace: Trace, place: int) -> list[Operation]:
    """The steps that the output needs, formulas recognised by what they compute."""
    steps, after = trace.steps[: place + 1], trace.after[: place + 1]
    return on_ways(*with_formulas(steps, after, trace.value))
