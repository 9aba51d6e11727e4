"""A rubric: which checks, with which parameters, for how many points."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class RubricData(BaseModel):
    """Base of the rubric's models: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Alternative(RubricData):
    """One of several ways to earn a criterion; the best finding counts."""

    check: Identifier
    params: dict[str, Any] = Field(default_factory=dict)


class Criterion(RubricData):
    """A weighted entry of a rubric.

    Attributes:
        id: Unique within the rubric; becomes a column of the gradebook.
        title: As reports show it; the check's own title if empty.
        check: Id of a check; left out where ``any_of`` lists several.
        exercise: Which exercise it is about; may be left out where the assignment has one.
        points: At most this many, at least 0.
        params: Parameters of the check, validated by its own parameter class.
        private: Its parameters and numbers are not shown to students.
        bonus: Its points come on top of the maximum.
        any_of: Alternatives instead of ``check`` and ``params``.
    """

    id: Identifier
    title: str = ""
    check: Identifier | None = None
    exercise: Identifier | None = None
    points: Annotated[Decimal, Field(ge=0, le=1000, allow_inf_nan=False)]
    params: dict[str, Any] = Field(default_factory=dict)
    private: bool = False
    bonus: bool = False
    any_of: tuple[Alternative, ...] = ()


class Rubric(RubricData):
    """All criteria of one assignment.

    Attributes:
        criteria: In the order in which reports show them.
        sha256: Digest of the rubric file, set by the loader; reports carry it.
    """

    schema_version: Literal[1] = Field(alias="schema")
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    sha256: str = ""
