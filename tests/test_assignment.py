"""Assignment files: the bundled one loads, and each mistake gets one clear message."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.assignment import Assignment, load_assignment
from grader.errors import CourseError
from grader.evidence import Framework, Task

CIRCLES = Path(__file__).parents[1] / "assignments" / "circles" / "assignment.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text("")
    made = tmp_path / "assignments" / "circles"
    made.mkdir(parents=True)
    return made


def message_after(folder: Path, *changes: tuple[str, str]) -> str:
    text = CIRCLES.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "assignment.toml").write_text(text)
    with pytest.raises(CourseError) as caught:
        load_assignment(folder / "assignment.toml")
    return str(caught.value)


def test_the_bundled_assignment_loads_with_its_digest() -> None:
    assignment = load_assignment(CIRCLES)

    assert assignment.id == "circles"
    assert assignment.frameworks == (Framework.PYTORCH, Framework.KERAS)
    assert assignment.exercises[0].task is Task.BINARY
    assert assignment.sha256 == hashlib.sha256(CIRCLES.read_bytes()).hexdigest()


def test_two_classes_and_three_class_names(folder: Path) -> None:
    message = message_after(folder, ('["outer", "inner"]', '["outer", "middle", "inner"]'))

    assert message == (
        'assignments/circles/assignment.toml: exercise "circles", classes: '
        "a binary task has 2 class names, got 3"
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "train = { n = 800, ",
            "train = { n = 0, ",
            'exercise "circles", data.train.n: must lie in [1, 1000000], got 0',
        ),
        (
            "n = 800",
            'n = "800"',
            'exercise "circles", data.train.n: must be a whole number, got "800"',
        ),
        (
            "n = 2000",
            "n = true",
            'exercise "circles", data.hidden.n: must be a whole number, got true',
        ),
        (
            '"pytorch", "keras"',
            '"torch"',
            'frameworks entry 1: must be "pytorch" or "keras", got "torch"\n'
            '  hint: did you mean "pytorch"?',
        ),
        (
            'task = "binary"',
            'task = "multi-class"',
            'exercise "circles", task: must be "binary" or "multiclass" or "multilabel", '
            'got "multi-class"\n  hint: did you mean "multiclass"?',
        ),
        (
            "validation = {",
            "valdation = {",
            'exercise "circles", data: unknown key "valdation"\n  hint: did you mean "validation"?',
        ),
        ("hidden = { n = 2000 }", "", 'exercise "circles", data: "hidden" is missing'),
        ('title = "Two circles"', "", '"title" is missing'),
        ("schema = 1", "schema = 2", "schema: must be 1, got 2"),
        (
            '["x1", "x2"]',
            '["x1"]',
            'exercise "circles", data.input_names: has 1 names, but input_shape says 2 features',
        ),
        (
            'id = "circles"\ntitle',
            'id = "moons"\ntitle',
            'id: must be the name of the folder, "circles", got "moons"',
        ),
        (
            'id = "circles"\ntask',
            'id = "Two circles"\ntask',
            'exercise "Two circles", id: must consist of lower-case letters, digits and single '
            'dashes, got "Two circles"\n  hint: did you mean "two-circles"?',
        ),
        (
            "memory_mib = 3072",
            "memory_mib = 3",
            "limits.memory_mib: must be at least 256, got 3",
        ),
        ("schema = 1", 'schema = 1\nsha256 = "0"', 'unknown key "sha256"'),
        (
            "schema = 1",
            'schema = 1\nfiles = ["../secret"]',
            'files entry 1: must be a path inside the assignment\'s folder, got "../secret"',
        ),
        (
            "schema = 1",
            'schema = 1\nfiles = ["helpers.py"]',
            'files entry 1: there is no such file beside assignment.toml: "helpers.py"',
        ),
    ],
)
def test_a_mistake_gets_one_message(folder: Path, old: str, new: str, expected: str) -> None:
    assert message_after(folder, (old, new)) == f"assignments/circles/assignment.toml: {expected}"


def test_of_several_mistakes_the_first_is_reported_and_the_others_counted(folder: Path) -> None:
    message = message_after(
        folder, ('title = "Two circles"', "title = 5"), ("n = 800", "n = 0"), ("n = 200,", "n = 0,")
    )

    assert message == (
        "assignments/circles/assignment.toml: title: must be a text in quotes, got 5 "
        '(and 2 more mistakes)\n  hint: did you mean "5"?'
    )


def test_a_doubled_exercise_id_names_both_places(folder: Path) -> None:
    text = CIRCLES.read_text()
    second = text[text.index("[[exercises]]") :]
    (folder / "assignment.toml").write_text(text + second)

    with pytest.raises(CourseError) as caught:
        load_assignment(folder / "assignment.toml")

    assert str(caught.value) == (
        'assignments/circles/assignment.toml: exercise 2, id: "circles" is already the id of '
        "exercise 1"
    )


def test_helper_files_beside_the_assignment_are_accepted(folder: Path) -> None:
    (folder / "helpers.py").write_text("")
    text = CIRCLES.read_text().replace("schema = 1", 'schema = 1\nfiles = ["helpers.py"]')
    (folder / "assignment.toml").write_text(text)

    loaded = load_assignment(folder / "assignment.toml")

    assert isinstance(loaded, Assignment)
    assert loaded.files == ("helpers.py",)
