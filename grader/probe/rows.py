"""Rows going to a model and numbers coming back: conversions and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.evidence import ArrayRef
from grader.probe.opaque import Opaque
from grader.probe.tallies import Array


@dataclass(frozen=True, slots=True)
class PublicRows:
    """The public rows of one exercise.

    Attributes:
        train_inputs: float32 ``(N, *input_shape)``.
        train_labels: int64 ``(N,)``.
        validation_inputs: float32 ``(M, *input_shape)``.
        validation_labels: int64 ``(M,)``.
        plot_inputs: Grid over the plane, float32 ``(K, 2)``; may have no rows.
    """

    train_inputs: Array
    train_labels: Array
    validation_inputs: Array
    validation_labels: Array
    plot_inputs: Array


def numbers(value: Opaque) -> Array | None:
    """What a student's function returned, as an array of numbers; ``None`` if it is none."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    for name in ("numpy", "to_numpy"):
        convert = getattr(value, name, None)
        if callable(convert):
            value = convert()
            break
    if isinstance(value, (list, tuple)):
        value = [numbers(one) if hasattr(one, "shape") else one for one in value]
        if any(one is None for one in value):
            return None
    try:
        result = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return result if result.dtype.kind in "biuf" else None


def as_scores(values: Array, *, rows: int) -> Array | None:
    """Scores as float32 ``(N, C)``; ``None`` if there is not one row for each input row."""
    if values.ndim == 0 or len(values) != rows:
        return None
    if values.ndim == 1:
        values = values[:, np.newaxis]
    while values.ndim > 2 and 1 in values.shape[1:]:
        values = np.squeeze(values, axis=1 + values.shape[1:].index(1))
    return values.astype(np.float32) if values.ndim == 2 else None


def as_labels(values: Array, *, rows: int, classes: int, is_multilabel: bool) -> Array | None:
    """Labels as int64 ``(N,)``, or ``(N, L)`` of 0 and 1; ``None`` if they are no labels."""
    if values.ndim == 0 or len(values) != rows:
        return None
    width = int(np.prod(values.shape[1:], dtype=np.int64))
    if width != (classes if is_multilabel else 1):
        return None
    flat = values.reshape((rows, width) if is_multilabel else (rows,))
    whole = flat.astype(np.int64) if np.all(np.isfinite(flat)) else None
    highest = 1 if is_multilabel else classes - 1
    if whole is None or np.any(whole != flat) or np.any(whole < 0) or np.any(whole > highest):
        return None
    return whole


def saved(array: Array, *, folder: Path, name: str) -> ArrayRef:
    """Write an array and refer to it."""
    np.save(folder / name, array, allow_pickle=False)
    return ArrayRef(file=name, shape=tuple(array.shape), dtype=array.dtype.name)


def is_among(sample: Array, public: Array) -> Array:
    """For each row of ``sample`` whether it is a row of ``public``, but for rounding."""
    scale = max(float(np.abs(public).max(initial=0.0)), 1e-6)
    step = scale * 1e-5
    known: set[bytes] = set()
    for shift in (0.0, 0.5):
        known.update(row.tobytes() for row in np.floor(public / step + shift).astype(np.int64))
    found = np.zeros(len(sample), dtype=bool)
    for shift in (0.0, 0.5):
        keys = np.floor(sample / step + shift).astype(np.int64)
        found |= np.array([key.tobytes() in known for key in keys], dtype=bool)
    if not found.all() and sample.size * len(public) <= 2**26:
        for i in np.flatnonzero(~found):
            found[i] = bool(np.any(np.abs(public - sample[i]).max(axis=1) <= step))
    return found


def is_of_similar_scale(sample: Array, public: Array) -> bool:
    """Whether rows could have been drawn like the public ones, by mean and spread per column."""
    if len(sample) < 20 or sample.shape[1] != public.shape[1]:
        return False
    spread = np.maximum(public.std(axis=0), 1e-6)
    ratio = sample.std(axis=0) / spread
    offset = np.abs(sample.mean(axis=0) - public.mean(axis=0)) / spread
    return bool(np.all((ratio > 0.8) & (ratio < 1.25)) and np.all(offset < 0.2))
