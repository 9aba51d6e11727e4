"""Hidden sets follow from the secret, keep to themselves, and are verified on the way back."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment import Exercise, load_assignment
from grader.datasets.generate import load_generator
from grader.datasets.hidden import HiddenSet, hidden_seed, load_hidden, make_hidden, store_hidden
from grader.datasets.secret import DEMO_SECRET, Secret
from grader.errors import DataError

CIRCLES = Path(__file__).parents[2] / "assignments" / "circles"
NAMES: dict[str, Any] = {
    "course": "nets",
    "term": "2026",
    "assignment": "circles",
    "exercise": "circles",
    "version": 1,
}


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_assignment(CIRCLES / "assignment.toml").exercises[0]


@pytest.fixture(scope="module")
def hidden(exercise: Exercise) -> HiddenSet:
    generator = load_generator(CIRCLES, exercise.data.source)
    return make_hidden(exercise, generator, hidden_seed(DEMO_SECRET, **NAMES))


def problem_with(folder: Path, sha256: str) -> str:
    with pytest.raises(DataError) as caught:
        load_hidden(folder, sha256)
    return str(caught.value)


def test_the_seed_is_fixed_for_ever() -> None:
    """The number is what openssl's HMAC makes of the same list; a change loses hidden sets."""
    seed = hidden_seed(Secret(bytes(range(32))), **NAMES)

    assert seed == 0x3DFA5DA40D7DABED65E2D4C91961449E


@pytest.mark.parametrize("name", list(NAMES))
def test_the_seed_depends_on_every_part(name: str) -> None:
    changed = {**NAMES, name: 2 if name == "version" else "other"}

    assert hidden_seed(DEMO_SECRET, **changed) != hidden_seed(DEMO_SECRET, **NAMES)


def test_the_seed_depends_on_the_secret() -> None:
    assert hidden_seed(Secret(bytes(32)), **NAMES) != hidden_seed(DEMO_SECRET, **NAMES)


def test_parts_cannot_be_shifted_into_one_another() -> None:
    one = hidden_seed(DEMO_SECRET, **{**NAMES, "course": "a", "term": "bc"})
    other = hidden_seed(DEMO_SECRET, **{**NAMES, "course": "ab", "term": "c"})
    quoted = hidden_seed(DEMO_SECRET, **{**NAMES, "course": 'a","b', "term": "c"})

    assert len({one, other, quoted}) == 3


def test_a_hidden_set_is_the_same_every_time(exercise: Exercise, hidden: HiddenSet) -> None:
    generator = load_generator(CIRCLES, exercise.data.source)

    again = make_hidden(exercise, generator, hidden_seed(DEMO_SECRET, **NAMES))

    assert again.sha256 == hidden.sha256
    assert np.array_equal(again.inputs, hidden.inputs)


def test_the_order_of_hidden_rows_tells_nothing(exercise: Exercise, hidden: HiddenSet) -> None:
    drawn = np.arange(exercise.data.hidden.n) % 2

    assert hidden.inputs.shape == (2000, 2)
    assert not np.array_equal(hidden.labels, drawn)
    assert abs(np.mean(hidden.labels == drawn) - 0.5) < 0.05


def test_no_row_shows_in_a_repr(hidden: HiddenSet) -> None:
    assert repr(hidden) == f"HiddenSet(sha256='{hidden.sha256}')"


def test_a_stored_set_comes_back_and_only_its_owner_can_read_it(
    tmp_path: Path, hidden: HiddenSet
) -> None:
    folder = tmp_path / "private" / "hidden"

    path = store_hidden(folder, hidden)
    loaded = load_hidden(folder, hidden.sha256)

    assert path == folder / f"{hidden.sha256}.npz"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [path]
    assert np.array_equal(loaded.inputs, hidden.inputs)
    assert np.array_equal(loaded.labels, hidden.labels)
    assert loaded.labels.dtype == np.int64


