"""What a PyTorch model computes, told by several techniques that must agree."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from grader.probe.autograd_steps import NO_WAY, steps_of
from grader.probe.calls_pytorch import steps_of_calls, traced
from grader.probe.layers_pytorch import Observed, device_of, observed, random_state_kept
from grader.probe.listed_pytorch import steps_of_list
from grader.probe.opaque import Opaque
from grader.probe.passages import compared
from grader.probe.structure import Structure, structure_of
from grader.probe.tallies import Array
from grader.probe.units_pytorch import (
    hidden_values_of,
    hidden_weights_of,
    passages_of,
    unused_in,
)
from grader.probe.witnesses import agreed
from grader.probe.wording import described

_BATCH = 1024
NO_COPY = "the model cannot be copied"
TWO_FACES = "the model computes something else when it is examined than when it predicts"
CALLS, GRAPH, NUMBERS = "function calls", "computation graph", "numeric comparison"


def structure(model: Opaque, rows: Array) -> Structure:
    """What several techniques say together of a model, from its run on a few rows.

    Args:
        model: Left as it was: a copy is examined where the model can be copied.
        rows: At least 3, in the type that the model was trained on.
    """
    return agreed(witnesses(model, rows))


def witnesses(model: Opaque, rows: Array) -> dict[str, Structure]:
    """What each technique says, by its name."""
    rows = spread_out(rows)
    with examined(model) as copied:
        calls = _attempt(lambda: structure_of(steps_of_calls(*traced(copied, rows))))
    if calls.problem == NO_WAY and calls.operations is None:
        return _without_input(model, rows)
    with examined(model) as copied:
        seen = _attempted_run(copied, rows)
        if isinstance(seen, Structure):
            return {CALLS: calls, GRAPH: seen, NUMBERS: seen}
        if _has_two_faces(model, rows, seen):
            return dict.fromkeys((CALLS, GRAPH, NUMBERS), Structure(problem=TWO_FACES))
        return {CALLS: calls, GRAPH: _by_graph(seen), NUMBERS: _by_numbers(seen)}


def _has_two_faces(model: Opaque, rows: Array, seen: Observed) -> bool:
    """Whether the model itself, asked as for predictions, says something else than what was seen.

    A copy may be of another kind (``__deepcopy__``), and a ``forward`` may ask whether gradients
    are on; then what is seen of the one says nothing about the other.
    """
    import torch

    try:
        asked = np.asarray(scores(model, rows), dtype=np.float64)
    except (Exception, SystemExit):  # noqa: BLE001  # a student's forward may do anything
        return False
    if not torch.is_tensor(seen.output):
        return False
    output = seen.output.detach().cpu().numpy().astype(np.float64)
    if asked.shape != output.shape:
        return True
    scale = max(1.0, float(np.nanmax(np.abs(output), initial=0.0)))
    return not np.allclose(asked, output, rtol=1e-3, atol=1e-4 * scale, equal_nan=True)


def _without_input(model: Opaque, rows: Array) -> dict[str, Structure]:
    """What the techniques say of a model whose output does not come from the rows it is given."""
    with examined(model) as copied:
        seen = _attempted_run(copied, rows)
        if isinstance(seen, Structure):
            return {CALLS: seen, GRAPH: seen}
        one, other = scores(copied, rows), scores(copied, rows[::-1] * 2)
        depends = one.shape != other.shape or not np.array_equal(one, other, equal_nan=True)
        # Where the output does depend on the rows, they took a way that cannot be seen.
        if depends or _by_graph(seen).problem != NO_WAY:
            return {GRAPH: _by_graph(seen), NUMBERS: _by_numbers(seen)}
        graph = _attempt(lambda: structure_of(steps_of(seen, anywhere=True)))
    with examined(model) as copied:
        calls = _attempt(lambda: structure_of(steps_of_calls(*traced(copied, rows, anywhere=True))))
    said = {CALLS: calls, GRAPH: graph}
    return {name: replace(one, ignores_input=True) for name, one in said.items()}


def spread_out(rows: Array) -> Array:
    """Rows of a wider range, so that functions that are alike near zero are told apart."""
    if not np.issubdtype(rows.dtype, np.floating):
        return rows
    factors = np.resize([1.0, -3.0, 10.0, -1.0, 4.0], len(rows))
    wider = rows * factors.reshape(-1, *[1] * (rows.ndim - 1))
    return np.asarray(wider, dtype=rows.dtype)


def by_graph(model: Opaque, rows: Array) -> Structure:
    """What the autograd graph alone says."""
    with examined(model) as copied:
        return _by_graph(observed(copied, rows))


def by_numbers(model: Opaque, rows: Array) -> Structure:
    """What comparing each layer's output with the next one's input says."""
    with examined(model) as copied:
        return _by_numbers(observed(copied, spread_out(rows)))


def by_calls(model: Opaque, rows: Array) -> Structure:
    """What the functions say that the model called."""
    with examined(model) as copied:
        return structure_of(steps_of_calls(*traced(copied, spread_out(rows))))


def by_list(model: Opaque, rows: Array) -> Structure:
    """What the list of modules says: naive, right only where modules stand in a row."""
    del rows
    return structure_of(steps_of_list(model))


TECHNIQUES: dict[str, Callable[[Opaque, Array], Structure]] = {
    "layer list": by_list,
    "graph": by_graph,
    "function calls": by_calls,
    "numeric comparison": by_numbers,
}
"""Each technique alone, for the benchmark; they raise where they cannot tell."""


def _attempted_run(copied: Opaque, rows: Array) -> Observed | Structure:
    try:
        return observed(copied, rows)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward may do anything
        return Structure(problem=why(error))


def _attempt(ask: Callable[[], Structure]) -> Structure:
    try:
        return ask()
    except LookupError as error:
        return Structure(problem=str(error.args[0]) if error.args else NO_WAY)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward may do anything
        return Structure(problem=why(error))


def _by_graph(seen: Observed) -> Structure:
    import torch

    if not torch.is_tensor(seen.output):
        return Structure(problem="the model returns something else than one tensor")
    if seen.output.grad_fn is None:
        return Structure(problem=NO_WAY)
    return _attempt(lambda: structure_of(steps_of(seen)))


def _by_numbers(seen: Observed) -> Structure:
    import torch

    if not torch.is_tensor(seen.output):
        return Structure(problem="the model returns something else than one tensor")
    output = seen.output.detach().cpu().numpy()
    return _attempt(lambda: compared(passages_of(seen), seen.rows, output))


def unused_layers(model: Opaque, rows: Array) -> tuple[str, ...] | None:
    """Layers and activations that take no part, in evaluation mode or in training mode."""
    left = None
    for is_training in (False, True):
        with examined(model) as copied:
            if is_training:
                copied.train()
            try:
                names = unused_in(copied, observed(copied, rows))
            except (Exception, SystemExit):  # noqa: BLE001  # a student's forward may do anything
                names = None
        if not is_training and names is None:
            return None
        if names is not None:
            left = names if left is None else tuple(one for one in left if one in names)
    return left


def hidden_values(model: Opaque, rows: Array) -> list[tuple[str, Array]]:
    """Activation and activated values ``(rows or places, units)`` of each hidden layer."""
    with examined(model) as copied:
        return hidden_values_of(*traced(copied, rows))


def hidden_weights(model: Opaque, rows: Array) -> list[tuple[Array, Array | None]]:
    """Weights ``(inputs, units)`` and biases ``(units,)`` of the dense layers but the last."""
    with examined(model) as copied:
        return hidden_weights_of(*traced(copied, rows))


@contextlib.contextmanager
def examined(model: Opaque) -> Iterator[Opaque]:
    """A copy in evaluation mode with nothing frozen; the model itself if it cannot be copied.

    In the second case the model's modes, flags, parameters and buffers are put back afterwards.
    What the model prints is not shown, and random generators go on where they were.
    """
    import torch

    model = getattr(model, "_orig_mod", model)  # what torch.compile has wrapped
    subject = model
    # The copy of a script computes with the parameters of the original.
    if not any(isinstance(one, torch.jit.ScriptModule) for one in model.modules()):
        with contextlib.suppress(Exception):  # a student's class may not allow it
            subject = copy.deepcopy(model)
    modes = [(module, module.training) for module in subject.modules()]
    flags = [(parameter, parameter.requires_grad) for parameter in subject.parameters()]
    numbers = []
    if subject is model:
        held = [*subject.parameters(), *subject.buffers()]
        numbers = [(one, one.detach().clone()) for one in held]
    try:
        subject.eval()
        for parameter in subject.parameters():
            if parameter.is_floating_point():
                parameter.requires_grad_(True)
        with (
            random_state_kept(),
            _plain_scripts(),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            yield subject
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, flag in flags:
            parameter.requires_grad_(flag)
        with torch.no_grad():
            for one, value in numbers:
                one.copy_(value)


@contextlib.contextmanager
def _plain_scripts() -> Iterator[None]:
    """Let scripted models run step by step, so that their graph shows the steps."""
    import torch

    was = torch._C._get_graph_executor_optimize()
    try:
        torch._C._set_graph_executor_optimize(False)
        yield
    finally:
        torch._C._set_graph_executor_optimize(was)


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
                output = model(batch.to(device_of(model)))
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
    except (Exception, SystemExit):  # noqa: BLE001  # a forward that names a type of its own
        return None


def trainable_numbers(model: Opaque) -> int:
    """How many numbers training may change."""
    return sum(int(p.numel()) for p in model.parameters() if p.requires_grad)


@contextlib.contextmanager
def renewed(model: Opaque, *, seed: int) -> Iterator[Opaque]:
    """A copy with random finite weights: what the model computes, whatever training made of it.

    Raises:
        LookupError: The model cannot be copied.
    """
    import torch

    with examined(model) as copied:
        if copied is getattr(model, "_orig_mod", model):
            raise LookupError(NO_COPY)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for one in copied.parameters():
                if one.is_floating_point():
                    one.copy_(0.5 * torch.randn(one.shape, generator=generator))
            for one in copied.buffers():
                if one.is_floating_point():
                    one.copy_(torch.ones_like(one))
        yield copied


def frozen_numbers(model: Opaque) -> int:
    """How many numbers of the parameters training may not change."""
    return sum(int(p.numel()) for p in model.parameters() if not p.requires_grad)


def seed_all(seed: int) -> None:
    """Seed PyTorch before the model is asked about rows."""
    import torch

    torch.manual_seed(seed)


def repairs_loss(model: Opaque, rows: Array) -> bool:
    """PyTorch repairs no pairing of output and loss."""
    del model, rows
    return False


def why(error: BaseException) -> str:
    """Why the model could not be examined."""
    return f"the model could not be run on its own training rows ({described(error)})"
