"""Which model an instructor wants graded, where the grader's own choice is not the right one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from grader.assignment import Assignment
from grader.choice import Wanted
from grader.course_file import read_course_file, refuse, validate
from grader.errors import UsageError
from grader.evidence import Data
from grader.mistakes import Mistake, shown, suggest

OVERRIDES_FILE: Final = "models.toml"
Text = Annotated[str, Field(min_length=1, max_length=100)]


class ModelOverride(Data):
    """One line of an override file.

    Attributes:
        model: Name of the variable that holds the model, or the id ``m2`` that the report shows.
        exercise: Id of the exercise; may be left out where the assignment has one.
        student: Key of the student; everybody if left out.
    """

    model: Text
    exercise: str = ""
    student: str = ""


class OverrideFile(Data):
    """``private/models.toml`` of a result folder, written by the instructor."""

    schema_: Literal[1] = Field(alias="schema")
    models: tuple[ModelOverride, ...] = ()


def load_overrides(
    path: Path, assignment: Assignment, students: Sequence[str]
) -> tuple[ModelOverride, ...]:
    """Read an override file.

    Args:
        path: Of the file; there are no overrides where there is none.
        assignment: The one that was graded.
        students: Keys of everybody who handed in.

    Raises:
        CourseError: It says something wrong, or names an exercise or a student that is not there.
    """
    if not path.exists():
        return ()
    file = read_course_file(path)
    overrides = validate(file, OverrideFile).models
    exercises = [exercise.id for exercise in assignment.exercises]
    mistakes = [
        mistake
        for number, each in enumerate(overrides)
        for mistake in _mistakes(number, each, exercises, students)
    ]
    if mistakes:
        refuse(file, mistakes)
    only = exercises[0]
    return tuple(each.model_copy(update={"exercise": each.exercise or only}) for each in overrides)


def _mistakes(
    number: int, override: ModelOverride, exercises: Sequence[str], students: Sequence[str]
) -> list[Mistake]:
    found = []
    if not override.exercise and len(exercises) > 1:
        text = "must name one of several exercises"
        found.append(Mistake(("models", number, "exercise"), text, f"one of {exercises}"))
    if override.exercise and override.exercise not in exercises:
        text = f"there is no exercise {shown(override.exercise)}"
        hint = suggest(override.exercise, exercises, label="exercises")
        found.append(Mistake(("models", number, "exercise"), text, hint))
    if override.student and override.student not in students:
        text = f"nobody of the key {shown(override.student)} handed in"
        hint = suggest(override.student, students, label="keys")
        found.append(Mistake(("models", number, "student"), text, hint))
    return found


def overrides_of_options(names: Sequence[str], assignment: Assignment) -> tuple[ModelOverride, ...]:
    """What ``--model NAME`` and ``--model EXERCISE=NAME`` say.

    Raises:
        UsageError: There is no such exercise, or it is not clear which one is meant.
    """
    exercises = [exercise.id for exercise in assignment.exercises]
    overrides = []
    for text in names:
        exercise, given, model = text.partition("=")
        if not given:
            exercise, model = (exercises[0] if len(exercises) == 1 else ""), text
        if exercise not in exercises or not model:
            message = f"--model {text}: must be EXERCISE=NAME" + (
                f"; there is no exercise {exercise!r}" if exercise else ""
            )
            raise UsageError(message, hint=suggest(exercise, exercises, label="exercises"))
        overrides.append(ModelOverride(model=model, exercise=exercise))
    return tuple(overrides)


def wanted_model(
    overrides: Sequence[ModelOverride], *, student: str, exercise: str
) -> Wanted | None:
    """What is wanted of one student's exercise; a line for the student wins over one for all."""
    meant = [o for o in overrides if o.exercise == exercise and o.student in {"", student}]
    if not meant:
        return None
    override = next((o for o in reversed(meant) if o.student), meant[-1])
    return Wanted(override.model, is_for_one=bool(override.student))
