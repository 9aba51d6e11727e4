"""Recognises activation functions by what they do to numbers, whatever they are written with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from grader.probe.tallies import Array

_TOLERANCE = 2e-5
_SELU = (1.0507009873554805, 1.6732632423543772)
_MOST_NUMBERS = 40_000


def sigmoid(x: Array) -> Array:
    """Logistic function, safe for large numbers."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def erf(x: Array) -> Array:
    """Error function, right to 2e-7 (Abramowitz and Stegun, formula 7.1.26)."""
    t = 1.0 / (1.0 + 0.3275911 * np.abs(x))
    series = 0.254829592 + t * (
        -0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))
    )
    return np.asarray(np.sign(x) * (1.0 - t * series * np.exp(-np.square(x))))


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))``."""
    return np.asarray(np.logaddexp(0.0, x))


def softmax(x: Array, axis: int = -1) -> Array:
    """Shares that sum to 1 along an axis."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def log_softmax(x: Array, axis: int = -1) -> Array:
    """Logarithm of :func:`softmax`."""
    moved = x - x.max(axis=axis, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=axis, keepdims=True)))


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1.0 + erf(x / math.sqrt(2.0))))


def _gelu_by_tanh(x: Array) -> Array:
    inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)
    return np.asarray(0.5 * x * (1.0 + np.tanh(inner)))


def _expm1(x: Array) -> Array:
    return np.asarray(np.expm1(np.minimum(x, 0.0)))


FUNCTIONS: dict[str, tuple[Callable[[Array], Array], ...]] = {
    "relu": (lambda x: np.maximum(x, 0.0),),
    "sigmoid": (sigmoid,),
    "tanh": (np.tanh,),
    "gelu": (_gelu, _gelu_by_tanh),
    "silu": (lambda x: x * sigmoid(x),),
    "elu": (lambda x: np.where(x > 0, x, _expm1(x)),),
    "selu": (lambda x: _SELU[0] * np.where(x > 0, x, _SELU[1] * _expm1(x)),),
    "softplus": (softplus,),
    "softsign": (lambda x: x / (1.0 + np.abs(x)),),
    "mish": (lambda x: x * np.tanh(softplus(x)),),
    "relu6": (lambda x: np.clip(x, 0.0, 6.0),),
    "hard_sigmoid": (
        lambda x: np.clip(x + 3.0, 0.0, 6.0) / 6.0,
        lambda x: np.clip(0.2 * x + 0.5, 0.0, 1.0),
    ),
    "hard_silu": (lambda x: x * np.clip(x + 3.0, 0.0, 6.0) / 6.0,),
    "hard_tanh": (lambda x: np.clip(x, -1.0, 1.0),),
    "tanh_shrink": (lambda x: x - np.tanh(x),),
    "log_sigmoid": (lambda x: -softplus(-x),),
    "exponential": (lambda x: np.exp(np.minimum(x, 80.0)),),
    "squareplus": (lambda x: 0.5 * (x + np.sqrt(x * x + 4.0)),),
    "sine": (np.sin,),
}
COMMON = ("relu", "tanh", "sigmoid", "gelu", "silu", "elu", "selu", "softplus", "softmax")


def variants(name: str, before: Array) -> list[Array]:
    """The values of an activation, one array for each way in which it is defined."""
    if name == "softmax":
        return [softmax(before)] if before.ndim > 1 else []
    with np.errstate(all="ignore"):
        return [function(before) for function in FUNCTIONS[name]]


def same(one: Array, other: Array) -> bool:
    """Whether two arrays of one shape hold the same numbers, rounding aside."""
    if one.shape != other.shape or not one.size:
        return False
    size = float(np.abs(other).max())
    if not math.isfinite(size):
        return False
    return bool(np.abs(one - other).max() <= _TOLERANCE * max(size, 1e-3))


def names_for(before: Array, after: Array) -> dict[str, int | None]:
    """Every activation that turns one array into the other, ``linear`` among them.

    Args:
        before: float64.
        after: float64, of the same shape.

    Returns:
        Neutral names, each with the axis of a softmax counted from the end, otherwise ``None``.
        More than one where the numbers at hand do not tell them apart; ``linear`` alone where
        nothing changes.
    """
    found: dict[str, int | None] = {}
    if before.shape != after.shape or not same(before, before):
        return found
    before, after = _fewer(before, after)
    if same(before, after):
        found["linear"] = None
    with np.errstate(all="ignore"):
        for name, functions in FUNCTIONS.items():
            if any(same(function(before), after) for function in functions):
                found[name] = None
        found |= _normalised(before, after)
        if not found:
            found |= _with_a_number(before, after)
    if "linear" in found:
        return {"linear": None}  # nothing was seen to change; the graph must say so, too
    if "relu6" in found and "relu" in found:
        del found["relu6"]  # nothing above 6 was there; ReLU says as much
    return found


def _fewer(before: Array, after: Array) -> tuple[Array, Array]:
    """As many rows as are quickly looked at; at least one."""
    if before.size <= _MOST_NUMBERS or before.ndim < 2:
        return before, after
    rows = max(_MOST_NUMBERS * len(before) // before.size, 1)
    return before[:rows], after[:rows]


def _normalised(before: Array, after: Array) -> dict[str, int | None]:
    if before.ndim < 2 or before.shape[-1] < 2:
        is_one = before.ndim >= 2 and bool(np.all(after == 1.0)) and not np.all(before == 1.0)
        return {"softmax": -1} if is_one else {}
    found: dict[str, int | None] = {}
    for axis in range(-1, -before.ndim - 1, -1):
        for name, function in (("softmax", softmax), ("log_softmax", log_softmax)):
            if name not in found and same(function(before, axis), after):
                found[name] = axis
    return found


def _with_a_number(before: Array, after: Array) -> dict[str, int | None]:
    """Activations with a free number: slopes and bounds."""
    below, above = before < -1e-3, before > 1e-3
    if not below.any() or not above.any():
        return {}
    if same(after[above], before[above]):
        lowest = before[below]
        slope = float(np.median(after[below] / lowest))
        if 0 < abs(slope) < 1 and same(after[below], slope * lowest):
            return {"leaky_relu": None}
        deepest = np.expm1(lowest)
        factor = float(np.median(after[below] / deepest))
        if factor > 0 and same(after[below], factor * deepest):
            return {"elu": None}
        if _is_celu(lowest, after[below]):
            return {"celu": None}
    low, high = float(after.min()), float(after.max())
    if low < high and same(np.clip(before, low, high), after):
        return {"clip": None}
    return {}


def _is_celu(before: Array, after: Array) -> bool:
    return any(same(after, a * np.expm1(before / a)) for a in (0.1, 0.2, 0.25, 0.5, 1.5, 2.0, 3.0))