def test_storing_again_closes_an_open_folder_and_mends_a_damaged_file(
    tmp_path: Path, hidden: HiddenSet
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / f"{hidden.sha256}.npz").write_bytes(b"")

    store_hidden(tmp_path, hidden)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert load_hidden(tmp_path, hidden.sha256).sha256 == hidden.sha256


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, hidden: HiddenSet) -> None:
    (tmp_path / "private").write_text("")

    with pytest.raises(DataError, match="the hidden set cannot be stored"):
        store_hidden(tmp_path / "private" / "hidden", hidden)


def test_the_digest_does_not_depend_on_the_container(tmp_path: Path, hidden: HiddenSet) -> None:
    path = tmp_path / f"{hidden.sha256}.npz"
    np.savez_compressed(path, labels=hidden.labels, inputs=np.asfortranarray(hidden.inputs))

    assert load_hidden(tmp_path, hidden.sha256).sha256 == hidden.sha256


def test_a_missing_set_is_named_with_a_remedy(tmp_path: Path, hidden: HiddenSet) -> None:
    assert problem_with(tmp_path, hidden.sha256) == (
        f"{tmp_path / hidden.sha256}.npz: there is no such hidden set\n"
        "  hint: grade again: that makes it anew from the secret"
    )


def test_one_changed_label_is_noticed(tmp_path: Path, hidden: HiddenSet) -> None:
    labels = hidden.labels.copy()
    labels[17] = 1 - labels[17]
    np.savez(tmp_path / f"{hidden.sha256}.npz", inputs=hidden.inputs, labels=labels)

    assert problem_with(tmp_path, hidden.sha256).endswith("is not the one its name says")


def test_another_type_of_the_same_labels_is_noticed(tmp_path: Path, hidden: HiddenSet) -> None:
    labels = hidden.labels.astype(np.int32)
    np.savez(tmp_path / f"{hidden.sha256}.npz", inputs=hidden.inputs, labels=labels)

    assert problem_with(tmp_path, hidden.sha256).endswith("is not the one its name says")


def test_one_set_under_the_name_of_another_is_noticed(tmp_path: Path, hidden: HiddenSet) -> None:
    shutil.copy(store_hidden(tmp_path, hidden), tmp_path / f"{'0' * 64}.npz")

    assert problem_with(tmp_path, "0" * 64).endswith("is not the one its name says")


def test_pickled_objects_are_never_loaded(tmp_path: Path, hidden: HiddenSet) -> None:
    labels = np.array([print] * len(hidden.labels), dtype=object)
    np.savez(tmp_path / f"{hidden.sha256}.npz", inputs=hidden.inputs, labels=labels)

    assert problem_with(tmp_path, hidden.sha256).endswith("is damaged and cannot be read")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_named(tmp_path: Path, hidden: HiddenSet, content: bytes) -> None:
    (tmp_path / f"{hidden.sha256}.npz").write_bytes(content)

    assert problem_with(tmp_path, hidden.sha256).endswith("is damaged and cannot be read")


def test_other_arrays_are_no_hidden_set(tmp_path: Path, hidden: HiddenSet) -> None:
    path = tmp_path / f"{hidden.sha256}.npz"
    with path.open("wb") as file:
        np.save(file, hidden.inputs)
    assert problem_with(tmp_path, hidden.sha256).endswith("does not hold a hidden set")

    np.savez(path, inputs=hidden.inputs)
    assert problem_with(tmp_path, hidden.sha256).endswith("does not hold a hidden set")


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_digest_that_is_none_leads_nowhere(tmp_path: Path, sha256: str) -> None:
    assert problem_with(tmp_path, sha256) == (
        "the digest of a hidden set must be 64 hexadecimal digits"
    )


def test_a_generator_with_randomness_of_its_own_is_refused(exercise: Exercise) -> None:
    def unseeded(rng: np.random.Generator, n: int) -> tuple[Any, Any]:
        own = np.random.default_rng()
        return own.normal(size=(n, 2)).astype(np.float32), np.arange(n) % 2

    with pytest.raises(DataError, match="returned other rows for the same generator"):
        make_hidden(exercise, unseeded, 7)
