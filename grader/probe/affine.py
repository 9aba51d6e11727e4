"""Is a function affine? Superposition tells, whatever the layers are called."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.probe.tallies import Array

_SCALES = (1.0, 3.0, 10.0)
_PAIRS = 16
_SURELY_DIFFERENT = 1e-3


def is_affine(function: Callable[[Array], Array], rows: Array, *, seed: int) -> bool | None:
    """Test ``f(a) + f(b) - f(a + b) - f(0) = 0`` on random inputs of the training scale and beyond.

    Args:
        function: From inputs ``(n, ...)`` to outputs ``(n, ...)``.
        rows: Training rows, for their scale and type.
        seed: Of the random inputs.

    Returns:
        ``None`` where rounding errors and a slight bend cannot be told apart, and where the
        function is constant.
    """
    rng = np.random.default_rng(seed)
    spread = max(float(rows.std()), 1e-3)
    centre = rows.mean(axis=0, keepdims=True)
    tolerance = 1e-9 if rows.dtype == np.float64 else 2e-5
    worst, is_constant = 0.0, True
    for scale in _SCALES:
        a, b = (
            (centre + spread * scale * rng.standard_normal((_PAIRS, *rows.shape[1:]))).astype(
                rows.dtype
            )
            for _ in range(2)
        )
        zero = np.zeros_like(a)
        stacked = np.concatenate([a, b, a + b, zero])
        values = np.asarray(function(stacked), dtype=np.float64)
        if len(values) != len(stacked) or not np.all(np.isfinite(values)):
            return None
        f_a, f_b, f_ab, f_0 = np.split(values, 4)
        size = max(float(np.abs(values).max()), 1e-12)
        worst = max(worst, float(np.abs(f_a + f_b - f_ab - f_0).max()) / size)
        is_constant = is_constant and float(np.ptp(values, axis=0).max()) <= tolerance * size
    if is_constant:
        return None
    if worst > _SURELY_DIFFERENT:
        return False
    return True if worst <= tolerance else None
