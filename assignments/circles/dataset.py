"""Two rings of points around the origin, with noise; which ring is the question."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

RADII = (1.0, 0.75)
NOISE = 0.05


def circles(
    rng: np.random.Generator, n: int
) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.integer[Any]]]:
    """Draw ``n`` points, half of them on each ring.

    Args:
        rng: Source of all randomness.
        n: Number of points.

    Returns:
        Inputs float32 ``(n, 2)`` and labels int64 ``(n,)``: 0 for the outer ring, 1 for the inner.
    """
    labels = np.arange(n) % 2
    angle = rng.uniform(0.0, 2.0 * np.pi, size=n)
    radius = np.asarray(RADII)[labels]
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    points += rng.normal(scale=NOISE, size=points.shape)
    return points.astype(np.float32), labels.astype(np.int64)
