"""The index of a class: what can be asked of it, and what a crash leaves in it."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from grader.gradebook.database import AttemptRow, open_database

ROW = AttemptRow(
    student_key="ada",
    attempt=1,
    display_name="Ada",
    email="",
    source="class/ada",
    submission_sha256="s",
    run_key="r",
    run_state="completed",
    run_of="",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite3"


def test_attempts_are_kept_and_dropped(path: Path) -> None:
    with open_database(path) as database:
        database.put_attempt(ROW)
        database.put_attempt(replace(ROW, attempt=2))
        database.put_attempt(replace(ROW, display_name="Ada Lovelace"))

    with open_database(path) as database:
        assert database.attempts() == {("ada", 1), ("ada", 2)}
        database.drop_attempts([("ada", 1)])
        assert database.attempts() == {("ada", 2)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        ({}, True),
        ({"run_state": "cpu limit"}, True),
        ({"run_state": "grader failed"}, False),
        ({"run_of": "bea/1"}, False),
        ({"run_key": "other"}, False),
    ],
)
def test_a_run_is_found_by_what_it_depends_on(
    path: Path, changes: dict[str, str], is_found: bool
) -> None:
    with open_database(path) as database:
        database.put_attempt(replace(ROW, **changes))

        assert database.find_run("r") == (("ada", 1) if is_found else None)


def test_what_is_running_alone_when_the_grader_dies_counts_as_tried(path: Path) -> None:
    with open_database(path) as database:
        database.start_try("dies", alone=True)
        database.start_try("fails", alone=False)
        database.end_try("fails", succeeded=False)
        database.start_try("succeeds", alone=False)
        database.end_try("succeeds", succeeded=True)
        database.start_try("beside", alone=False)

    with open_database(path) as database:
        database.start_try("dies", alone=True)
        database.start_try("stopped", alone=True)
        database.end_try("dies", succeeded=False)
        database.give_back_tries()
        keys = ("dies", "fails", "succeeds", "stopped", "beside")
        assert [database.tries(key) for key in keys] == [2, 1, 0, 0, 0]
        assert [key for key in keys if database.is_suspect(key)] == ["beside"]
        database.forget_tries()
        assert database.tries("dies") == 0


@pytest.mark.parametrize("damage", ["garbage", "cut", "version"])
def test_a_file_that_cannot_be_used_is_put_aside(path: Path, damage: str) -> None:
    with open_database(path) as database:
        database.put_attempt(ROW)
        if damage == "version":
            with database.connection.begin():
                database.connection.exec_driver_sql("PRAGMA user_version = 99")
    content = path.read_bytes()
    if damage != "version":
        path.write_bytes(b"no database" * 100 if damage == "garbage" else content[:5000])

    with open_database(path) as database:
        assert database.attempts() == set()
    assert path.with_name("gradebook.sqlite3.old").exists()
