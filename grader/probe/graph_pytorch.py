"""What a PyTorch model computes: its autograd graph, read from output to input."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator

import numpy as np

from grader.evidence import Operation
from grader.probe.autograd import following, operation_of
from grader.probe.chain import Link, chain_of, on_the_way
from grader.probe.opaque import Opaque
from grader.probe.structure import BRANCH, Structure, structure_of
from grader.probe.tallies import Array
from grader.probe.wording import described

_BATCH = 1024


def structure(model: Opaque, rows: Array) -> Structure:
    """Read the structure of a model from its run on a few rows.

    Args:
        model: Left as it was: a copy is examined where the model can be copied.
        rows: At least 3, in the type that the model was trained on.
    """
    with examined(model) as copied:
        import torch

        inputs = torch.from_numpy(np.ascontiguousarray(rows))
        if not inputs.is_floating_point():
            return Structure(problem="the model takes whole numbers")
        inputs = inputs.to(_device(copied)).requires_grad_(True)
        with torch.enable_grad():
            # Not the leaf itself: a forward may change its input in place.
            output = copied(inputs.clone())
        if not torch.is_tensor(output):
            return Structure(problem="the model returns something else than one tensor")
        if output.grad_fn is None:
            return Structure(problem="the output does not depend on the input by known steps")
        return structure_of(_operations(output.grad_fn, inputs))


def _operations(output: Opaque, inputs: Opaque) -> list[Operation]:
    nodes: dict[int, Opaque] = {}
    uses: dict[int, tuple[int, ...]] = {}
    source = -1
    waiting = [output]
    while waiting and len(nodes) < 20_000:
        node = waiting.pop()
        if id(node) in nodes:
            continue
        nodes[id(node)] = node
        after = following(node)
        uses[id(node)] = tuple(id(one) for one in after)
        waiting.extend(after)
        if getattr(node, "variable", None) is inputs:
            source = id(node)
    links = chain_of(uses, source=source, sink=id(output))
    between = set(on_the_way(uses, source, id(output)))
    operations = []
    for link in links[1:]:  # the first is the copy of the input
        data = [nodes[used] for used in uses[link.node] if used in between]
        operations.append(_step(link, nodes, data))
    return _with_biases(operations)


def _step(link: Link, nodes: dict[int, Opaque], data: list[Opaque]) -> Operation:
    if not link.is_split:
        return operation_of(nodes[link.node], data)
    names = sorted(nodes[one].name().rstrip("0123456789") for one in (*link.branch, link.node))
    if names == ["MulBackward", "SigmoidBackward"]:
        return Operation(kind="activation", activation="silu")
    if names == ["AbsBackward", "AddBackward", "DivBackward"]:
        return Operation(kind="activation", activation="softsign")
    return Operation(kind=BRANCH)


def _with_biases(operations: list[Operation]) -> list[Operation]:
    """Leave out the addition of a bias that follows its product."""
    kept: list[Operation] = []
    for step in operations:
        after_product = [one for one in kept if one.kind not in {"reshape", "identity"}]
        if step.kind == "bias" and after_product and after_product[-1].kind == "dense":
            continue
        kept.append(Operation(kind="shift") if step.kind == "bias" else step)
    return kept


@contextlib.contextmanager
def examined(model: Opaque) -> Iterator[Opaque]:
    """A copy in evaluation mode with nothing frozen; the model itself if it cannot be copied.

    In the second case the model's modes and flags are put back afterwards.
    """
    try:
        subject = copy.deepcopy(model)
    except Exception:  # noqa: BLE001  # a student's class may not allow it
        subject = model
    modes = [(module, module.training) for module in subject.modules()]
    flags = [(parameter, parameter.requires_grad) for parameter in subject.parameters()]
    try:
        subject.eval()
        for parameter in subject.parameters():
            if parameter.is_floating_point():
                parameter.requires_grad_(True)
        yield subject
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, flag in flags:
            parameter.requires_grad_(flag)


def scores(model: Opaque, rows: Array) -> Opaque:
    """The model's output on rows, in evaluation mode, without gradients; modes are put back."""
    import torch

    modes = [(module, module.training) for module in model.modules()]
    parts = []
    try:
        model.eval()
        with torch.no_grad():
            for start in range(0, len(rows), _BATCH):
                batch = torch.from_numpy(np.ascontiguousarray(rows[start : start + _BATCH]))
                output = model(batch.to(_device(model)))
                parts.append(output.detach().cpu().numpy())
    finally:
        for module, mode in modes:
            module.training = mode
    return np.concatenate(parts) if all(part.ndim for part in parts) else parts[0]


def double_scores(model: Opaque, rows: Array) -> Array | None:
    """Like :func:`scores` in double precision; ``None`` where the model cannot be turned."""
    try:
        with examined(model) as copied:
            if copied is model:
                return None
            return np.asarray(scores(copied.double(), rows.astype(np.float64)))
    except Exception:  # noqa: BLE001  # a forward that names a type of its own
        return None


def trainable_numbers(model: Opaque) -> int:
    """How many numbers training may change."""
    return sum(int(p.numel()) for p in model.parameters() if p.requires_grad)


def seed_all(seed: int) -> None:
    """Seed PyTorch before the model is asked about rows."""
    import torch

    torch.manual_seed(seed)


def _device(model: Opaque) -> Opaque:
    return next(model.parameters()).device


def repairs_loss(model: Opaque, rows: Array) -> bool:
    """PyTorch repairs no pairing of output and loss."""
    del model, rows
    return False


def why(error: BaseException) -> str:
    """Why the model could not be examined."""
    return f"the model could not be run on its own training rows ({described(error)})"
