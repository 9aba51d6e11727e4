"""A file that cannot be read, or is not TOML, gets one clear message."""

from __future__ import annotations

import hashlib
import os
from decimal import Decimal
from pathlib import Path

import pytest

from grader.course_file import display_name, read_course_file
from grader.errors import CourseError


@pytest.fixture
def rubrics(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text("")
    folder = tmp_path / "rubrics"
    folder.mkdir()
    return folder


def message_for(path: Path) -> str:
    with pytest.raises(CourseError) as caught:
        read_course_file(path)
    return str(caught.value)


def test_a_file_is_read_with_its_digest_and_exact_numbers(rubrics: Path) -> None:
    path = rubrics / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfpoints = 0.10\r\n")

    file = read_course_file(path, parse_float=Decimal)

    assert str(file.table["points"]) == "0.10"
    assert file.name == "rubrics/a.toml"
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_syntax_error_names_file_line_and_column(rubrics: Path) -> None:
    path = rubrics / "a.toml"
    path.write_text("schema = 1\npoints = 0,5\n")

    assert message_for(path) == (
        "rubrics/a.toml, line 2, column 11: not valid TOML: "
        "expected newline or end of document after a statement\n"
        "  hint: line 2 reads: points = 0,5"
    )


def test_a_syntax_error_at_the_very_end_has_a_line_too(rubrics: Path) -> None:
    path = rubrics / "a.toml"
    path.write_text('schema = 1\nlist = ["a",')

    assert message_for(path).startswith("rubrics/a.toml, line 2, column 13: not valid TOML: ")


def test_a_missing_file_hints_at_the_one_that_was_meant(rubrics: Path) -> None:
    (rubrics / "circles.toml").write_text("")
    (rubrics / "moons.toml").write_text("")

    assert message_for(rubrics / "circels.toml") == (
        'rubrics/circels.toml: there is no such file\n  hint: did you mean "circles.toml"?'
    )
    assert message_for(rubrics / "zzz.toml").endswith(
        "hint: files in rubrics: circles.toml, moons.toml"
    )
    assert message_for(rubrics / "deep" / "zzz.toml").endswith(
        "hint: there is no folder rubrics/deep either"
    )


def test_bytes_that_are_not_utf_8_are_named_with_their_line(rubrics: Path) -> None:
    path = rubrics / "a.toml"
    path.write_bytes("schema = 1\ntitle = 'Überblick'".encode("latin-1"))

    assert message_for(path) == (
        "rubrics/a.toml, line 2: not UTF-8 text (byte 0xdc)\n"
        "  hint: save the file with the encoding UTF-8"
    )


def test_a_folder_in_place_of_the_file_cannot_be_read(rubrics: Path) -> None:
    (rubrics / "a.toml").mkdir()

    assert message_for(rubrics / "a.toml") == (
        f"rubrics/a.toml: cannot be read ({os.strerror(21)})"
    )


def test_a_file_outside_a_course_folder_is_named_as_given(tmp_path: Path) -> None:
    assert display_name(tmp_path / "a.toml") == str(tmp_path / "a.toml")
    assert display_name(Path("/course.toml")) == "/course.toml"
