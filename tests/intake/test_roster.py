"""The roster: read whatever spreadsheet wrote it, refused with place, value and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.intake.roster import read_roster


def roster_file(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "key,display_name,email\nana,Ana Díaz,ana@uni.example\n",
        "\ufeffKey;Display Name;E-Mail;email\nana;Ana Díaz;;ana@uni.example\n\n",
        "email\tname\tkey\tsection\r\nana@uni.example\tAna Díaz\tana\tB\r\n",
        'key,display-name,email\nana,"Ana  Díaz",ana@uni.example\n'.encode("cp1252"),
    ],
)
def test_every_usual_spelling_is_read(tmp_path: Path, content: str | bytes) -> None:
    (student,) = read_roster(roster_file(tmp_path, content)).students

    assert (student.key, student.display_name, student.email) == (
        "ana",
        "Ana Díaz",
        "ana@uni.example",
    )


def test_names_match_without_regard_to_case_and_separators(tmp_path: Path) -> None:
    roster = read_roster(
        roster_file(
            tmp_path,
            "key,name,email\ns-001,Müller Ana,am@uni.example\ns002,Bo Li,\ns003,Bo Li,\n",
        )
    )

    for name in ("S_001", "s001", "muller_ana", "MÜLLER-ANA", "AM@uni.example"):
        student = roster.find(name)
        assert student is not None
        assert student.key == "s-001"
    assert roster.find("Bo Li") is None
    assert roster.find("") is None


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("", "line 1: the roster is empty", "key,display_name,email"),
        ("id,name\na,A\n", 'line 1: the column "key" is missing, got id, name', "a header"),
        ("key,dispay_name\na,A\n", '"display_name" is missing', 'did you mean "dispay_name"'),
        ("key,name\na,A\n,B\n", 'line 3, key: must not be empty, got ",B"', "give the student"),
        ("key,name\n../a,A\n", 'line 2, key: must be a safe folder name, got "../a"', '"a"'),
        ("key,name\nS01,A\n", 'got "S01"', 'did you mean "s01"?'),
        ("key,name\nnul,A\n", 'got "nul"', '"student-nul"'),
        ("key,name\na,A\nb,B\na,C\n", 'line 4, key: "a" is already in line 2', "of their own"),
        ("key,name\na," + "x" * 200_000, "not valid CSV", "save it again"),
    ],
)
def test_a_mistake_is_named_with_place_value_and_hint(
    tmp_path: Path, content: str, message: str, hint: str
) -> None:
    path = roster_file(tmp_path, content)

    with pytest.raises(CourseError) as caught:
        read_roster(path)

    assert str(path) in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint
