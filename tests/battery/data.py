"""The data of the battery's exercises; the same rows in every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.evidence import ExerciseBrief, Task

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one exercise and what a worker may know of it.

    Attributes:
        brief: The exercise.
        train_inputs: float32 ``(N, F)``.
        train_labels: int64 ``(N,)``.
        validation_inputs: float32 ``(M, F)``.
        validation_labels: int64 ``(M,)``.
    """

    brief: ExerciseBrief
    train_inputs: Array
    train_labels: Array
    validation_inputs: Array
    validation_labels: Array


def rows_of(name: str) -> Rows:
    """Make the rows of an exercise.

    Args:
        name: ``circles`` (binary, 2 features of about -4 to 4, 120 + 40 rows), ``blobs`` (three
            classes, 4 features of about 1, 10, 100 and 1000, 150 + 60 rows) or ``rare`` (binary,
            2 features, 5 % of the rows of class 1, 200 + 100 rows).
    """
    make, task, classes, features, sizes = _EXERCISES[name]
    brief = ExerciseBrief(
        id=name,
        task=task,
        classes=classes,
        input_shape=(features,),
        input_names=tuple(f"x{i + 1}" for i in range(features)),
    )
    train, validation = (
        make(np.random.default_rng(1), sizes[0]),
        make(np.random.default_rng(2), sizes[1]),
    )
    return Rows(brief, *train, *validation)


def _circles(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    labels = rng.permutation(np.arange(n) % 2)
    angle = rng.uniform(0, 2 * np.pi, size=n)
    radius = np.array([3.3, 1.5])[labels] + rng.normal(0, 0.25, size=n)
    return _rows(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), labels)


def _blobs(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    labels = rng.permutation(np.arange(n) % 3)
    centres = np.array([[0.2, 0.2, 0.8, 0.3], [0.5, 0.8, 0.5, 0.7], [0.8, 0.3, 0.2, 0.4]])
    points = centres[labels] + rng.normal(0, 0.09, size=(n, 4))
    return _rows(points * np.array([1.0, 10.0, 100.0, 1000.0]), labels)


def _rare(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    labels = rng.permutation((np.arange(n) < n // 20).astype(np.int64))
    centres = np.array([[0.0, 0.0], [1.8, 1.8]])
    return _rows(
        centres[labels] + rng.normal(0, 1, size=(n, 2)) * np.where(labels, 0.4, 1.0)[:, None],
        labels,
    )


def _rows(inputs: Array, labels: Array) -> tuple[Array, Array]:
    return inputs.astype(np.float32), labels.astype(np.int64)


_EXERCISES = {
    "circles": (_circles, Task.BINARY, ("outer", "inner"), 2, (120, 40)),
    "blobs": (_blobs, Task.MULTICLASS, ("red", "green", "blue"), 4, (150, 60)),
    "rare": (_rare, Task.BINARY, ("usual", "rare"), 2, (200, 100)),
}
