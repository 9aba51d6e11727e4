"""Public splits repeat exactly, as arrays and as files; the grid covers the plane."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from grader.assignment import Assignment, load_assignment
from grader.datasets.generate import load_generator
from grader.datasets.model import Generator
from grader.datasets.public import PublicSplits, public_data, public_file_names, write_public_files

CIRCLES = Path(__file__).parents[2] / "assignments" / "circles"


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return load_assignment(CIRCLES / "assignment.toml")


@pytest.fixture(scope="module")
def generator() -> Generator:
    return load_generator(CIRCLES, "dataset.py:circles")


@pytest.fixture(scope="module")
def splits(assignment: Assignment, generator: Generator) -> PublicSplits:
    return public_data(assignment.exercises[0], generator)


def test_splits_have_the_sizes_of_the_assignment(splits: PublicSplits) -> None:
    assert splits.train.inputs.shape == (800, 2)
    assert splits.train.labels.shape == (800,)
    assert splits.validation.inputs.shape == (200, 2)
    assert splits.validation.labels.shape == (200,)


def test_splits_are_the_same_every_time(
    splits: PublicSplits, assignment: Assignment, generator: Generator
) -> None:
    again = public_data(assignment.exercises[0], generator)

    assert np.array_equal(again.train.inputs, splits.train.inputs)
    assert np.array_equal(again.train.labels, splits.train.labels)
    assert np.array_equal(again.validation.inputs, splits.validation.inputs)


def test_rows_are_shuffled_together_with_their_labels(
    splits: PublicSplits, assignment: Assignment, generator: Generator
) -> None:
    seed = assignment.exercises[0].data.train.seed
    drawn_inputs, drawn_labels = generator(np.random.default_rng(seed), 800)
    drawn = {
        (float(a), float(b)): int(k) for (a, b), k in zip(drawn_inputs, drawn_labels, strict=True)
    }

    assert not np.array_equal(splits.train.labels, drawn_labels)
    for (a, b), label in zip(splits.train.inputs, splits.train.labels, strict=True):
        assert drawn[float(a), float(b)] == label


def test_the_grid_covers_the_public_rows_with_a_margin(splits: PublicSplits) -> None:
    grid = splits.grid
    points = np.concatenate([splits.train.inputs, splits.validation.inputs])
    span = points.max(axis=0) - points.min(axis=0)

    assert grid.inputs.shape == (10_000, 2)
    assert grid.inputs.dtype == grid.x.dtype == grid.y.dtype == np.float32
    assert grid.x.shape == grid.y.shape == (100,)
    np.testing.assert_allclose(grid.inputs.min(axis=0), points.min(axis=0) - 0.1 * span, rtol=1e-5)
    np.testing.assert_allclose(grid.inputs.max(axis=0), points.max(axis=0) + 0.1 * span, rtol=1e-5)


def test_the_grid_goes_row_by_row(splits: PublicSplits) -> None:
    grid = splits.grid
    square = grid.inputs.reshape(len(grid.y), len(grid.x), 2)

    assert np.array_equal(square[7, :, 0], grid.x)
    assert np.array_equal(square[:, 7, 1], grid.y)


def test_a_feature_that_never_changes_still_gets_a_grid(assignment: Assignment) -> None:
    def flat(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]  # any array
        inputs = np.ones((n, 2), dtype=np.float32)
        return inputs, (np.arange(n) % 2).astype(np.int64)

    grid = public_data(assignment.exercises[0], flat).grid

    assert grid.x[0] == pytest.approx(0.9)
    assert grid.x[-1] == pytest.approx(1.1)


def test_rows_that_are_no_points_of_a_plane_have_no_grid(assignment: Assignment) -> None:
    exercise = assignment.exercises[0]
    data = exercise.data.model_copy(update={"input_shape": (3,), "input_names": ()})
    table = exercise.model_copy(update={"data": data})

    def rows(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]  # any array
        return rng.normal(size=(n, 3)).astype(np.float32), (np.arange(n) % 2).astype(np.int64)

    grid = public_data(table, rows).grid

    assert grid.inputs.shape == (0, 2)
    assert grid.x.size == grid.y.size == 0


def test_files_hold_the_rows_and_repeat_byte_by_byte(
    tmp_path: Path, assignment: Assignment, splits: PublicSplits
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    first = write_public_files(tmp_path / "a", assignment, {"circles": splits})
    second = write_public_files(tmp_path / "b", assignment, {"circles": splits})

    assert tuple(path.name for path in first) == public_file_names(assignment)
    assert [path.name for path in first] == ["train.npz", "validation.npz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    with np.load(first[0], allow_pickle=False) as stored:
        assert np.array_equal(stored["inputs"], splits.train.inputs)
        assert np.array_equal(stored["labels"], splits.train.labels)


def test_files_carry_no_date_of_today(
    tmp_path: Path, assignment: Assignment, splits: PublicSplits
) -> None:
    first, _ = write_public_files(tmp_path, assignment, {"circles": splits})

    with zipfile.ZipFile(io.BytesIO(first.read_bytes())) as archive:
        dates = {entry.date_time for entry in archive.infolist()}

    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_several_exercises_have_files_of_their_own(
    tmp_path: Path, assignment: Assignment, splits: PublicSplits
) -> None:
    one = assignment.exercises[0]
    two = one.model_copy(update={"id": "moons"})
    several = assignment.model_copy(update={"exercises": (one, two)})

    written = write_public_files(tmp_path, several, {"circles": splits, "moons": splits})

    assert [path.name for path in written] == [
        "circles-train.npz",
        "circles-validation.npz",
        "moons-train.npz",
        "moons-validation.npz",
    ]
    assert public_file_names(several) == tuple(path.name for path in written)
