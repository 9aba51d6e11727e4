"""Finds which function of known values gives some numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from grader.evidence import Operation
from grader.probe.layers_keras_activations import COMMON, names_for, same, variants
from grader.probe.layers_keras_shapes import reshaped
from grader.probe.tallies import Array

_MOST_VALUES = 40
_MOST_PAIRED = 14
_MOST_SIZE = 2_000_000
_MOST_MERGED = 20_000


class UnclearError(ValueError):
    """The numbers cannot be explained, or in more than one way."""


@dataclass(frozen=True, slots=True)
class Found:
    """How numbers come about.

    Attributes:
        operations: One after the other; none where the numbers are known already.
        values: Result of each.
        after: Places of what the first one uses.
        parts: What it uses and that was not listed yet.
        is_constant: Whether the numbers are the same for all rows, whatever the input.
    """

    operations: tuple[Operation, ...] = ()
    values: tuple[Array | None, ...] = ()
    after: tuple[int, ...] = ()
    parts: tuple[Found, ...] = ()
    is_constant: bool = False


Known = Sequence[tuple[int, Array]]


class Search:
    """Explains numbers by known values.

    Args:
        source: The model's input, rows first.
        variables: Weights that belong to no known layer, in order.
    """

    def __init__(self, source: Array, variables: Sequence[Array]) -> None:
        self._rows = len(source)
        self._variables = list(variables)
        self._unused = list(range(len(self._variables)))

    def explained(self, target: Array, known: Known) -> Found:
        """Find the simplest explanation.

        Args:
            target: The numbers, float64.
            known: Places and values, the latest first.

        Raises:
            UnclearError: There is none, or two that differ in the activations.
        """
        known = known[:_MOST_VALUES]
        for place, value in known:
            if same(value, target):
                return Found(after=(place,))
        if not np.all(np.isfinite(target)) or target.size > _MOST_SIZE:
            message = "numbers between two layers are infinite or too many"
            raise UnclearError(message)
        is_constant = self._is_constant(target)
        if is_constant and not any(target.shape[:1] == value.shape[:1] for _, value in known):
            return Found(is_constant=True)
        for look in (self._by_one, self._by_two, self._joined, self._by_weights):
            found = look(target, known)
            if found is not None:
                return found
        if is_constant:
            return Found(is_constant=True)
        message = "numbers between two layers could not be explained by known steps"
        raise UnclearError(message)

    def _is_constant(self, target: Array) -> bool:
        if target.ndim == 0 or target.shape[0] not in {1, self._rows}:
            return True
        return target.shape[0] == 1 and self._rows > 1

    # One known value -------------------------------------------------------------------------

    def _by_one(self, target: Array, known: Known) -> Found | None:
        for place, value in known:
            answers: dict[tuple[str, ...], Found] = {}
            for found in _from_one(place, value, target):
                names = tuple(o.activation or "" for o in found.operations if o.activation)
                answers.setdefault(tuple(dict.fromkeys(names)), found)
                if () in answers or len(answers) > 1:
                    break
            if () in answers:
                return answers[()]
            if len(answers) > 1:
                message = "numbers between two layers fit more than one activation"
                raise UnclearError(message)
            if answers:
                return answers.popitem()[1]
        return None

    # Two known values ------------------------------------------------------------------------

    def _by_two(self, target: Array, known: Known) -> Found | None:
        fitting = [(p, v) for p, v in known if _fits(v, target)][:_MOST_PAIRED]
        for (one, a), (other, b) in combinations(fitting, 2):
            for kind, merged in _merges(a, b):
                if merged.shape != target.shape:
                    continue
                last = _activated(merged, target)
                if last is not None:
                    return Found(
                        (Operation(kind=kind), *last), (merged, *[target] * len(last)), (other, one)
                    )
        for one, a in fitting:
            for other, b in fitting:
                found = _half_activated(one, a, other, b, target)
                if found is not None:
                    return found
        return _both_activated(fitting[:4], target) or self._summed(target, fitting)

    def _summed(self, target: Array, fitting: list[tuple[int, Array]]) -> Found | None:
        equal = [(p, v) for p, v in fitting if v.shape == target.shape][:8]
        for count in (3, 4):
            for chosen in combinations(equal, count):
                total = np.sum([v for _, v in chosen], axis=0)
                places = tuple(reversed([p for p, _ in chosen]))
                if same(total, target):
                    return Found((Operation(kind="add"),), (target,), places)
                if same(total / count, target):
                    steps = (Operation(kind="add"), Operation(kind="scale"))
                    return Found(steps, (total, target), places)
        return None

    def _joined(self, target: Array, known: Known) -> Found | None:
        """Parts side by side."""
        if target.ndim < 2:
            return None
        for axis in range(target.ndim - 1, 0, -1):
            after: list[int] = []
            parts: list[Found] = []
            start = 0
            while start < target.shape[axis]:
                rest = np.moveaxis(target, axis, -1)[..., start:]
                piece = _piece(rest, axis, known)
                if piece is None:
                    break
                place, width, found = piece
                start += width
                if found is None:
                    after.append(place)
                else:
                    parts.append(found)
            if start >= target.shape[axis] and len(after) + len(parts) > 1:
                joined = Operation(kind="concatenate")
                return Found((joined,), (target,), tuple(after), tuple(parts))
        return None

    # Weights of the student's own ------------------------------------------------------------

    def _by_weights(self, target: Array, known: Known) -> Found | None:
        """Products with matrices of the model's own, with biases and activations in between."""
        for place, value in known[:4]:
            if value.ndim != target.ndim or value.ndim < 2 or not self._unused:
                continue
            steps = self._products(value, target, self._unused, 0)
            if steps is None:
                continue
            operations = tuple(operation for operation, _ in steps)
            return Found(operations, tuple(v for _, v in steps), (place,))
        return None

    def _products(
        self, value: Array, target: Array, unused: list[int], depth: int
    ) -> list[tuple[Operation, Array | None]] | None:
        if depth > 4:
            return None
        for number in unused:
            matrix = self._variables[number]
            if matrix.ndim != 2 or matrix.shape[0] != value.shape[-1]:
                continue
            dense = Operation(kind="dense", inputs=matrix.shape[0], units=matrix.shape[1])
            left = [one for one in unused if one > number or self._variables[one].ndim == 1]
            for bias in [*(b for b in unused if self._is_bias(b, matrix)), None]:
                moved = value @ matrix + (0.0 if bias is None else self._variables[bias])
                rest = [one for one in left if one not in {number, bias}]
                if moved.shape == target.shape:
                    last = _activated(moved, target)
                    if last is not None:
                        self._unused = rest
                        return [(dense, moved), *[(one, target) for one in last]]
                for name in ("", *COMMON[:6]):
                    further = variants(name, moved)[0] if name else moved
                    steps = self._products(further, target, rest, depth + 1)
                    if steps is not None:
                        between = [(_activation(name), further)] if name else []
                        return [(dense, moved), *between, *steps]
        return None

    def _is_bias(self, number: int, matrix: Array) -> bool:
        return self._variables[number].reshape(-1).shape == (matrix.shape[1],) and (
            self._variables[number].ndim == 1 or self._variables[number].shape[0] == 1
        )


