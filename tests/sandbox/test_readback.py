"""Nothing that student code left behind is trusted: links, pipes, sizes, headers."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest

from grader.sandbox.readback import UnreadableError, read_array, read_file


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path


def put(slot: Path, name: str, content: bytes) -> None:
    (slot / "out" / name).write_bytes(content)


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=array.dtype.hasobject)
    return buffer.getvalue()


def test_a_plain_file_is_read(slot: Path) -> None:
    put(slot, "evidence.json", b"{}")

    assert read_file(slot, "evidence.json", limit=10) == b"{}"


def test_a_link_is_not_followed(slot: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (slot / "out" / "evidence.json").symlink_to(secret)

    with pytest.raises(UnreadableError):
        read_file(slot, "evidence.json", limit=10)


def test_a_linked_folder_is_not_followed(slot: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "evidence.json").write_text("{}")
    (slot / "out").rmdir()
    (slot / "out").symlink_to(elsewhere)

    with pytest.raises(UnreadableError):
        read_file(slot, "evidence.json", limit=10)


def test_a_pipe_is_refused_without_waiting_for_a_writer(slot: Path) -> None:
    os.mkfifo(slot / "out" / "evidence.json")

    with pytest.raises(UnreadableError, match="not a plain file"):
        read_file(slot, "evidence.json", limit=10)


def test_a_hard_link_is_refused(slot: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("{}")
    (slot / "out" / "evidence.json").hardlink_to(other)

    with pytest.raises(UnreadableError, match="not a plain file"):
        read_file(slot, "evidence.json", limit=10)


def test_a_folder_in_its_place_is_refused(slot: Path) -> None:
    (slot / "out" / "evidence.json").mkdir()

    with pytest.raises(UnreadableError):
        read_file(slot, "evidence.json", limit=10)


def test_a_sparse_giant_is_refused_unread(slot: Path) -> None:
    with (slot / "out" / "evidence.json").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(UnreadableError, match="larger than"):
        read_file(slot, "evidence.json", limit=1 << 20)


def test_an_array_of_numbers_comes_back_as_it_was(slot: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    put(slot, "scores.npy", npy(array))

    np.testing.assert_array_equal(read_array(slot, "scores.npy"), array)


def test_a_pickle_in_an_array_is_refused(slot: Path) -> None:
    put(slot, "scores.npy", npy(np.array([{"a": 1}], dtype=object)))

    with pytest.raises(UnreadableError, match="not a plain array"):
        read_array(slot, "scores.npy")


def test_a_header_that_promises_more_than_there_is_allocates_nothing(slot: Path) -> None:
    content = npy(np.zeros(4, dtype=np.float32)).replace(b"(4,)", b"(9999999999,)", 1)
    put(slot, "scores.npy", content)

    with pytest.raises(UnreadableError):
        read_array(slot, "scores.npy")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00\xff\xff{", b"\x80\x04N."]
)
def test_what_is_no_array_file_is_refused(slot: Path, content: bytes) -> None:
    put(slot, "scores.npy", content)

    with pytest.raises(UnreadableError):
        read_array(slot, "scores.npy")


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"


@pytest.mark.parametrize(
    "shape",
    [
        "(" + "-" * 9000 + "1,)",
        "((",
        "(1e9,)",
        "(0x10,)",
        "(2, 2, 2, 2, 2)",
        "(9999999999,)",
        "__import__('os')",
    ],
)
def test_a_header_that_numpy_would_not_write_is_never_interpreted(slot: Path, shape: str) -> None:
    header = (HEADER % shape).encode() + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    put(slot, "scores.npy", content + b"\x00" * 16)

    with pytest.raises(UnreadableError):
        read_array(slot, "scores.npy")


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("float32", (3,)), ("int64", (2, 3)), ("uint8", (0, 4)), ("bool", (2,)), ("float64", ())],
)
def test_what_numpy_writes_of_plain_numbers_is_read(
    slot: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    array = np.ones(shape, dtype=dtype)
    put(slot, "scores.npy", npy(array))

    read = read_array(slot, "scores.npy")

    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)
