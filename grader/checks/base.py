"""What a check is: a pure function from evidence and parameters to a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from grader.evidence import Evidence, Fact, Provenance, weakest

__all__ = [
    "Check",
    "Finding",
    "NoParams",
    "Outcome",
    "Params",
    "undetermined",
    "weakest",
    "without_value",
]


class Outcome(StrEnum):
    """What a check found; DESIGN's table says what follows for points and review."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    SKIPPED = "skipped"
    ERROR = "error"

    @property
    def is_pending(self) -> bool:
        """Whether a person has to decide before points are given or withheld."""
        return self in (Outcome.UNDETERMINED, Outcome.ERROR)


class Params(BaseModel):
    """Base of a check's parameters: frozen, unknown keys refused, bad values refused when built."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoParams(Params):
    """For a check that has nothing to set."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found out.

    Attributes:
        outcome: Passed, partial, failed, undetermined, skipped or error.
        seen: What the evidence shows, as the middle of a sentence: "the model emits logits".
        expected: What was asked for, likewise.
        advice: What a student can do about it; empty when passed.
        share: Share of the points earned, 0 to 1; only looked at when the outcome is partial.
        seen_by_student: Like ``seen`` with hidden metrics rounded to two decimals; empty where
            ``seen`` may be shown as it is.
        provenance: The weakest kind of evidence that the finding rests on.
    """

    outcome: Outcome
    seen: str
    expected: str
    advice: str = ""
    share: Decimal = Decimal(0)
    seen_by_student: str = ""
    provenance: Provenance = Provenance.PROBED


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a submission.

    Attributes:
        id: The file name with dashes.
        title: As a report shows it, unless the rubric gives another.
        params: The class of its parameters.
        run: The pure function.
        requires: Ids of checks without which this one has no meaning; if one of them fails, this
            one is skipped.
    """

    id: str
    title: str
    params: type[Params]
    run: Callable[[Evidence, Any], Finding]
    requires: tuple[str, ...] = ()


def undetermined(what: str, *, reason: str = "", expected: str = "") -> Finding:
    """Say that the evidence does not show something; the points wait for a person.

    Args:
        what: What could not be told: "which activation the output layer has".
        reason: Why, as the evidence gives it.
        expected: What was asked for.
    """
    seen = f"could not tell {what}" + (f": {reason}" if reason else "")
    return Finding(
        outcome=Outcome.UNDETERMINED,
        seen=seen,
        expected=expected,
        advice="Your instructor will look at this by hand.",
    )


def without_value(fact: Fact[Any], what: str, *, expected: str, advice: str) -> Finding:
    """Turn a fact without a value into a finding: absent fails, unknown is undetermined.

    Args:
        fact: An absent or unknown fact.
        what: What was looked for, as in :func:`undetermined`.
        expected: What was asked for.
        advice: What to do if it is absent.

    Raises:
        ValueError: The fact has a value.
    """
    if fact.is_absent:
        return Finding(
            outcome=Outcome.FAILED,
            seen=fact.reason,
            expected=expected,
            advice=advice,
            provenance=fact.provenance,
        )
    if fact.is_unknown:
        return undetermined(what, reason=fact.reason, expected=expected)
    message = f"the fact has a value: {fact.value}"
    raise ValueError(message)
