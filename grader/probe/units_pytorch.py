"""Layers of a PyTorch model one by one: numbers that pass, values, weights, layers left out."""

from __future__ import annotations

import numpy as np

from grader.probe.autograd import is_leaf, walked
from grader.probe.calls_pytorch import Trace
from grader.probe.kinds import NORMS, POOLS, WEIGHTED
from grader.probe.layers_pytorch import (
    LayerCall,
    Observed,
    is_folded,
    kind_of,
    operation_of_layer,
    own_name,
)
from grader.probe.listed_pytorch import ACTIVATIONS
from grader.probe.opaque import Opaque
from grader.probe.passages import Passage
from grader.probe.tallies import Array
from grader.probe.ways import Flow
from grader.probe.wording import printable

_WATCHED = {"relu", "relu6", "sigmoid", "tanh"}
_OTHER_LAYERS = ("Dropout", "AlphaDropout", "FeatureAlphaDropout", "Flatten", "Upsample")


def passages_of(seen: Observed) -> list[Passage]:
    """Calls of layers, normalisations and poolings, none inside another one."""
    passages = []
    for call in outer_calls(seen):
        kind = kind_of(call.module)
        if kind not in WEIGHTED | NORMS | POOLS:
            continue
        if call.given is None or call.result is None:
            message = "a layer returned nothing that could be compared"
            raise LookupError(message)
        step = operation_of_layer(call)
        given, result = (one.cpu().numpy() for one in (call.given, call.result))
        passages.append(Passage(kind, given, result, step.units, step.activation or "linear"))
    return passages


def outer_calls(seen: Observed) -> list[LayerCall]:
    """Calls that do not belong to a layer that is folded into one step."""
    folded = seen.folds()
    return [
        call
        for call in seen.calls
        if not any(
            call is not fold and fold.start <= call.start and call.end <= fold.end
            for fold in folded
            if fold.end > fold.start
        )
    ]


def hidden_values_of(trace: Trace, place: int) -> list[tuple[str, Array]]:
    """Values of the activations between layers, units last."""
    last = max(
        (i for i, step in enumerate(trace.steps[: place + 1]) if step.kind in WEIGHTED), default=-1
    )
    layers = []
    for number, step in enumerate(trace.steps[: max(last, 0)]):
        if step.kind != "activation" or step.activation not in _WATCHED:
            continue
        maker = _maker(trace, number)
        values = trace.value(number)
        if maker is None or values is None or values.ndim < 2:
            continue
        if maker.startswith("conv"):
            values = np.moveaxis(values, 1, -1)
        layers.append((str(step.activation), values.reshape(-1, values.shape[-1])))
    return layers


def _maker(trace: Trace, place: int) -> str | None:
    """Kind of the layer that an activation is applied to."""
    while place >= 0:
        if trace.steps[place].kind in WEIGHTED:
            return trace.steps[place].kind
        place = max(trace.after[place], default=-1)
    return None


def hidden_weights_of(trace: Trace, place: int) -> list[tuple[Array, Array | None]]:
    """Weights and biases of the dense layers that lead to the output, but the last layer.

    Raises:
        LookupError: A bias was added apart from the product, so that it is not known.
    """
    flow = Flow(trace.steps[: place + 1], frozenset(), trace.after[: place + 1])
    layers = [i for i, step in enumerate(trace.steps[: place + 1]) if step.kind in WEIGHTED]
    found = {}
    for number in layers[:-1]:
        if trace.steps[number].kind != "dense":
            continue
        weights, bias = trace.weights.get(number, (None, None))
        is_shifted = any(trace.steps[user].kind == "shift" for user in flow.users.get(number, ()))
        if weights is None or (bias is None and is_shifted):
            message = "the weights of a dense layer could not be told"
            raise LookupError(message)
        numbers = None if bias is None else bias.detach().cpu().numpy()
        found[weights.data_ptr()] = (weights.cpu().numpy(), numbers)
    return list(found.values())


def unused_in(model: Opaque, seen: Observed) -> tuple[str, ...] | None:
    """Names of the layers and activations that took no part in one run.

    Returns:
        ``None`` if the graph of the run does not lead back to the model at all.
    """
    import torch

    if not torch.is_tensor(seen.output) or seen.output.grad_fn is None:
        return None
    nodes = list(walked([seen.output.grad_fn]))
    made = {id(node) for node in nodes}
    used = {node.variable.data_ptr() for node in nodes if is_leaf(node)}
    called = {id(call.module) for call in seen.calls}
    taken = {id(call.module) for call in seen.calls if call.is_same or id(call.maker) in made}
    names: list[str] = []
    covered: list[str] = []
    for name, module in model.named_modules():
        if not name or any(name.startswith(prefix) for prefix in covered):
            continue
        own = list(module.parameters())
        inner = [one for one in module.modules() if one is not module]
        if own:
            is_used = any(one.data_ptr() in used for one in own)
        elif inner:
            is_used = any(id(one) in called for one in (module, *inner))
        else:
            is_used = id(module) in (taken if own_name(module) in ACTIVATIONS else called)
        if isinstance(module, torch.jit.ScriptModule) and not own:
            continue  # its calls cannot be seen
        if not is_used and (own or inner or _is_layer(module)):
            names.append(printable(f"{name} ({type(module).__name__})"))
            covered.append(f"{name}.")
        elif is_folded(module):
            covered.append(f"{name}.")
    return tuple(names[:100])


def _is_layer(module: Opaque) -> bool:
    name = own_name(module)
    return name in ACTIVATIONS or bool(kind_of(module)) or name.startswith(_OTHER_LAYERS)
