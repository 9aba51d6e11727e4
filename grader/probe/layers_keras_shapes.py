"""Steps that move, cut or pool numbers, tried out by their results' shapes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from grader.evidence import Operation
from grader.probe.tallies import Array


def reshaped(value: Array, target: Array) -> Iterator[tuple[Array, tuple[Operation, ...]]]:
    """The value in the target's shape, by steps that move, cut or pool numbers."""
    if value.shape == target.shape:
        yield value, ()
    elif value.ndim and target.ndim and value.shape[0] == target.shape[0]:
        if value.size == target.size:
            kind = "flatten" if target.ndim == 2 and value.ndim > 2 else "reshape"
            yield value.reshape(target.shape), (Operation(kind=kind),)
        yield from _pooled(value, target)
        yield from _cut(value, target)
    if 2 < value.ndim == target.ndim <= 5 and value.size == target.size:
        for order in permutations(range(1, value.ndim)):
            turned = value.transpose(0, *order)
            if turned.shape == target.shape and order != tuple(range(1, value.ndim)):
                yield turned, (Operation(kind="transpose"),)


def _pooled(value: Array, target: Array) -> Iterator[tuple[Array, tuple[Operation, ...]]]:
    axes_of = [(1,), (-1,), (1, 2), (2,), (1, 2, 3), (2, 3)]
    for axes in axes_of:
        if max(abs(axis) for axis in axes) >= value.ndim:
            continue
        for kind, pool in (("average-pool", np.mean), ("max-pool", np.max), ("sum", np.sum)):
            pooled = pool(value, axis=axes)
            if pooled.size == target.size:
                yield pooled.reshape(target.shape), (Operation(kind=kind),)
    if value.ndim == target.ndim >= 3:
        yield from _window_pooled(value, target)


def _window_pooled(value: Array, target: Array) -> Iterator[tuple[Array, tuple[Operation, ...]]]:
    inner = range(1, value.ndim - 1)
    if value.shape[-1] != target.shape[-1] or any(target.shape[i] == 0 for i in inner):
        return
    steps = {value.shape[i] // target.shape[i] for i in inner}
    if len(steps) != 1 or (step := steps.pop()) < 2:
        return
    blocks = value[(slice(None), *[slice(0, target.shape[i] * step) for i in inner])]
    shape = [value.shape[0]]
    for i in inner:
        shape += [target.shape[i], step]
    blocks = blocks.reshape(*shape, value.shape[-1])
    axes = tuple(2 + 2 * number for number in range(value.ndim - 2))
    yield blocks.max(axis=axes), (Operation(kind="max-pool"),)
    yield blocks.mean(axis=axes), (Operation(kind="average-pool"),)


def _cut(value: Array, target: Array) -> Iterator[tuple[Array, tuple[Operation, ...]]]:
    """Slices along one axis: columns, or a single step in time."""
    cut = (Operation(kind="slice"),)
    if value.ndim == target.ndim + 1:
        for axis in (1, value.ndim - 1):
            for place in {0, value.shape[axis] - 1, *range(min(value.shape[axis], 16))}:
                piece = np.take(value, place, axis=axis)
                if piece.shape == target.shape:
                    yield piece, cut
    if value.ndim == target.ndim:
        differing = [i for i in range(1, value.ndim) if value.shape[i] != target.shape[i]]
        if len(differing) != 1 or value.shape[differing[0]] < target.shape[differing[0]]:
            return
        axis, width = differing[0], target.shape[differing[0]]
        for start in range(min(value.shape[axis] - width + 1, 32)):
            yield np.take(value, range(start, start + width), axis=axis), cut
