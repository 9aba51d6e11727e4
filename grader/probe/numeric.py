"""Which activation maps one array onto another? Compared numerically, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.probe.tallies import Array

_TOLERANCE = 2e-5
_FEWEST = 4


def _sigmoid(x: Array) -> Array:
    return np.where(
        x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))
    )


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _erf(x: Array) -> Array:
    """Error function, Abramowitz and Stegun 7.1.26: exact to 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.asarray(np.sign(x) * (1 - series * np.exp(-(x**2))))


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + _erf(x / np.sqrt(2))))


def _tanh_gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _selu(x: Array) -> Array:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


ELEMENTWISE: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "gelu": _gelu,
    "gelu (tanh)": _tanh_gelu,
    "silu": lambda x: x * _sigmoid(x),
    "elu": _elu,
    "selu": _selu,
    "softplus": _softplus,
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "relu6": lambda x: np.clip(x, 0, 6),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "log_sigmoid": lambda x: -_softplus(-x),
    "exponential": np.exp,
}
_SAME_NAME = {"gelu (tanh)": "gelu"}


def softmax(x: Array, axis: int) -> Array:
    """Softmax along an axis."""
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def log_softmax(x: Array, axis: int) -> Array:
    """Logarithm of softmax along an axis."""
    moved = x - x.max(axis=axis, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=axis, keepdims=True)))


def activation_between(before: Array, after: Array) -> tuple[str, int | None] | None:
    """The one activation, and the axis of a softmax, that maps ``before`` onto ``after``.

    Args:
        before: ``(n, ...)``.
        after: As many numbers; the shape may differ, the order may not.

    Returns:
        ``None`` if none of those known does, and if several do.
    """
    fits = activations_between(before, after)
    return fits[0] if len(fits) == 1 else None


def activations_between(before: Array, after: Array) -> list[tuple[str, int | None]]:
    """Every known activation that maps ``before`` onto ``after``; likewise."""
    if before.size != after.size or before.size < _FEWEST:
        return []
    x, y = before.astype(np.float64), after.astype(np.float64).reshape(before.shape)
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        return []
    fits: list[tuple[str, int | None]] = []
    with np.errstate(all="ignore"):
        for name, function in ELEMENTWISE.items():
            if _same(function(x), y):
                fits.append((_SAME_NAME.get(name, name), None))
        for axis in range(-1, -x.ndim - 1, -1):
            fits += [("softmax", axis)] if _same(softmax(x, axis), y) else []
            fits += [("log_softmax", axis)] if _same(log_softmax(x, axis), y) else []
        if not fits:
            fits += [("leaky_relu", None)] if _is_leaky(x, y) else []
            fits += [("prelu", None)] if not fits and _is_leaky_by_channel(x, y) else []
    return _simplest(list(dict.fromkeys(fits)))


def _simplest(fits: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """Leave out functions that only fit because the numbers stay in the middle of their range."""
    names = {name for name, _ in fits}
    if {"linear", "relu"} <= names:
        return []  # no number below zero: a rectifier would have left no trace
    if "linear" in names:
        return [("linear", None)]
    return [fit for fit in fits if not (fit[0] == "relu6" and "relu" in names)]


def _same(x: Array, y: Array) -> bool:
    return bool(np.all(np.abs(x - y) <= _TOLERANCE * (1 + np.abs(y))))


def _is_leaky(x: Array, y: Array) -> bool:
    below = x < -1e-4
    if not below.any() or not _same(x[~below], y[~below]):
        return False
    slopes = y[below] / x[below]
    slope = float(np.median(slopes))
    return 0 < slope < 1 and _same(x[below] * slope, y[below])


def _is_leaky_by_channel(x: Array, y: Array) -> bool:
    if x.ndim < 2:
        return False
    return any(
        all(
            _is_leaky(one, other) or (not (one < -1e-4).any() and _same(one, other))
            for one, other in zip(np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0), strict=True)
        )
        for axis in (1, x.ndim - 1)
    )


def reduced(values: Array, wanted: tuple[int, ...]) -> list[Array]:
    """What pooling, or taking the last of a sequence, may make of values, in a wanted shape.

    Args:
        values: ``(n, channels, places...)`` or ``(n, steps, features)``.
        wanted: Shape of the result; flattened counts as well.
    """
    size = int(np.prod(wanted))
    found: list[Array] = []
    if values.size == size:
        found.append(values)
        found += [np.swapaxes(values, 1, -1)] if values.ndim > 2 else []
        found += [np.moveaxis(values, 1, -1)] if values.ndim > 3 else []
        found += [np.swapaxes(values, 0, 1)] if values.ndim == 3 else []
    if values.ndim == 3:
        found += [values[:, -1], values[:, 0], values.mean(axis=1), values.max(axis=1), values[-1]]
    for axes in ((2,), (2, 3)):
        if values.ndim == len(axes) + 2:
            found += [values.mean(axis=axes), values.max(axis=axes)]
            for window in (2, 3, 4):
                found += _pooled(values, axes, window)
    return [one for one in found if one.size == size]


def _pooled(values: Array, axes: tuple[int, ...], window: int) -> list[Array]:
    sizes = [values.shape[axis] // window for axis in axes]
    if not all(sizes):
        return []
    cut = values
    for axis, size in zip(axes, sizes, strict=True):
        cut = np.take(cut, np.arange(size * window), axis=axis)
    shape = [*values.shape[:2]]
    for size in sizes:
        shape += [size, window]
    windows = cut.reshape(shape)
    inner = tuple(range(3, 3 + 2 * len(sizes), 2))
    return [windows.max(axis=inner), windows.mean(axis=inner)]
