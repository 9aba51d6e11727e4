"""What a computation says: hidden layers, output activation, kind of score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.evidence import HiddenLayer, Operation, ScoreKind
from grader.probe.kinds import (
    AFFINE,
    FUNCTIONS,
    MERGES,
    NON_LINEAR,
    NORMS,
    POOLS,
    PRODUCTS,
    SHAPES,
    WEIGHTED,
)
from grader.probe.kinds import BRANCH as BRANCH
from grader.probe.ways import Flow, ending_of, hidden_of

INGREDIENTS = {
    "average-pool": "average-pool",
    "batch-norm": "batch-norm",
    "concatenate": "concatenate",
    "dropout": "dropout",
    "layer-norm": "layer-norm",
    "max-pool": "max-pool",
    "add": "residual",
}
_PROBABILITIES = {"sigmoid", "softmax", "hard_sigmoid"}
_LOG_PROBABILITIES = {"log_softmax", "log_sigmoid"}
_SIMPLER = {
    ("softmax", "log"): ("log_softmax",),
    ("sigmoid", "log"): ("log_sigmoid",),
    ("log_softmax", "exponential"): ("softmax",),
    ("log_sigmoid", "exponential"): ("sigmoid",),
    ("log_softmax", "log_softmax"): ("log_softmax",),
    ("log_softmax", "softmax"): ("softmax",),
    ("softmax", "clip"): ("softmax",),
    ("sigmoid", "clip"): ("sigmoid",),
    ("relu", "relu"): ("relu",),
}
NO_WEIGHTS = "no layer with weights was found in the computation"
UNKNOWN_PART = "a part of the computation is not one of the known steps"


@dataclass(frozen=True, slots=True)
class Structure:
    """What is known of a computation; ``None`` means not known, with the reason beside it.

    Attributes:
        operations: All steps, in the order of the calls.
        hidden: Layers with weights before the last one, in the order of the calls.
        ending: Activations after the last layer with weights, in order.
        softmax_axis: Axis of the last softmax in ``ending``, counted from the end.
        is_linear_chain: Whether every operation is known and none is more than affine.
        ignores_input: Whether the computation starts at other rows than those of the call.
        problem: Why something is ``None``.
        hidden_how: Which techniques found ``hidden``; empty if one graph did.
        ending_how: Likewise ``ending``.
        operations_how: Which techniques found ``operations``, one perhaps.
    """

    operations: tuple[Operation, ...] | None = None
    hidden: tuple[HiddenLayer, ...] | None = None
    ending: tuple[str, ...] | None = None
    softmax_axis: int | None = None
    is_linear_chain: bool | None = None
    ignores_input: bool = False
    problem: str = ""
    hidden_how: str = ""
    ending_how: str = ""
    operations_how: str = ""


def structure_of(operations: Sequence[Operation]) -> Structure:
    """Read a computation.

    Args:
        operations: In the order of the calls, each after all that it uses; the last one makes the
            output. ``Operation.after`` names the steps that it uses, -1 for the model's input;
            ``None`` stands for the step before. ``branch`` stands for a part that could not be
            taken apart.
    """
    steps = tuple(operations)
    weighted = [i for i, step in enumerate(steps) if step.kind in WEIGHTED]
    is_listed = not any(step.kind == BRANCH for step in steps)
    if not weighted:
        return Structure(operations=steps if is_listed else None, problem=NO_WEIGHTS)
    flow = Flow(steps, frozenset(weighted))
    hidden = None
    if all(_is_free_or_layer(step) for step in steps[: weighted[-1]]):
        hidden = hidden_of(flow, simplified)
    ended = ending_of(flow)
    is_known = all(_is_free_or_layer(step) for step in steps)
    return Structure(
        operations=steps if is_listed else None,
        hidden=hidden,
        ending=None if ended is None else ended.applied,
        softmax_axis=None if ended is None else ended.axis,
        is_linear_chain=_is_linear(steps) if is_known else None,
        problem=UNKNOWN_PART if not is_listed or hidden is None or ended is None else "",
    )


def _is_free_or_layer(step: Operation) -> bool:
    known = WEIGHTED | SHAPES | NORMS | POOLS | AFFINE | MERGES | PRODUCTS | FUNCTIONS
    return step.kind in known or (step.kind == "activation" and step.activation is not None)


def _is_linear(steps: Iterable[Operation]) -> bool | None:
    kinds = {step.kind for step in steps}
    if kinds & NON_LINEAR:
        return False
    recurrent = [step.activation for step in steps if step.kind == "recurrent"]
    if any(name != "linear" for name in recurrent):
        return False
    return None if recurrent or "embedding" in kinds else True


def weighted_layers(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Kinds of the layers with weights, in the order of the calls."""
    return tuple(step.kind for step in operations if step.kind in WEIGHTED)


def ingredients(operations: Iterable[Operation]) -> tuple[str, ...]:
    """What takes part besides layers with weights and activations; sorted, each once."""
    return tuple(
        sorted({INGREDIENTS[step.kind] for step in operations if step.kind in INGREDIENTS})
    )


def simplified(applied: Sequence[str]) -> tuple[str, ...]:
    """Merge activations that together are one: log after softmax is log-softmax."""
    merged: list[str] = []
    for name in applied:
        merged.append(name)
        while len(merged) > 1 and tuple(merged[-2:]) in _SIMPLER:
            merged[-2:] = _SIMPLER[merged[-2], merged[-1]]
    return tuple(merged)


def named(applied: Sequence[str]) -> str:
    """One name for activations applied one after the other; ``linear`` for none."""
    return " + ".join(simplified(applied)) or "linear"


def score_kind(applied: Sequence[str], *, axis: int | None = None) -> ScoreKind | None:
    """What scores mean after these activations; ``None`` if that cannot be told.

    Args:
        applied: Activations since the last layer with weights, in order.
        axis: Axis of the softmax, counted from the end.
    """
    merged = simplified(applied)
    if not merged:
        return ScoreKind.LOGITS
    last = merged[-1]
    if last in {"log", "clip"}:
        return None
    if "softmax" in last and axis not in {None, -1}:
        return ScoreKind.VALUES
    if last in _PROBABILITIES:
        return ScoreKind.PROBABILITIES
    if last in _LOG_PROBABILITIES:
        return ScoreKind.LOG_PROBABILITIES
    return ScoreKind.VALUES
