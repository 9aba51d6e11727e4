"""Reads ``assignments/<id>/assignment.toml``: exercises, classes, data, limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.course_file import read_course_file, refuse, validate
from grader.evidence import ExerciseBrief, Framework, Limits, Task
from grader.mistakes import Mistake, shown

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class AssignmentData(BaseModel):
    """Base of the assignment's models: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PublicSplit(AssignmentData):
    """A public split made by a generator: ``n`` rows from ``seed``."""

    n: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Annotated[int, Field(ge=0)]


class HiddenSplit(AssignmentData):
    """The hidden split: ``n`` rows, seeded from the secret."""

    n: Annotated[int, Field(ge=1, le=1_000_000)]


class ExerciseData(AssignmentData):
    """Where the rows of an exercise come from.

    Attributes:
        source: ``dataset.py:function``; the function takes a NumPy generator and ``n`` and returns
            inputs ``(n, *input_shape)`` float32 and labels ``(n,)`` int64.
        input_shape: Of one row.
        input_names: Names of the features, as plots and tables show them.
        version: Raised by the instructor to get new hidden data within a term.
        train: Public, in the handout.
        validation: Public, in the handout.
        hidden: Never leaves the instructor's machine with its labels.
    """

    source: str
    input_shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    input_names: tuple[str, ...] = ()
    version: Annotated[int, Field(ge=1)] = 1
    train: PublicSplit
    validation: PublicSplit
    hidden: HiddenSplit

    @model_validator(mode="after")
    def _names_fit_the_shape(self) -> Self:
        if self.input_names and len(self.input_names) != self.input_shape[-1]:
            message = (
                f"input_names: has {len(self.input_names)} names, "
                f"but input_shape says {self.input_shape[-1]} features"
            )
            raise ValueError(message)
        return self


class Exercise(AssignmentData):
    """One question of an assignment, answered with one model.

    Attributes:
        id: Of the exercise.
        task: Kind of classification.
        classes: Class names in the order of the labels; multilabel: the labels' names.
        model: Variable name that the brief suggests; ``auto`` where names are free.
        training: ``required``, or ``checkpoint`` where saved weights may be handed in instead.
        data: Where its rows come from.
    """

    id: Identifier
    task: Task
    classes: Annotated[tuple[str, ...], Field(min_length=2)]
    model: str = "auto"
    training: Literal["required", "checkpoint"] = "required"
    data: ExerciseData

    @model_validator(mode="after")
    def _classes_fit_the_task(self) -> Self:
        if self.task is Task.BINARY and len(self.classes) != 2:
            message = f"classes: a binary task has 2 class names, got {len(self.classes)}"
            raise ValueError(message)
        if len(set(self.classes)) != len(self.classes):
            message = "classes: every class name must be different"
            raise ValueError(message)
        return self

    def brief(self) -> ExerciseBrief:
        """What the worker and the checks may know of this exercise."""
        return ExerciseBrief(
            id=self.id,
            task=self.task,
            classes=self.classes,
            input_shape=self.data.input_shape,
            input_names=self.data.input_names,
            model_hint=self.model,
        )


class Assignment(AssignmentData):
    """An assignment: one or more exercises that are handed in together.

    Attributes:
        id: Name of its folder.
        title: For people to read.
        frameworks: What students may use.
        files: Helper files and weights put beside the submission, read-only.
        entry: Glob that names the entry file where a submission holds several candidates.
        limits: What a run may use.
        exercises: At least one.
        sha256: Digest of the assignment file, set by the loader.
    """

    schema_version: Literal[1] = Field(alias="schema")
    id: Identifier
    title: str
    frameworks: Annotated[tuple[Framework, ...], Field(min_length=1)]
    files: tuple[str, ...] = ()
    entry: str = ""
    limits: Limits = Limits()
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1)]
    sha256: str = ""


def load_assignment(path: Path) -> Assignment:
    """Read and validate an ``assignment.toml``.

    Args:
        path: Of the file; its folder bears the assignment's id and holds its helper files.

    Raises:
        CourseError: The file is missing or says something wrong.
    """
    file = read_course_file(path)
    assignment = validate(file, Assignment)
    mistakes = [*_id_mistakes(assignment, path.parent), *_file_mistakes(assignment, path.parent)]
    if mistakes:
        refuse(file, mistakes)
    return assignment


def _id_mistakes(assignment: Assignment, folder: Path) -> Iterator[Mistake]:
    name = folder.name
    if assignment.id != name:
        text = f"must be the name of the folder, {shown(name)}, got {shown(assignment.id)}"
        yield Mistake(("id",), text)
    first_with: dict[str, int] = {}
    for index, exercise in enumerate(assignment.exercises):
        first = first_with.setdefault(exercise.id, index)
        if first != index:
            text = f"{shown(exercise.id)} is already the id of exercise {first + 1}"
            yield Mistake(("exercises", index, "id"), text)


def _file_mistakes(assignment: Assignment, folder: Path) -> Iterator[Mistake]:
    for index, name in enumerate(assignment.files):
        at = ("files", index)
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            yield Mistake(at, f"must be a path inside the assignment's folder, got {shown(name)}")
        elif not (folder / relative).is_file():
            yield Mistake(at, f"there is no such file beside assignment.toml: {shown(name)}")
