"""Keys are safe, stable and unique; attempts are told from names."""

from __future__ import annotations

import pytest

from grader.intake.naming import (
    attempt_marker,
    is_bare_attempt,
    is_safe_key,
    natural,
    slug,
    unique_keys,
    without_attempt,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Alice", "alice"),
        ("Jürgen Groß-Łęcki", "jurgen-gross-lecki"),
        ("ana@uni.example", "ana@uni.example"),
        ("  Doe, Jane (late)  ", "doe-jane-late"),
        ("../../etc", "etc"),
        ("..", "student-5ec1f7e7"),
        ("王小明", "student-acf979cc"),
        ("CON", "student-con"),
        ("nul.txt", "student-nul.txt"),
        ("a.", "a"),
        ("_x_", "x"),
    ],
)
def test_a_name_becomes_a_safe_key(name: str, key: str) -> None:
    assert slug(name) == key
    assert is_safe_key(key)


def test_any_name_at_all_becomes_a_safe_key() -> None:
    names = [chr(code) * repeat for code in range(1, 0x3000, 7) for repeat in (1, 100)]

    assert all(is_safe_key(slug(name)) for name in names)
    assert slug("李1") != slug("王1")
    assert slug("x" * 100 + "1") != slug("x" * 100 + "2")


@pytest.mark.parametrize("key", ["", ".", "..", "A", "a/b", "a b", "-a", "con", "lpt1.txt", "a."])
def test_an_unsafe_key_is_told(key: str) -> None:
    assert not is_safe_key(key)


def test_keys_that_meet_are_parted_and_do_not_depend_on_order() -> None:
    keys = unique_keys(["Ana", "ana", "bob", "Cy"], taken={"cy"})

    assert keys["bob"] == "bob"
    assert len(set(keys.values())) == 4
    assert {key[:4] for name, key in keys.items() if name in ("Ana", "ana")} == {"ana-"}
    assert keys["Cy"].startswith("cy-")
    assert keys == unique_keys(["Cy", "bob", "ana", "Ana"], taken={"cy"})


@pytest.mark.parametrize(
    ("name", "student", "marker"),
    [
        ("alice.ipynb", "alice", ""),
        ("alice_attempt_2.ipynb", "alice", "2"),
        ("alice-attempt-1", "alice", "1"),
        ("Alice B. attempt 12.py", "Alice B", "12"),
        ("alice_attempt_2026-01-30-15-00-00.zip", "alice", "2026-01-30-15-00-00"),
        ("attempt-3", "attempt-3", "3"),
        ("reattempt2.py", "reattempt2", ""),
        ("alice.v2", "alice.v2", ""),
    ],
)
def test_an_attempt_is_told_from_the_name(name: str, student: str, marker: str) -> None:
    assert (without_attempt(name), attempt_marker(name)) == (student, marker)
    assert is_bare_attempt(name) is (name == "attempt-3")


def test_ten_comes_after_nine() -> None:
    assert sorted(["10", "", "9", "2026-2-1", "2026-01-30"], key=natural) == [
        "",
        "9",
        "10",
        "2026-01-30",
        "2026-2-1",
    ]
