"""What grading one assignment needs besides submissions: files read, data made, checks loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment
from grader.checks import load_checks
from grader.checks.base import Check
from grader.course import Course
from grader.datasets.generate import load_generator
from grader.datasets.hidden import HiddenSet, hidden_seed, make_hidden
from grader.datasets.public import PublicSplits, public_data, public_files
from grader.datasets.secret import Secret, fingerprint
from grader.pipeline.overrides import ModelOverride
from grader.rubric.loader import load_rubric
from grader.rubric.model import Rubric


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that judging needs to know of an assignment.

    Attributes:
        course: Where it comes from.
        assignment: Its exercises and limits.
        rubric: Its criteria.
        checks: By id.
        public: Public rows, by exercise id.
        files: What lies beside every submission: public data and helper files.
        hidden: Hidden sets, by exercise id.
        secret_fingerprint: Of the secret behind them.
        overrides: Models that the instructor wants graded.
    """

    course: Course
    assignment: Assignment
    rubric: Rubric
    checks: Mapping[str, Check]
    public: Mapping[str, PublicSplits]
    files: Mapping[PurePosixPath, bytes]
    hidden: Mapping[str, HiddenSet]
    secret_fingerprint: str
    overrides: tuple[ModelOverride, ...] = ()

    @property
    def hidden_digests(self) -> dict[str, str]:
        """Digest of each hidden set, by exercise id."""
        return {exercise: hidden.sha256 for exercise, hidden in self.hidden.items()}


def prepare(course: Course, assignment_id: str, *, secret: Secret) -> Setting:
    """Read the assignment and its rubric, and make its public and hidden data.

    Raises:
        CourseError: A file says something wrong.
        DataError: The data cannot be made.
    """
    assignment = course.load_assignment(assignment_id)
    folder = course.assignment_folder(assignment_id)
    checks = load_checks()
    rubric = load_rubric(course.rubric_path(assignment_id), assignment=assignment, checks=checks)
    public: dict[str, PublicSplits] = {}
    hidden: dict[str, HiddenSet] = {}
    for exercise in assignment.exercises:
        generator = load_generator(folder, exercise.data.source)
        public[exercise.id] = public_data(exercise, generator)
        seed = hidden_seed(
            secret,
            course=course.id,
            term=course.term,
            assignment=assignment.id,
            exercise=exercise.id,
            version=exercise.data.version,
        )
        hidden[exercise.id] = make_hidden(exercise, generator, seed)
    return Setting(
        course=course,
        assignment=assignment,
        rubric=rubric,
        checks=checks,
        public=public,
        files=_files_beside(assignment, folder, public),
        hidden=hidden,
        secret_fingerprint=fingerprint(secret),
    )


def _files_beside(
    assignment: Assignment, folder: Path, public: Mapping[str, PublicSplits]
) -> dict[PurePosixPath, bytes]:
    files = {PurePosixPath(name): (folder / name).read_bytes() for name in assignment.files}
    for name, content in public_files(assignment, public).items():
        files[PurePosixPath(name)] = content
    return files
