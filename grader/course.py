"""A course folder: its assignments, rubrics and reference solutions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.assignment import Assignment, Identifier, load_assignment
from grader.course_file import COURSE_FILE_NAME, read_course_file, validate
from grader.errors import CourseError
from grader.mistakes import SAFE_NAME, shown, suggest

ASSIGNMENT_FILE_NAME: Final = "assignment.toml"
SAFE_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FOLDER_HINT: Final = (
    "a course folder holds course.toml, assignments/ and rubrics/; name it with --course"
)


class CourseTable(BaseModel):
    """What ``course.toml`` says.

    Attributes:
        id: Of the course; part of what seeds the hidden data.
        title: For people to read.
        term: Likewise part of the seed: a new term gets new hidden data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = Field(alias="schema")
    id: Identifier
    title: str
    term: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Course:
    """A course folder.

    Attributes:
        root: The folder that holds ``course.toml``.
        id: Of the course.
        title: For people to read.
        term: Part of what seeds the hidden data.
    """

    root: Path
    id: str
    title: str
    term: str

    def assignment_ids(self) -> tuple[str, ...]:
        """Every assignment of the course, in alphabetical order."""
        files = (self.root / "assignments").glob(f"*/{ASSIGNMENT_FILE_NAME}")
        return tuple(sorted(file.parent.name for file in files if _is_safe(file.parent.name)))

    def load_assignment(self, assignment_id: str) -> Assignment:
        """Read and validate an assignment.

        Raises:
            CourseError: There is no such assignment, or its file says something wrong.
        """
        return load_assignment(self.assignment_folder(assignment_id) / ASSIGNMENT_FILE_NAME)

    def assignment_folder(self, assignment_id: str) -> Path:
        """Where an assignment's own files lie.

        Raises:
            CourseError: There is no such assignment.
        """
        folders = self.root / "assignments"
        known = self.assignment_ids()
        if _is_safe(assignment_id) and (folders / assignment_id).is_dir():
            return folders / assignment_id
        if assignment_id in (folder.name for folder in folders.glob("*/")):
            message = f"assignments: the folder name {shown(assignment_id)} cannot be an id"
            raise CourseError(message, hint=f"rename it: an id consists of {SAFE_NAME}")
        raise CourseError(
            f"no assignment {shown(assignment_id)} in the course {shown(self.id)}",
            hint=suggest(assignment_id, known, label="its assignments"),
        )

    def samples_folder(self, assignment_id: str) -> Path:
        """Where an assignment's sample class lies, if it has one."""
        return self.assignment_folder(assignment_id) / "samples"

    def rubric_path(self, assignment_id: str) -> Path:
        """Where an assignment's rubric lies, if it has one."""
        return self.root / "rubrics" / f"{_safe(assignment_id)}.toml"

    def reference_folder(self, assignment_id: str) -> Path:
        """Where an assignment's reference solutions lie, if it has any."""
        return self.root / "reference_solutions" / _safe(assignment_id)


def _is_safe(name: str) -> bool:
    return SAFE_ID.fullmatch(name) is not None


def _safe(assignment_id: str) -> str:
    if not _is_safe(assignment_id):
        message = f"an id of an assignment consists of {SAFE_NAME}, got {shown(assignment_id)}"
        raise CourseError(message)
    return assignment_id


def open_course(folder: Path | None, *, here: Path) -> Course:
    """Find and read a course folder.

    Args:
        folder: The one that was asked for by name, or ``None``.
        here: Where to look otherwise: this folder, then each one above it, then the catalogue
            that comes with the grader.

    Raises:
        CourseError: What was asked for is no course folder, or its ``course.toml`` is wrong.
    """
    if folder is not None:
        if not (folder / COURSE_FILE_NAME).is_file():
            raise CourseError(f"{folder}: no {COURSE_FILE_NAME} in it", hint=FOLDER_HINT)
        return _read_course(folder)
    for candidate in (here, *here.parents):
        if (candidate / COURSE_FILE_NAME).is_file():
            return _read_course(candidate)
    return _read_course(bundled_catalogue())


def bundled_catalogue() -> Path:
    """The course folder that comes with the grader.

    A wheel carries it inside the package; under an editable install it is the repository itself.

    Raises:
        CourseError: This installation has none.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "catalogue", package.parent):
        if (candidate / COURSE_FILE_NAME).is_file():
            return candidate
    raise CourseError("the bundled assignments are missing from this installation")


def _read_course(root: Path) -> Course:
    table = validate(read_course_file(root / COURSE_FILE_NAME), CourseTable)
    return Course(root=root, id=table.id, title=table.title, term=table.term)
