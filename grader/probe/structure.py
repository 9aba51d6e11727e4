"""What a chain of operations says: hidden layers, output activation, kind of score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.evidence import HiddenLayer, Operation, ScoreKind

BRANCH = "branch"
_WEIGHTED = {"dense", "conv1d", "conv2d", "conv3d", "conv-transpose"}
_SHAPES = {"reshape", "flatten", "cast", "identity", "dropout", "slice", "transpose"}
_BETWEEN = _SHAPES | {
    "batch-norm",
    "layer-norm",
    "group-norm",
    "max-pool",
    "average-pool",
    "padding",
    "bias",
}
_AFFINE = {"scale", "shift"}
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
}


@dataclass(frozen=True, slots=True)
class Structure:
    """What is known of a computation; ``None`` means not known, with the reason beside it.

    Attributes:
        operations: The whole chain.
        hidden: Layers with weights before the last one.
        ending: Activations after the last layer with weights, in order.
        softmax_axis: Axis of the last softmax in ``ending``, counted from the end.
        is_linear_chain: Whether every operation is known and none but the last activations is
            more than affine: ``True`` if the chain holds no activation and no pooling.
        problem: Why something is ``None``.
    """

    operations: tuple[Operation, ...] | None = None
    hidden: tuple[HiddenLayer, ...] | None = None
    ending: tuple[str, ...] | None = None
    softmax_axis: int | None = None
    is_linear_chain: bool | None = None
    problem: str = ""


def structure_of(operations: Sequence[Operation]) -> Structure:
    """Read a chain of operations.

    Args:
        operations: From input to output; ``branch`` stands for a part that is no chain.
    """
    steps = tuple(operations)
    weighted = [i for i, step in enumerate(steps) if step.kind in _WEIGHTED]
    branches = [i for i, step in enumerate(steps) if step.kind == BRANCH]
    if not weighted:
        return Structure(
            operations=None if branches else steps,
            problem="no layer with weights was found in the computation",
        )
    problem = "a part of the computation is not a chain of known steps"
    hidden: tuple[HiddenLayer, ...] | None = None
    if all(_is_known(step) for step in steps[: weighted[-1]]):
        hidden = _hidden_layers(steps, weighted)
    ending, axis = _ending(steps[weighted[-1] + 1 :])
    is_known = all(_is_known(step) for step in steps)
    nonlinear = {"activation", "max-pool", "layer-norm", "group-norm"}
    return Structure(
        operations=None if branches else steps,
        hidden=hidden,
        ending=ending,
        softmax_axis=axis,
        is_linear_chain=not any(step.kind in nonlinear for step in steps) if is_known else None,
        problem=problem if branches or hidden is None or ending is None else "",
    )


def _is_known(step: Operation) -> bool:
    return step.kind == "activation" or step.kind in _WEIGHTED | _BETWEEN | _AFFINE


def _hidden_layers(
    steps: tuple[Operation, ...], weighted: list[int]
) -> tuple[HiddenLayer, ...] | None:
    layers = []
    for place, following in pairwise(weighted):
        between = steps[place + 1 : following]
        applied = [step.activation for step in between if step.kind == "activation"]
        is_shifted = any(step.kind in _AFFINE for step in between)
        units = steps[place].units
        if units is None or len(applied) > 1 or (applied and is_shifted):
            return None
        layers.append(HiddenLayer(units=units, activation=applied[0] if applied else "linear"))
    return tuple(layers)


def _ending(steps: tuple[Operation, ...]) -> tuple[tuple[str, ...] | None, int | None]:
    applied: list[str] = []
    axis = None
    for step in steps:
        if step.kind == "activation" and step.activation is not None:
            applied.append(step.activation)
            axis = step.axis if "softmax" in step.activation else axis
        elif step.kind in _SHAPES:
            continue
        elif applied or not _is_known(step):
            return None, None
    return tuple(applied), axis


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
