"""Plain questions about PyTorch's models and tensors."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable

import numpy as np

from grader.probe.autograd import is_leaf, walked
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array

_MOST_TENSORS = 16


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


def is_model(module: Opaque) -> bool:
    """Whether a module can be trained and is no Keras model on top of PyTorch."""
    if next(module.parameters(), None) is None:
        return False
    return not any(kind.__module__.startswith("keras.") for kind in type(module).__mro__)


def size_of(model: Opaque) -> int:
    """Bytes of a model's parameters."""
    return sum(_bytes(parameter) for parameter in model.parameters())


def _bytes(parameter: Opaque) -> int:
    try:
        return int(parameter.numel() * parameter.element_size())
    except (RuntimeError, ValueError):  # a lazy parameter has no size yet
        return 0


def tensors_in(torch: Opaque, output: Opaque) -> Iterable[Opaque]:
    """The tensors that a call took or returned, those in a flat container as well."""
    if torch.is_tensor(output):
        return (output,)
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        return [one for one in output[:_MOST_TENSORS] if torch.is_tensor(one)]
    return ()


def mode_sensitive(torch: Opaque, model: Opaque) -> list[Opaque]:
    """The layers of a model that compute something else in training mode."""
    dropout = torch.nn.modules.dropout._DropoutNd
    norm = torch.nn.modules.batchnorm._NormBase
    return [
        one
        for one in model.modules()
        if (isinstance(one, dropout) and one.p > 0)
        or (isinstance(one, norm) and one.track_running_stats)
    ]


def is_in_training(model: Opaque, sensitive: list[Opaque]) -> bool:
    """The mode in which a model computes.

    Its own flag, unless every layer for which the mode matters has the opposite one: then the
    flag is without effect. Where only some have it, as in fine-tuning with frozen averages, the
    flag says what was meant.
    """
    flag = bool(model.training)
    if not sensitive or any(layer.training is flag for layer in sensitive):
        return flag
    return not flag


def models_of(torch: Opaque, nodes: list[Opaque]) -> list[Opaque]:
    """The outermost models that hold the parameters below nodes of a graph."""
    leaves = {id(node.variable) for node in walked(nodes) if is_leaf(node)}
    if not leaves:
        return []
    # A student's object may answer any question with an error; its type does not.
    modules = [one for one in gc.get_objects() if issubclass(type(one), torch.nn.Module)]
    holding = [one for one in modules if any(id(p) in leaves for p in one.parameters())]
    inner = {id(below) for one in holding for below in one.modules() if below is not one}
    return [one for one in holding if id(one) not in inner]


def mark_of(tensor: Opaque) -> tuple[Opaque, ...]:
    """What tells a tensor from others as long as it is held, and tells when it was changed."""
    version = -1 if tensor.is_inference() else tensor._version
    return tensor.data_ptr(), tensor.shape, version


def is_round(count: int) -> bool:
    """Whether the event of this number is looked at closely: 1, 2, 3 and powers of two."""
    return count < 4 or count & (count - 1) == 0
