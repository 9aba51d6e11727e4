"""Rubric files: the mistakes an instructor makes, and one clear message for each."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

import pytest
from pydantic import Field, model_validator

from grader.assignment import Assignment, load_assignment
from grader.checks.base import Check, Finding, NoParams, Outcome, Params
from grader.errors import CourseError
from grader.evidence import Evidence
from grader.rubric.loader import load_rubric, validated_params

CIRCLES = Path(__file__).parents[2] / "assignments" / "circles" / "assignment.toml"
Share = Annotated[float, Field(ge=0, le=1)]


class Average(StrEnum):
    """A closed list of words."""

    MACRO = "macro"
    MICRO = "micro"


class ScoreParams(Params):
    """Parameters of the kinds that checks have."""

    minimum: Share
    full: Share | None = None
    average: Average = Average.MACRO
    names: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _full_is_above_minimum(self) -> Self:
        if self.full is not None and self.full <= self.minimum:
            message = f"full: must be greater than minimum ({self.minimum}), got {self.full}"
            raise ValueError(message)
        return self


def passes(evidence: Evidence, params: Params) -> Finding:
    return Finding(outcome=Outcome.PASSED, seen="", expected="")


CHECKS = {
    "was-trained": Check("was-trained", "A model was trained", NoParams, passes),
    "hidden-f1": Check("hidden-f1", "F1 on hidden data", ScoreParams, passes),
}
TRAINED = '[[criteria]]\nid = "trained"\ncheck = "was-trained"\npoints = 1\n'
F1 = '[[criteria]]\nid = "f1"\ncheck = "hidden-f1"\npoints = 4\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text("")
    (tmp_path / "rubrics").mkdir()
    return tmp_path / "rubrics" / "heart-failure.toml"


@pytest.fixture
def assignment() -> Assignment:
    return load_assignment(CIRCLES)


@pytest.fixture
def two_exercises(assignment: Assignment) -> Assignment:
    first = assignment.exercises[0]
    second = first.model_copy(update={"id": "moons"})
    return assignment.model_copy(update={"exercises": (first, second)})


def message_for(path: Path, text: str, assignment: Assignment) -> str:
    path.write_text(f"schema = 1\n{text}")
    with pytest.raises(CourseError) as caught:
        load_rubric(path, assignment=assignment, checks=CHECKS)
    return str(caught.value)


def test_a_rubric_is_read_with_exact_points_and_typed_parameters(
    path: Path, assignment: Assignment
) -> None:
    path.write_text(
        "schema = 1\n"
        + TRAINED.replace("points = 1", "points = 0.10")
        + F1
        + 'params = { minimum = 0.90, full = 1, average = "micro", names = ["a"] }\n'
    )

    rubric = load_rubric(path, assignment=assignment, checks=CHECKS)

    trained, f1 = rubric.criteria
    assert trained.points == Decimal("0.1")
    assert trained.exercise == f1.exercise == "circles"
    assert f1.params == {"minimum": 0.9, "full": 1.0, "average": "micro", "names": ("a",)}
    assert isinstance(f1.params["minimum"], float)
    assert rubric.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert validated_params(CHECKS["hidden-f1"], f1.params) == ScoreParams(
        minimum=0.9, full=1.0, average=Average.MICRO, names=("a",)
    )


def test_alternatives_are_read_with_their_parameters(path: Path, assignment: Assignment) -> None:
    path.write_text(
        'schema = 1\n[[criteria]]\nid = "either"\npoints = 1\nany_of = [\n'
        '  { check = "was-trained" },\n  { check = "hidden-f1", params = { minimum = 0.5 } },\n]\n'
    )

    (criterion,) = load_rubric(path, assignment=assignment, checks=CHECKS).criteria

    assert criterion.check is None
    assert criterion.any_of[1].params == {"minimum": 0.5}


def test_a_percentage_where_a_share_is_wanted(path: Path, assignment: Assignment) -> None:
    message = message_for(path, TRAINED + F1 + "params = { minimum = 62 }\n", assignment)

    assert message == (
        'rubrics/heart-failure.toml: criterion "f1", params.minimum: must lie in [0, 1], got 62\n'
        "  hint: did you mean 0.62?"
    )


def test_an_unknown_check(path: Path, assignment: Assignment) -> None:
    message = message_for(path, TRAINED.replace("was-trained", "was-traind"), assignment)

    assert message == (
        'rubrics/heart-failure.toml: criterion "trained", check: there is no check "was-traind"\n'
        '  hint: did you mean "was-trained"?'
    )


def test_an_exercise_that_the_assignment_lacks(path: Path, assignment: Assignment) -> None:
    message = message_for(path, TRAINED + 'exercise = "circle"\n', assignment)

    assert message == (
        'rubrics/heart-failure.toml: criterion "trained", exercise: '
        'the assignment has no exercise "circle"\n  hint: did you mean "circles"?'
    )


def test_no_exercise_named_where_there_are_several(path: Path, two_exercises: Assignment) -> None:
    message = message_for(path, TRAINED, two_exercises)

    assert message == (
        'rubrics/heart-failure.toml: criterion "trained": '
        '"exercise" is missing, and the assignment has several\n'
        '  hint: name "circles" or "moons"'
    )


def test_an_exercise_named_where_there_are_several(path: Path, two_exercises: Assignment) -> None:
    path.write_text("schema = 1\n" + TRAINED + 'exercise = "moons"\n')

    rubric = load_rubric(path, assignment=two_exercises, checks=CHECKS)

    assert rubric.criteria[0].exercise == "moons"


def test_a_doubled_criterion_id(path: Path, assignment: Assignment) -> None:
    message = message_for(path, TRAINED + TRAINED, assignment)

    assert message == (
        'rubrics/heart-failure.toml: criterion 2, id: "trained" is already the id of criterion 1\n'
        "  hint: every criterion needs its own id"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '"criteria" is missing'),
        ("criteria = []", "criteria: must have at least 1 entry, got []"),
        (
            '[[criteria]]\nid = "a"\npoints = 1\n',
            'criterion "a": needs "check", or several alternatives in "any_of", and has neither',
        ),
        (
            TRAINED + 'any_of = [{ check = "was-trained" }]\n',
            'criterion "trained": needs either "check" or "any_of", and has both',
        ),
        (
            '[[criteria]]\nid = "a"\npoints = 1\nparams = { minimum = 1 }\n'
            'any_of = [{ check = "was-trained" }]\n',
            'criterion "a", params: a criterion with "any_of" has no parameters of its own\n'
            '  hint: move them to the entries of "any_of"',
        ),
        (
            '[[criteria]]\nid = "a"\npoints = 1\n'
            'any_of = [{ check = "hidden-f1", params = { minimum = 0.5, full = 97.5 } }]\n',
            'criterion "a", any_of entry 1, params.full: must lie in [0, 1], got 97.5\n'
            "  hint: did you mean 0.975?",
        ),
        (
            '[[criteria]]\nid = "a"\npoints = 1\nany_of = [{ check = "f1" }]\n',
            'criterion "a", any_of entry 1, check: there is no check "f1"\n'
            "  hint: known checks: hidden-f1, was-trained",
        ),
        (F1, 'criterion "f1", params: "minimum" is missing'),
        (
            F1 + "params = { minimum = 0.5, maximum = 1 }\n",
            'criterion "f1", params: unknown key "maximum"\n  hint: did you mean "minimum"?',
        ),
        (
            F1 + "params = { minimum = 0.9, full = 0.90 }\n",
            'criterion "f1", params.full: must be greater than minimum (0.9), got 0.9',
        ),
        (
            F1 + 'params = { minimum = 0.5, average = "makro" }\n',
            'criterion "f1", params.average: must be "macro" or "micro", got "makro"\n'
            '  hint: did you mean "macro"?',
        ),
        (
            F1 + 'params = { minimum = "0.5" }\n',
            'criterion "f1", params.minimum: must be a number, got "0.5"',
        ),
        (
            F1 + "params = { minimum = true }\n",
            'criterion "f1", params.minimum: must be a number, got true',
        ),
        (
            F1 + "params = { minimum = nan }\n",
            'criterion "f1", params.minimum: must lie in [0, 1], got NaN',
        ),
        (
            TRAINED + "params = { minimum = 1 }\n",
            'criterion "trained", params: unknown key "minimum"',
        ),
        (
            TRAINED.replace("points = 1", "points = -1"),
            'criterion "trained", points: must lie in [0, 1000], got -1',
        ),
        (
            TRAINED.replace("points = 1", "points = 0"),
            "criteria: must be worth something in all, bonus aside, got 0 points",
        ),
        (
            TRAINED + "bonus = true\n",
            "criteria: must be worth something in all, bonus aside, got 0 points",
        ),
        (
            TRAINED + 'private = "no"\n',
            'criterion "trained", private: must be true or false, got "no"',
        ),
        (
            TRAINED + "weight = 1\n",
            'criterion "trained": unknown key "weight"\n  hint: known keys: any_of, bonus, check, '
            "exercise, id, params, points, private, title",
        ),
    ],
)
def test_a_mistake_gets_one_message(
    path: Path, assignment: Assignment, text: str, expected: str
) -> None:
    assert message_for(path, text, assignment) == f"rubrics/heart-failure.toml: {expected}"


def test_mistakes_in_several_criteria_are_counted(path: Path, assignment: Assignment) -> None:
    text = F1 + "params = { minimum = 62 }\n" + TRAINED.replace("was-trained", "x") + TRAINED

    assert message_for(path, text, assignment).startswith(
        'rubrics/heart-failure.toml: criterion "f1", params.minimum: must lie in [0, 1], got 62 '
        "(and 2 more mistakes)"
    )


def test_a_missing_rubric_is_named(path: Path, assignment: Assignment) -> None:
    (path.parent / "circles.toml").write_text("")

    with pytest.raises(CourseError) as caught:
        load_rubric(path, assignment=assignment, checks=CHECKS)

    assert str(caught.value) == (
        "rubrics/heart-failure.toml: there is no such file\n  hint: files in rubrics: circles.toml"
    )
