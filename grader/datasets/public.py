"""The public splits of an exercise, which students train with, and the grid for plots."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from grader.datasets.generate import generate
from grader.datasets.model import Array, Assignment, Exercise, Generator, PublicRows, Rows

GRID_SIDE: Final = 100
GRID_MARGIN: Final = 0.1
PLANE: Final = (2,)
SPLITS: Final = ("train", "validation")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Points all over the plane that the public rows lie in.

    Attributes:
        inputs: float32 ``(len(y) * len(x), 2)``, row by row: reshape what a model says of them to
            ``(len(y), len(x))``. ``(0, 2)`` where rows are no points of a plane.
        x: Coordinates of the first feature, float32, ascending.
        y: Coordinates of the second feature, float32, ascending.
    """

    inputs: Array = field(repr=False)
    x: Array = field(repr=False)
    y: Array = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class PublicSplits:
    """The public rows of one exercise, all of which students have."""

    train: Rows
    validation: Rows
    grid: Grid


def public_data(exercise: Exercise, generator: Generator) -> PublicSplits:
    """Make the public rows of an exercise; the same ones every time.

    Raises:
        DataError: The generator returned something wrong.
    """
    train = _split(exercise, generator, exercise.data.train)
    validation = _split(exercise, generator, exercise.data.validation)
    both = np.concatenate([train.inputs, validation.inputs])
    is_plane = exercise.brief().input_shape == PLANE
    return PublicSplits(
        train=train, validation=validation, grid=_grid(both) if is_plane else _none()
    )


def _split(exercise: Exercise, generator: Generator, split: PublicRows) -> Rows:
    rng = np.random.default_rng(split.seed)
    return generate(exercise, generator, rng, split.n).permuted(rng)


def _none() -> Grid:
    empty = np.empty(0, dtype=np.float32)
    return Grid(inputs=np.empty((0, 2), dtype=np.float32), x=empty, y=empty)


def _grid(points: Array) -> Grid:
    low = points.min(axis=0).astype(np.float64)
    high = points.max(axis=0).astype(np.float64)
    span = np.where(high > low, high - low, 1.0)
    axes = np.linspace(low - GRID_MARGIN * span, high + GRID_MARGIN * span, GRID_SIDE)
    x, y = axes.astype(np.float32).T
    inputs = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return Grid(inputs=inputs, x=x, y=y)


def public_file_names(assignment: Assignment) -> tuple[str, ...]:
    """Names of the data files that lie beside a submission.

    ``train.npz`` and ``validation.npz``, with the exercise's id before them where there are
    several exercises.
    """
    return tuple(
        _file_name(assignment, exercise, split)
        for exercise in assignment.exercises
        for split in SPLITS
    )


def _file_name(assignment: Assignment, exercise: Exercise, split: str) -> str:
    return f"{split}.npz" if len(assignment.exercises) == 1 else f"{exercise.id}-{split}.npz"


def public_files(assignment: Assignment, splits: Mapping[str, PublicSplits]) -> dict[str, bytes]:
    """The data files that lie beside a submission; the same bytes every time.

    Args:
        assignment: Whose exercises they are for.
        splits: By exercise id.

    Returns:
        By name, ``.npz`` files with the arrays ``inputs`` and ``labels``.
    """
    files: dict[str, bytes] = {}
    for exercise in assignment.exercises:
        public = splits[exercise.id]
        for split, rows in zip(SPLITS, (public.train, public.validation), strict=True):
            files[_file_name(assignment, exercise, split)] = npz_bytes(rows)
    return files


def npz_bytes(rows: Rows) -> bytes:
    """Rows as an ``.npz`` file; NumPy gives its entries a fixed date, so that the bytes repeat."""
    buffer = io.BytesIO()
    np.savez(buffer, inputs=rows.inputs, labels=rows.labels)
    return buffer.getvalue()


def write_public_files(
    folder: Path, assignment: Assignment, splits: Mapping[str, PublicSplits]
) -> tuple[Path, ...]:
    """Write the data files of an assignment into an existing folder.

    Returns:
        Their paths, in the order of :func:`public_file_names`.
    """
    files = public_files(assignment, splits)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in files)