def _activation(name: str, axis: int | None = None) -> Operation:
    return Operation(kind="activation", activation=name, axis=axis)


def _activated(before: Array, after: Array) -> tuple[Operation, ...] | None:
    """The activation from one array to the other: none, one, or ``None`` if there is no such.

    Raises:
        UnclearError: Several fit.
    """
    names = names_for(before, after)
    if not names:
        return None
    if len(names) > 1:
        message = "numbers between two layers fit more than one activation"
        raise UnclearError(message)
    name, axis = names.popitem()
    return () if name == "linear" else (_activation(name, axis),)


def _from_one(place: int, value: Array, target: Array) -> Iterator[Found]:
    """Every way found from a value to the numbers, the simplest first."""
    for shaped, kinds in reshaped(value, target):
        for name, axis in names_for(shaped, target).items():
            last = () if name == "linear" else (_activation(name, axis),)
            steps = (*kinds, *last)
            yield Found(steps, _only_last(steps, target), (place,))
        scale = _scaled(shaped, target)
        if scale is not None:
            steps = (*kinds, Operation(kind=scale))
            yield Found(steps, _only_last(steps, target), (place,))
    if value.ndim == target.ndim and value.shape == target.shape:
        yield from _twice(place, value, target)
        return
    if value.size > _MOST_SIZE:
        return
    for name, inner in _common(value):
        for shaped, kinds in reshaped(inner, target):
            if same(shaped, target):
                steps = (_activation(name, -1 if name == "softmax" else None), *kinds)
                yield Found(steps, (inner, *_only_last(kinds, target)), (place,))


def _twice(place: int, value: Array, target: Array) -> Iterator[Found]:
    """An activation, then a scale or a shift; or a second activation."""
    for name, inner in _common(value):
        first = _activation(name, -1 if name == "softmax" else None)
        scale = _scaled(inner, target)
        if scale is not None and not (name == "tanh" and same(value, target)):
            yield Found((first, Operation(kind=scale)), (inner, target), (place,))
    yield from _after_scale(place, value, target)


def _only_last(steps: Sequence[Operation], target: Array) -> tuple[Array | None, ...]:
    return (*[None] * (len(steps) - 1), target) if steps else ()


def _scaled(value: Array, target: Array) -> str | None:
    """Whether the numbers are the value times a number plus a number, neither of them trivial."""
    if value.shape != target.shape or value.size < 4:
        return None
    spread = float(np.ptp(value))
    if spread < 1e-9:
        return None
    low, high = int(np.argmin(value)), int(np.argmax(value))
    flat, wanted = value.reshape(-1), target.reshape(-1)
    slope = float((wanted[high] - wanted[low]) / (flat[high] - flat[low]))
    shift = float(wanted[low] - slope * flat[low])
    if slope == 0 or not same(slope * value + shift, target):
        return None
    return "shift" if abs(slope - 1) < 1e-6 else "scale"


