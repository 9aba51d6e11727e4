"""The generator of an assignment is found, and rows that cannot be right are refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment import Exercise, load_assignment
from grader.datasets.generate import generate, load_generator
from grader.errors import DataError
from grader.evidence import Task

CIRCLES = Path(__file__).parents[2] / "assignments" / "circles"
EXERCISE = load_assignment(CIRCLES / "assignment.toml").exercises[0]
TAGS = EXERCISE.model_copy(update={"task": Task.MULTILABEL, "classes": ("red", "round", "big")})


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return str(caught.value)


def refusal_of(inputs: Any, labels: Any, exercise: Exercise = EXERCISE) -> str:  # noqa: ANN401 - wrong types are the point
    rng = np.random.default_rng(0)
    return refusal(lambda: generate(exercise, lambda rng, n: (inputs, labels), rng, 4))


def points(n: int = 4) -> np.ndarray[Any, Any]:
    return np.zeros((n, 2), dtype=np.float32)


def classes(*labels: int) -> np.ndarray[Any, Any]:
    return np.array(labels, dtype=np.int64)


def test_the_bundled_generator_is_loaded_and_makes_valid_rows() -> None:
    generator = load_generator(CIRCLES, "dataset.py:circles")

    rows = generate(EXERCISE, generator, np.random.default_rng(7), 50)

    assert rows.inputs.shape == (50, 2)
    assert rows.inputs.dtype == np.float32
    assert rows.labels.dtype == np.int64
    assert set(rows.labels) == {0, 1}


def test_loading_changes_no_search_path_and_leaves_no_byte_code(tmp_path: Path) -> None:
    (tmp_path / "dataset.py").write_text("def rows(rng, n):\n    return 1\n")
    before = list(sys.path)

    load_generator(tmp_path, "dataset.py:rows")

    assert sys.path == before
    assert "dataset" not in sys.modules
    assert [entry.name for entry in tmp_path.iterdir()] == ["dataset.py"]


def test_a_changed_file_is_loaded_anew(tmp_path: Path) -> None:
    (tmp_path / "dataset.py").write_text("def rows(rng, n):\n    return 1\n")
    first: Any = load_generator(tmp_path, "dataset.py:rows")
    (tmp_path / "dataset.py").write_text("def rows(rng, n):\n    return 2\n")
    second: Any = load_generator(tmp_path, "dataset.py:rows")

    assert (first(None, 1), second(None, 1)) == (1, 2)


def test_a_file_with_a_dataclass_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "dataset.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass, KW_ONLY\n"
        "@dataclass\nclass Ring:\n    _: KW_ONLY\n    radius: float = 1.0\n"
        "def rows(rng, n):\n    return Ring(radius=2.0)\n"
    )

    generator: Any = load_generator(tmp_path, "dataset.py:rows")

    assert generator(None, 1).radius == 2.0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "dataset.py",
            'source: must be a file and a function in it, got "dataset.py"\n'
            '  hint: write it like "dataset.py:circles"',
        ),
        (
            "../dataset.py:circles",
            'source: must be a file and a function in it, got "../dataset.py:circles"\n'
            '  hint: write it like "dataset.py:circles"',
        ),
        (
            "datset.py:circles",
            'circles/datset.py: there is no such file, named by source "datset.py:circles"\n'
            '  hint: did you mean "dataset.py"?',
        ),
        (
            "dataset.py:circle",
            'circles/dataset.py: has no function "circle"\n  hint: did you mean "circles"?',
        ),
        (
            "dataset.py:NOISE",
            "circles/dataset.py: NOISE must be a function, got float\n"
            "  hint: write def NOISE(rng, n) returning inputs, labels",
        ),
    ],
)
def test_a_source_that_leads_nowhere_is_named(source: str, expected: str) -> None:
    assert refusal(lambda: load_generator(CIRCLES, source)) == expected


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("def rows(rng, n:\n", "SyntaxError: "),
        ("import no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package'"),
    ],
)
def test_a_file_that_does_not_run_is_named(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "dataset.py").write_text(content)
    modules = set(sys.modules)

    message = refusal(lambda: load_generator(tmp_path, "dataset.py:rows"))

    assert message.startswith(f"{tmp_path.name}/dataset.py: does not run: {problem}")
    assert set(sys.modules) == modules


def test_a_generator_that_raises_is_named() -> None:
    def broken(rng: np.random.Generator, n: int) -> tuple[Any, Any]:
        raise KeyError("x")

    message = refusal(lambda: generate(EXERCISE, broken, np.random.default_rng(0), 4))

    assert message == "dataset.py:circles: raised KeyError for n = 4: 'x'"


def test_a_generator_that_returns_one_thing_is_named() -> None:
    generator: Any = lambda rng, n: points()  # noqa: E731 - the shortest wrong generator

    message = refusal(lambda: generate(EXERCISE, generator, np.random.default_rng(0), 4))

    assert message == (
        "dataset.py:circles: must return inputs, labels, got ndarray\n"
        "  hint: end it with: return inputs, labels"
    )


@pytest.mark.parametrize(
    ("inputs", "labels", "expected"),
    [
        ([[0.0, 0.0]], classes(0, 1, 0, 1), "inputs must be a NumPy array, got list"),
        (points(3), classes(0, 1, 0, 1), "inputs must have the shape (4, 2), got (3, 2)"),
        (
            points().astype(np.float64),
            classes(0, 1, 0, 1),
            "inputs must be float32, got float64\n  hint: end with inputs.astype(np.float32)",
        ),
        (
            points() + np.float32("nan"),
            classes(0, 1, 0, 1),
            "inputs hold values that are not finite",
        ),
        (points(), classes(0, 1, 0), "labels must have the shape (4,), got (3,)"),
        (points(), classes(0, 1, 0, 1)[:, None], "labels must have the shape (4,), got (4, 1)"),
        (
            points(),
            classes(0, 1, 0, 1).astype(np.int32),
            "labels must be int64, got int32\n  hint: end with labels.astype(np.int64)",
        ),
        (
            points(),
            classes(0, 1, 2, 1),
            "labels must lie in 0..1, one for each class, got 2",
        ),
        (
            points(),
            classes(0, -1, 0, 1),
            "labels must lie in 0..1, one for each class, got -1",
        ),
        (
            points(),
            classes(0, 0, 0, 0),
            'no row of class "inner" among 4\n  hint: draw more rows, or give each class its share',
        ),
    ],
)
def test_wrong_rows_are_named(inputs: Any, labels: Any, expected: str) -> None:  # noqa: ANN401 - wrong types are the point
    assert refusal_of(inputs, labels) == f"dataset.py:circles: {expected}"


@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_labels_of_a_multilabel_task_become_float32(dtype: type) -> None:
    labels = np.array([[1, 0, 0], [0, 1, 1], [0, 0, 0], [1, 1, 1]], dtype=dtype)

    rows = generate(TAGS, lambda rng, n: (points(), labels), np.random.default_rng(0), 4)

    assert rows.labels.dtype == np.float32
    assert np.array_equal(rows.labels, labels)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.zeros(4, dtype=np.int64), "labels must have the shape (4, 3), got (4,)"),
        (
            np.full((4, 3), 2, dtype=np.int64),
            "labels must be 0 or 1 in a multilabel task, got 2",
        ),
        (
            np.full((4, 3), 1.0),
            "labels must be float32 or int64, got float64\n"
            "  hint: end with labels.astype(np.float32)",
        ),
        (
            np.array([[1, 0, 1]] * 4, dtype=np.int64),
            'no row of class "round" among 4\n  hint: draw more rows, or give each class its share',
        ),
    ],
)
def test_wrong_labels_of_a_multilabel_task_are_named(
    labels: np.ndarray[Any, Any], expected: str
) -> None:
    assert refusal_of(points(), labels, TAGS) == f"dataset.py:circles: {expected}"
