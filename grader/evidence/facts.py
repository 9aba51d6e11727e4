"""A fact: known, absent or unknown, and where it comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

T = TypeVar("T")
MAX_PHRASE = 500
Phrase = Annotated[str, Field(max_length=MAX_PHRASE)]
"""Part of a sentence; bounded, since it may come from a student's process."""
Count = Annotated[int, Field(ge=0, le=2**53)]
"""A number of things; what JSON can carry exactly, and no text conversion chokes on."""


class Data(BaseModel):
    """Base of everything that crosses a boundary: frozen, finite, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Knowledge(StrEnum):
    """How much is known about something."""

    KNOWN = "known"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Provenance(StrEnum):
    """Where a fact comes from, which decides how far it can be trusted."""

    RECORDED = "recorded"
    """Seen while the student's code ran, in the student's process: testimony."""
    PROBED = "probed"
    """Found by examining the model afterwards, in the student's process: testimony."""
    MEASURED = "measured"
    """Computed outside the sandbox from predictions and hidden labels."""


class Fact(Data, Generic[T]):
    """Something about a submission, or the plain statement that it is not there or not known.

    Attributes:
        state: Known, absent (observed not to be there) or unknown (not observed).
        value: The value; ``None`` unless the fact is known.
        reason: Why it is absent or unknown, as the middle of a sentence a student can read.
        provenance: Where it comes from.
        how: The technique that found it, in a few words.
    """

    state: Knowledge
    value: T | None = None
    reason: Phrase = ""
    provenance: Provenance = Provenance.PROBED
    how: Phrase = ""

    @model_validator(mode="after")
    def _known_means_a_value(self) -> Self:
        if (self.state is Knowledge.KNOWN) != (self.value is not None):
            message = "a fact has a value exactly if it is known"
            raise ValueError(message)
        return self

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.state is Knowledge.KNOWN

    @property
    def is_absent(self) -> bool:
        """Whether it was observed not to be there."""
        return self.state is Knowledge.ABSENT

    @property
    def is_unknown(self) -> bool:
        """Whether nothing was observed either way."""
        return self.state is Knowledge.UNKNOWN

    @property
    def known_value(self) -> T:
        """The value of a known fact.

        Raises:
            ValueError: The fact is not known; ask ``is_known`` first.
        """
        if self.state is not Knowledge.KNOWN:
            message = f"the fact is {self.state}: {self.reason}"
            raise ValueError(message)
        return self.value  # type: ignore[return-value]  # None is a legal value of T where T says so


def known(value: T, *, provenance: Provenance = Provenance.PROBED, how: str = "") -> Fact[T]:
    """State a value."""
    return Fact[T](state=Knowledge.KNOWN, value=value, provenance=provenance, how=how)


def absent(reason: str, *, provenance: Provenance = Provenance.RECORDED) -> Fact[T]:
    """State that something was observed not to be there."""
    return Fact[T](state=Knowledge.ABSENT, reason=_cut(reason), provenance=provenance)


def unknown(reason: str, *, provenance: Provenance = Provenance.PROBED) -> Fact[T]:
    """State that something was not observed, with the reason."""
    return Fact[T](state=Knowledge.UNKNOWN, reason=_cut(reason), provenance=provenance)


def weakest(*facts: Fact[Any]) -> Provenance:
    """Name the least trustworthy source among the facts that a statement rests on.

    Args:
        facts: At least one.
    """
    from_weak_to_strong = (Provenance.RECORDED, Provenance.PROBED, Provenance.MEASURED)
    return min((fact.provenance for fact in facts), key=from_weak_to_strong.index)


def _cut(reason: str) -> str:
    return reason if len(reason) <= MAX_PHRASE else reason[: MAX_PHRASE - 1] + "…"
