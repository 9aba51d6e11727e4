"""Finding a course folder and the things in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import Course, bundled_catalogue, open_course
from grader.errors import CourseError

REPOSITORY = Path(__file__).parents[1]
COURSE = 'schema = 1\nid = "nets"\ntitle = "Networks"\nterm = "2026 spring"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text(COURSE)
    for name in ("circles", "moons"):
        shutil.copytree(
            REPOSITORY / "assignments" / "circles",
            tmp_path / "assignments" / name,
            ignore=shutil.ignore_patterns("samples", "__pycache__"),
        )
    return tmp_path


@pytest.fixture
def course(root: Path) -> Course:
    return open_course(root, here=root)


def test_a_named_folder_is_opened(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    course = open_course(root, here=tmp_path_factory.mktemp("elsewhere"))

    assert course == Course(root=root, id="nets", title="Networks", term="2026 spring")


def test_a_folder_above_is_found(root: Path) -> None:
    assert open_course(None, here=root / "assignments" / "moons").root == root


def test_without_a_course_folder_the_bundled_catalogue_is_opened(tmp_path: Path) -> None:
    course = open_course(None, here=tmp_path)

    assert course.root == bundled_catalogue()
    assert course.id == "catalogue"
    assert "circles" in course.assignment_ids()


def test_a_named_folder_without_course_toml_is_refused(root: Path) -> None:
    with pytest.raises(CourseError, match=r"assignments: no course.toml in it") as caught:
        open_course(root / "assignments", here=root)

    assert "name it with --course" in caught.value.hint


def test_a_term_without_quotes_gets_a_hint(root: Path) -> None:
    (root / "course.toml").write_text(COURSE.replace('"2026 spring"', "2026"))

    with pytest.raises(CourseError) as caught:
        open_course(root, here=root)

    assert str(caught.value) == (
        f"{root / 'course.toml'}: term: must be a text in quotes, got 2026\n"
        '  hint: did you mean "2026"?'
    )


def test_assignments_are_listed_in_order(course: Course) -> None:
    (course.root / "assignments" / "empty").mkdir()

    assert course.assignment_ids() == ("circles", "moons")


def test_an_assignment_is_loaded_and_its_folders_are_known(course: Course) -> None:
    assert course.load_assignment("circles").title == "Two circles"
    assert course.rubric_path("circles") == course.root / "rubrics" / "circles.toml"
    assert course.reference_folder("circles") == course.root / "reference_solutions" / "circles"
    assert course.samples_folder("circles") == course.root / "assignments" / "circles" / "samples"


def test_a_misspelt_assignment_gets_a_hint(course: Course) -> None:
    with pytest.raises(CourseError) as caught:
        course.load_assignment("circels")

    assert str(caught.value) == (
        'no assignment "circels" in the course "nets"\n  hint: did you mean "circles"?'
    )


def test_an_assignment_in_a_folder_of_another_name_is_refused(course: Course) -> None:
    with pytest.raises(CourseError) as caught:
        course.load_assignment("moons")

    assert str(caught.value) == (
        'assignments/moons/assignment.toml: id: must be the name of the folder, "moons", '
        'got "circles"'
    )


def test_a_folder_without_an_assignment_file_is_named(course: Course) -> None:
    (course.root / "assignments" / "empty").mkdir()

    with pytest.raises(CourseError, match=r"^assignments/empty/assignment.toml: there is no such"):
        course.load_assignment("empty")


def test_a_folder_name_that_cannot_be_an_id_is_named(course: Course) -> None:
    (course.root / "assignments" / "moons").rename(course.root / "assignments" / "Two Moons")

    with pytest.raises(CourseError, match='the folder name "Two Moons" cannot be an id'):
        course.load_assignment("Two Moons")
    assert course.assignment_ids() == ("circles",)


@pytest.mark.parametrize("name", ["../circles", "/etc", "", ".", "a/b", "circles\n"])
def test_a_name_that_leads_elsewhere_is_refused(course: Course, name: str) -> None:
    for look_up in (
        course.load_assignment,
        course.rubric_path,
        course.reference_folder,
        course.samples_folder,
    ):
        with pytest.raises(CourseError):
            look_up(name)
