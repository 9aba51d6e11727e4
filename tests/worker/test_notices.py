"""Installs, downloads and questions are named; they cost nothing by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.evidence import CellError, CellRun, CellState, Limits, NoticeKind
from grader.worker.notices import (
    IGNORED_MARK,
    missing_package,
    notices_of_cell,
    notices_of_limits,
)


def cell(error: CellError | None = None) -> CellRun:
    state = CellState.FAILED if error else CellState.RAN
    return CellRun(number=4, state=state, error=error)


def kinds(run: CellRun, text: str = "", *, limit: str = "") -> list[NoticeKind]:
    return [notice.kind for notice in notices_of_cell(run, printed=(text, limit))]


def test_an_install_and_a_download_are_told_apart() -> None:
    text = f"hello\n{IGNORED_MARK} pip install torch\n{IGNORED_MARK} wget http://example.org/x\n"

    assert kinds(cell(), text) == [NoticeKind.INSTALL_IGNORED, NoticeKind.SHELL_IGNORED]


def test_ordinary_output_is_no_notice() -> None:
    assert kinds(cell(), "Epoch 1: loss 0.3\npip is a word\n") == []


def test_cut_output_is_named() -> None:
    (notice,) = notices_of_cell(cell(), printed=("", "the 2 MiB that are kept of one cell"))

    assert notice.kind is NoticeKind.OUTPUT_CUT
    assert notice.text.startswith("this cell printed more than the 2 MiB that are kept of one cell")


@pytest.mark.parametrize(
    ("name", "message", "value"),
    [
        ("OSError", "[Errno 27] File too large", "256 MiB"),
        ("BlockingIOError", "[Errno 11] Resource temporarily unavailable", "256 processes"),
        ("RuntimeError", "can't start new thread", "256 processes"),
        ("MemoryError", "", "3072 MiB"),
        ("_ArrayMemoryError", "Unable to allocate 93.1 GiB", "3072 MiB"),
        ("RuntimeError", "DefaultCPUAllocator: can't allocate memory", "3072 MiB"),
    ],
)
def test_a_limit_that_makes_a_cell_fail_is_named_with_its_value(
    name: str, message: str, value: str
) -> None:
    (notice,) = notices_of_limits(CellError(name=name, message=message), 4, Limits())

    assert (notice.kind, notice.cell) == (NoticeKind.LIMIT, 4)
    assert value in notice.text


def test_an_ordinary_error_is_no_limit() -> None:
    assert notices_of_limits(CellError(name="ValueError", message="no"), 4, Limits()) == []


def test_a_question_is_named() -> None:
    error = CellError(name="StdinNotImplementedError", message="raw_input was called")

    assert kinds(cell(error)) == [NoticeKind.NO_INPUT]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>"),
        ("ConnectionError", "HTTPSConnectionPool(...): Max retries exceeded"),
        ("gaierror", "[Errno -3] Temporary failure in name resolution"),
    ],
)
def test_a_wish_for_the_network_is_named(name: str, message: str) -> None:
    assert kinds(cell(CellError(name=name, message=message))) == [NoticeKind.NO_NETWORK]


def import_error(name: str) -> CellError:
    return CellError(name="ModuleNotFoundError", message=f"No module named '{name}'")


def test_a_package_that_is_not_installed_is_named_by_its_top_level(tmp_path: Path) -> None:
    assert missing_package(import_error("no_such_package.part"), tmp_path) == "no_such_package"


def test_a_part_that_an_installed_package_lacks_is_no_missing_package(tmp_path: Path) -> None:
    assert missing_package(import_error("numpy.no_such_part"), tmp_path) == ""


def test_a_module_of_the_submission_is_no_missing_package(tmp_path: Path) -> None:
    (tmp_path / "my_helpers.py").write_text("import gone")

    assert missing_package(import_error("my_helpers"), tmp_path) == ""


def test_another_error_is_no_missing_package(tmp_path: Path) -> None:
    error = CellError(name="ValueError", message="No module named 'x'")

    assert missing_package(error, tmp_path) == ""
