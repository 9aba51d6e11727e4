"""What the units of hidden layers do: copies of each other, always off, always at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from grader.probe.tallies import Array

_RECTIFIERS = {"relu", "relu6"}
_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
_NEAR = 0.01
_MOSTLY = 0.95


def identical_share(layers: Sequence[tuple[Array, Array | None]]) -> float | None:
    """Largest share, over layers, of units whose weights and bias equal another unit's.

    Args:
        layers: Weights ``(inputs, units)`` and biases ``(units,)`` of hidden dense layers.

    Returns:
        ``None`` if there is no layer of two units or more.
    """
    shares = []
    for weights, bias in layers:
        units = np.asarray(weights).T
        if units.ndim != 2 or len(units) < 2:
            continue
        if bias is not None:
            units = np.column_stack([units, np.asarray(bias)])
        # Not np.unique: sorting a large layer takes seconds. Adding 0 unites both zeros.
        counts = Counter(unit.tobytes() for unit in np.ascontiguousarray(units + 0.0))
        shares.append(sum(count for count in counts.values() if count > 1) / len(units))
    return max(shares, default=None)


def inactive_share(layers: Sequence[tuple[str, Array]]) -> float | None:
    """Share of rectified units that are 0 on every row, over all layers together.

    Args:
        layers: Activation and activated values ``(rows or places, units)`` of hidden layers.

    Returns:
        ``None`` if no layer is rectified.
    """
    off = [np.all(v <= 0, axis=0) for name, v in layers if name in _RECTIFIERS and len(v)]
    return float(np.concatenate(off).mean()) if off else None


def saturated_share(layers: Sequence[tuple[str, Array]]) -> float | None:
    """Share of sigmoid and tanh units that stand at an end of their range on almost every row.

    Args:
        layers: As in :func:`inactive_share`.

    Returns:
        ``None`` if no layer has such an activation.
    """
    stuck = []
    for name, values in layers:
        if name not in _RANGES or not len(values):
            continue
        low, high = _RANGES[name]
        margin = _NEAR * (high - low)
        is_at_an_end = (values <= low + margin) | (values >= high - margin)
        stuck.append(np.mean(is_at_an_end, axis=0) >= _MOSTLY)
    return float(np.concatenate(stuck).mean()) if stuck else None
