"""Reads ``rubrics/<id>.toml`` and holds it against the assignment and the checks there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.checks.base import Check, Params
from grader.course_file import (
    CourseFile,
    Mistakes,
    read_course_file,
    refuse,
    validate,
    validate_part,
)
from grader.mistakes import Mistake, shown, suggest
from grader.model_schema import Location
from grader.rubric.model import Alternative, Criterion, Rubric


def load_rubric(path: Path, *, assignment: Assignment, checks: Mapping[str, Check]) -> Rubric:
    """Read and validate a rubric.

    Args:
        path: Of the file.
        assignment: The one it belongs to.
        checks: Every check there is, by id.

    Returns:
        The rubric: each criterion names its exercise, and parameters have the types that the
        check's own class gave them.

    Raises:
        CourseError: The file is missing or says something wrong.
    """
    file = read_course_file(path, parse_float=Decimal)
    rubric = validate(file, Rubric)
    reading = _Reading(file, assignment, checks)
    criteria = tuple(reading.criterion(*entry) for entry in enumerate(rubric.criteria))
    reading.mistakes.extend(_mistakes_of_the_whole(rubric))
    if reading.mistakes:
        refuse(file, reading.mistakes)
    return rubric.model_copy(update={"criteria": criteria})


def validated_params(check: Check, params: Mapping[str, Any]) -> Params:
    """The parameters of a criterion of a loaded rubric, as the check's function takes them."""
    return check.params.model_validate(params)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one pass over the criteria needs, and the mistakes it has found so far."""

    file: CourseFile
    assignment: Assignment
    checks: Mapping[str, Check]
    mistakes: list[Mistake] = field(default_factory=list)

    def criterion(self, index: int, criterion: Criterion) -> Criterion:
        """Fill in what may be left out; note what is wrong."""
        at: Location = ("criteria", index)
        self.mistakes.extend(_form_mistakes(criterion, at))
        change: dict[str, Any] = {"exercise": self.exercise_id(criterion.exercise, at)}
        if criterion.any_of:
            change["any_of"] = tuple(
                self.alternative(alternative, (*at, "any_of", number))
                for number, alternative in enumerate(criterion.any_of)
            )
        elif criterion.check is not None:
            change["params"] = self.params(criterion.check, criterion.params, at)
        return criterion.model_copy(update=change)

    def alternative(self, alternative: Alternative, at: Location) -> Alternative:
        """The same with validated parameters."""
        params = self.params(alternative.check, alternative.params, at)
        return alternative.model_copy(update={"params": params})

    def params(self, check_id: str, params: dict[str, Any], at: Location) -> dict[str, Any]:
        """The parameters as the check's class reads them."""
        check = self.checks.get(check_id)
        if check is None:
            hint = suggest(check_id, self.checks, label="known checks")
            self.mistakes.append(
                Mistake((*at, "check"), f"there is no check {shown(check_id)}", hint)
            )
            return params
        made = validate_part(self.file, check.params, at=(*at, "params"))
        if isinstance(made, Mistakes):
            self.mistakes.extend(made)
            return params
        return made.model_dump(by_alias=True, exclude_unset=True)

    def exercise_id(self, written: str | None, at: Location) -> str | None:
        """The exercise a criterion is about; the only one where none is named."""
        known = [exercise.id for exercise in self.assignment.exercises]
        if written is None and len(known) == 1:
            return known[0]
        listed = " or ".join(shown(exercise_id) for exercise_id in known)
        if written is None:
            text = '"exercise" is missing, and the assignment has several'
            self.mistakes.append(Mistake(at, text, f"name {listed}"))
        elif written not in known:
            text = f"the assignment has no exercise {shown(written)}"
            hint = suggest(written, known, label="its exercises")
            self.mistakes.append(Mistake((*at, "exercise"), text, hint))
        return written


def _form_mistakes(criterion: Criterion, at: Location) -> Iterator[Mistake]:
    if criterion.check is None and not criterion.any_of:
        yield Mistake(at, 'needs "check", or several alternatives in "any_of", and has neither')
    if criterion.check is not None and criterion.any_of:
        yield Mistake(at, 'needs either "check" or "any_of", and has both')
    if criterion.any_of and criterion.params:
        text = 'a criterion with "any_of" has no parameters of its own'
        yield Mistake((*at, "params"), text, 'move them to the entries of "any_of"')


def _mistakes_of_the_whole(rubric: Rubric) -> Iterator[Mistake]:
    first_with: dict[str, int] = {}
    for index, criterion in enumerate(rubric.criteria):
        first = first_with.setdefault(criterion.id, index)
        if first != index:
            text = f"{shown(criterion.id)} is already the id of criterion {first + 1}"
            yield Mistake(("criteria", index, "id"), text, "every criterion needs its own id")
    if not any(criterion.points > 0 for criterion in rubric.criteria if not criterion.bonus):
        text = "must be worth something in all, bonus aside, got 0 points"
        yield Mistake(("criteria",), text)