def _fits(value: Array, target: Array) -> bool:
    if value.ndim < target.ndim - 1 or value.ndim > target.ndim + 1 or value.ndim == 0:
        return False
    try:
        return np.broadcast_shapes(value.shape, target.shape) == target.shape
    except ValueError:
        return value.ndim >= 2 and value.shape[0] == target.shape[0] and target.ndim >= 2


def _merges(a: Array, b: Array) -> Iterator[tuple[str, Array]]:
    if _broadcasts(a, b):
        yield "add", a + b
        yield "multiply", a * b
        yield "sum", a - b
        yield "sum", b - a
        yield "add", (a + b) / 2
        yield "comparison", np.maximum(a, b)
    if a.ndim == b.ndim and a.ndim >= 2:
        for one, other in ((a, b), (b, a)):
            for turned in (other, np.swapaxes(other, -1, -2)):
                if one.shape[-1] == turned.shape[-2] and one.shape[:-2] == turned.shape[:-2]:
                    yield "matrix-product", one @ turned


def _broadcasts(a: Array, b: Array) -> bool:
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return True


def _common(value: Array) -> Iterator[tuple[str, Array]]:
    """Common activations of a value."""
    for name in COMMON:
        for inner in variants(name, value):
            yield name, inner


def _half_activated(one: int, a: Array, other: int, b: Array, target: Array) -> Found | None:
    """A known value, and an activation of a known value added to it or multiplied by it."""
    if a.shape != target.shape:
        return None
    if not _broadcasts(a, b):
        return None
    for name, inner in _common(b):
        for kind in ("add", "multiply"):
            merged = a + inner if kind == "add" else a * inner
            if same(merged, target):
                axis = -1 if name == "softmax" else None
                part = Found((_activation(name, axis),), (inner,), (other,))
                return Found((Operation(kind=kind),), (target,), (one,), (part,))
    return None


def _both_activated(fitting: Sequence[tuple[int, Array]], target: Array) -> Found | None:
    """Activations of two values, added or multiplied."""
    equal = [(p, v) for p, v in fitting if v.shape == target.shape and v.size <= _MOST_MERGED]
    for (other, b), (one, a) in combinations(equal, 2):
        for name, left in _common(a):
            for second, right in _common(b):
                for kind in ("multiply", "add"):
                    if same(left * right if kind == "multiply" else left + right, target):
                        parts = (_branch(name, left, one), _branch(second, right, other))
                        return Found((Operation(kind=kind),), (target,), (), parts)
    return None


def _branch(name: str, value: Array, place: int) -> Found:
    return Found((_activation(name, -1 if name == "softmax" else None),), (value,), (place,))


def _after_scale(place: int, value: Array, target: Array) -> Iterator[Found]:
    """A scale or a shift, then an activation that can be undone."""
    for name, undone in _undone(target):
        moved = value - value.mean(axis=-1, keepdims=True) if name == "softmax" else value
        clear = np.isfinite(undone)
        if clear.sum() < 4 or (name == "softmax" and not clear.all()):
            continue
        if name == "softmax":
            undone = undone - undone.mean(axis=-1, keepdims=True)
        slope, shift = np.polyfit(moved[clear], undone[clear], 1)
        if abs(slope) < 1e-6 or abs(slope - 1) + abs(shift) < 1e-4:
            continue
        scaled = slope * value + shift
        if any(float(np.abs(one - target).max()) < 1e-4 for one in variants(name, scaled)):
            last = _activation(name, -1 if name == "softmax" else None)
            yield Found((Operation(kind="scale"), last), (scaled, target), (place,))


def _undone(target: Array) -> Iterator[tuple[str, Array]]:
    """What an activation was applied to, where its results tell; other places hold NaN."""
    with np.errstate(all="ignore"):
        if target.min() < 0 < 1 + target.min() and target.max() < 1:
            yield "tanh", np.where(np.abs(target) < 0.99, np.arctanh(target), np.nan)
        if target.min() >= 0 and target.max() <= 1:
            is_clear = np.abs(target - 0.5) < 0.49
            yield "sigmoid", np.where(is_clear, np.log(target / (1 - target)), np.nan)
            if target.ndim > 1 and same(target.sum(axis=-1), np.ones(target.shape[:-1])):
                yield "softmax", np.log(target)


def _piece(rest: Array, axis: int, known: Known) -> tuple[int, int, Found | None] | None:
    """The value, or activation of a value, that the numbers begin with along the last axis."""
    for place, value in known:
        if value.ndim != rest.ndim:
            continue
        moved = np.moveaxis(value, axis, -1)
        width = moved.shape[-1]
        if moved.shape[:-1] != rest.shape[:-1] or not 0 < width <= rest.shape[-1]:
            continue
        head = rest[..., :width]
        if same(moved, head):
            return place, width, None
        names = [name for name, v in _common(moved) if name != "softmax" and same(v, head)]
        if len(names) == 1:
            back = np.moveaxis(head, -1, axis)
            return place, width, Found((_activation(names[0]),), (back,), (place,))
    return None
