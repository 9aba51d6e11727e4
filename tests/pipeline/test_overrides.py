"""The instructor's word on which model to grade: options and ``private/models.toml``."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.choice import Wanted
from grader.course import bundled_catalogue, open_course
from grader.datasets.secret import DEMO_SECRET
from grader.errors import CourseError, UsageError
from grader.pipeline import prepare, regrade
from grader.pipeline.overrides import (
    ModelOverride,
    load_overrides,
    overrides_of_options,
    wanted_model,
)
from pipeline.prepared import graded, hand_in

CIRCLES = open_course(bundled_catalogue(), here=Path.cwd()).load_assignment("circles")


def written(folder: Path, text: str) -> Path:
    path = folder / "models.toml"
    path.write_text(text)
    return path


def test_without_a_file_nothing_is_overridden(tmp_path: Path) -> None:
    assert load_overrides(tmp_path / "models.toml", CIRCLES, ["ada"]) == ()


def test_the_only_exercise_need_not_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, 'schema = 1\n[[models]]\nstudent = "ada"\nmodel = "m2"\n')

    assert load_overrides(path, CIRCLES, ["ada"]) == (
        ModelOverride(model="m2", exercise="circles", student="ada"),
    )


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('student = "adda"', 'nobody of the key "adda" handed in', 'did you mean "ada"?'),
        ('exercise = "circle"', 'there is no exercise "circle"', 'did you mean "circles"?'),
        ('name = "m2"', 'unknown key "name"', ""),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(
    tmp_path: Path, line: str, message: str, hint: str
) -> None:
    path = written(tmp_path, f'schema = 1\n[[models]]\nmodel = "m2"\n{line}\n')

    with pytest.raises(CourseError, match=message) as caught:
        load_overrides(path, CIRCLES, ["ada", "bea"])

    assert hint in caught.value.hint


def test_a_line_for_one_student_wins_over_one_for_everybody() -> None:
    overrides = (
        ModelOverride(model="best", exercise="circles", student="ada"),
        ModelOverride(model="model", exercise="circles"),
    )

    assert wanted_model(overrides, student="ada", exercise="circles") == Wanted("best", True)
    assert wanted_model(overrides, student="bea", exercise="circles") == Wanted("model", False)
    assert wanted_model(overrides, student="bea", exercise="moons") is None


@pytest.mark.parametrize("text", ["circle=model", "circles="])
def test_an_option_that_names_no_exercise_or_no_model_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--model"):
        overrides_of_options([text], CIRCLES)


def test_an_option_may_name_the_exercise_or_not() -> None:
    expected = (ModelOverride(model="best", exercise="circles"),)

    assert overrides_of_options(["best"], CIRCLES) == expected
    assert overrides_of_options(["circles=best"], CIRCLES) == expected


@pytest.mark.slow
def test_regrading_with_a_named_model_runs_nothing_and_is_remembered(tmp_path: Path) -> None:
    course = open_course(bundled_catalogue(), here=Path.cwd())
    setting = prepare(course, "circles", secret=DEMO_SECRET)
    out = tmp_path / "out"
    graded(setting, [hand_in(tmp_path / "class", ada="right", bea="right")], out)
    overrides = out / "private" / "models.toml"
    overrides.write_text('schema = 1\n[[models]]\nstudent = "ada"\nmodel = "another"\n')

    ada, bea = regrade(course, out, models=("m1",)).reports

    assert ada.needs_review
    assert any("the instructor chose another" in reason for reason in ada.review_reasons)
    assert ada.totals.pending > 0
    assert bea.exercises[0].model is not None
    assert bea.exercises[0].model.why == "the instructor chose m1."

    overrides.unlink()
    ada, _ = regrade(course, out).reports

    assert ada.exercises[0].model is not None
    assert ada.exercises[0].model.why == "the instructor chose m1."
