"""Runs the generator of an assignment's ``dataset.py`` and refuses rows that cannot be right.

The file belongs to the instructor, like the rubric, and is trusted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from grader.datasets.model import Array, Exercise, Generator, Rows
from grader.errors import DataError
from grader.evidence import ExerciseBrief, Task
from grader.mistakes import shown, suggest


def load_generator(assignment_folder: Path, source: str) -> Generator:
    """Import the function that an exercise draws its rows with.

    Args:
        assignment_folder: The folder that holds the file.
        source: ``dataset.py:circles``.

    Raises:
        DataError: The file or the function is not there, or the file does not run.
    """
    match = re.fullmatch(r"(\w[\w-]*\.py):(\w+)", source, re.ASCII)
    if match is None:
        message = f"source: must be a file and a function in it, got {shown(source)}"
        raise DataError(message, hint='write it like "dataset.py:circles"')
    path, name = assignment_folder / match[1], match[2]
    label = f"{assignment_folder.name}/{path.name}"
    if not path.is_file():
        files = [file.name for file in assignment_folder.glob("*.py")]
        hint = suggest(path.name, files, label="files in this folder")
        raise DataError(
            f"{label}: there is no such file, named by source {shown(source)}", hint=hint
        )
    module = _imported(path, label)
    if not hasattr(module, name):
        own = [
            n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__
        ]
        hint = suggest(name, own, label="it has")
        raise DataError(f"{label}: has no function {shown(name)}", hint=hint)
    function = getattr(module, name)
    if not callable(function):
        message = f"{label}: {name} must be a function, got {type(function).__name__}"
        raise DataError(message, hint=f"write def {name}(rng, n) returning inputs, labels")
    return function  # type: ignore[no-any-return]  # what it returns is checked row by row


class _SourceOnly(SourceFileLoader):
    """Runs the file as it is now; neither reads nor leaves byte code beside it."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source anew."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _imported(path: Path, label: str) -> ModuleType:
    name = f"_grader_dataset_{hashlib.sha256(bytes(path.resolve())).hexdigest()[:16]}"
    loader = _SourceOnly(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise DataError(f"{label}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # a dataclass in the file looks its module up here
    try:
        loader.exec_module(module)
    except Exception as exc:
        del sys.modules[name]
        raise DataError(f"{label}: does not run: {type(exc).__name__}: {exc}") from exc
    return module


def generate(exercise: Exercise, generator: Generator, rng: np.random.Generator, n: int) -> Rows:
    """Draw rows and check them.

    Args:
        exercise: What the rows are for.
        generator: As :func:`load_generator` returns it.
        rng: Source of all randomness.
        n: Number of rows.

    Raises:
        DataError: What came out has a wrong shape, type or value; names the source.
    """
    brief, source = exercise.brief(), exercise.data.source
    try:
        result: Any = generator(rng, n)
    except Exception as exc:
        message = f"{source}: raised {type(exc).__name__} for n = {n}: {exc}"
        raise DataError(message) from exc
    if not isinstance(result, tuple) or len(result) != 2:
        message = f"{source}: must return inputs, labels, got {type(result).__name__}"
        raise DataError(message, hint="end it with: return inputs, labels")
    inputs, labels = result
    _check_inputs(inputs, (n, *brief.input_shape), source)
    if brief.task is Task.MULTILABEL:
        labels = _multilabel(labels, brief, n, source)
    else:
        _check_labels(labels, brief, n, source)
    return Rows(inputs=inputs, labels=labels)


def _check_inputs(inputs: object, shape: tuple[int, ...], source: str) -> None:
    array = _array(inputs, "inputs", shape, (np.float32,), source)
    if not np.isfinite(array).all():
        raise DataError(f"{source}: inputs hold values that are not finite")


def _check_labels(labels: object, brief: ExerciseBrief, n: int, source: str) -> None:
    array = _array(labels, "labels", (n,), (np.int64,), source)
    last = len(brief.classes) - 1
    outside = array[(array < 0) | (array > last)]
    if outside.size:
        message = f"{source}: labels must lie in 0..{last}, one for each class, got {outside[0]}"
        raise DataError(message)
    _check_presence(np.bincount(array, minlength=last + 1), brief, n, source)


def _multilabel(labels: object, brief: ExerciseBrief, n: int, source: str) -> Array:
    kinds = (np.float32, np.int64)
    array = _array(labels, "labels", (n, len(brief.classes)), kinds, source)
    other = array[(array != 0) & (array != 1)]
    if other.size:
        raise DataError(f"{source}: labels must be 0 or 1 in a multilabel task, got {other[0]}")
    _check_presence(array.sum(axis=0), brief, n, source)
    return array.astype(np.float32)


def _check_presence(counts: Array, brief: ExerciseBrief, n: int, source: str) -> None:
    absent = [name for name, count in zip(brief.classes, counts, strict=True) if count == 0]
    if absent:
        message = f"{source}: no row of class {shown(absent[0])} among {n}"
        raise DataError(message, hint="draw more rows, or give each class its share")


def _array(
    value: object, what: str, shape: tuple[int, ...], dtypes: tuple[type, ...], source: str
) -> Array:
    if not isinstance(value, np.ndarray):
        message = f"{source}: {what} must be a NumPy array, got {type(value).__name__}"
        raise DataError(message)
    if value.shape != shape:
        raise DataError(f"{source}: {what} must have the shape {shape}, got {value.shape}")
    if value.dtype not in dtypes:
        names = " or ".join(np.dtype(dtype).name for dtype in dtypes)
        message = f"{source}: {what} must be {names}, got {value.dtype}"
        raise DataError(message, hint=f"end with {what}.astype(np.{np.dtype(dtypes[0]).name})")
    return value
