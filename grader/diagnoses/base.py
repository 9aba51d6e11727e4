"""What a diagnosis is, and what it is made from: a case."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.designs import DesignFacts, Verdict, canonical, design_facts, judge
from grader.evidence import (
    CellError,
    Evidence,
    ExerciseBrief,
    Fact,
    Framework,
    Measurement,
    Provenance,
    Task,
    unknown,
    weakest,
)

WHY = "Why it matters:"
_OF_PYTORCH = frozenset(
    {
        *("bceloss", "bcewithlogitsloss", "crossentropyloss", "nllloss", "mseloss", "l1loss"),
        *("smoothl1loss", "huberloss", "crossentropy", "binarycrossentropywithlogits", "nllloss"),
    }
)


class Severity(StrEnum):
    """How bad it is; errors come before warnings, warnings before notes."""

    ERROR = "error"
    """The model cannot be right, or the brief is broken."""
    WARNING = "warning"
    """Works, but is fragile or bad practice."""
    NOTE = "note"
    """Worth knowing; never costs points."""

    @property
    def rank(self) -> int:
        """0 for errors, 1 for warnings, 2 for notes."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Consequence:
    """A diagnosis that follows from another one.

    Attributes:
        id: Of the diagnosis that was folded.
        sentence: What was seen of it.
    """

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is wrong with a model or its training, in words a student can act on.

    Attributes:
        id: Of the rule that found it.
        rule: Row of the rule table: ``R01``.
        severity: Error, warning or note.
        title: What is wrong, in a few words.
        seen: What the evidence shows, a sentence.
        why: Why it matters, a sentence or two.
        change: What to change, in terms of the framework that was used.
        provenance: The weakest kind of evidence that it rests on.
        follows: What else was found and follows from it.
    """

    id: str
    rule: str
    severity: Severity
    title: str
    seen: str
    why: str
    change: str
    provenance: Provenance
    follows: tuple[Consequence, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionComparison:
    """Labels that the student's ``predict`` returned beside those that the model's outputs mean.

    Attributes:
        rows: Rows that were asked about.
        agreeing: Rows with the same label; 0 where the result has another shape.
        shape: Of what ``predict`` returned.
        given: How many different labels it returned.
        decided: How many different labels the outputs mean.
        given_accuracy: Share of rows that ``predict`` has right; ``None`` without true labels.
        decided_accuracy: Likewise for the labels that the outputs mean.
        refused: What it returned where that was no label for each row; nothing else counts then.
    """

    rows: int
    agreeing: int
    shape: tuple[int, ...]
    given: int
    decided: int
    given_accuracy: float | None = None
    decided_accuracy: float | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a diagnosis may rest on.

    Attributes:
        evidence: About one model; rules look at ``brief`` below, not at the one in it.
        brief: The exercise; ``None`` where there is none, as in ``grader explain``.
        errors: Why cells failed, in order.
        decided: How the student's ``predict`` decided; ``None`` if that is not known.
        framework: What the model is made of; ``None`` if that is not known.
    """

    evidence: Evidence = field(default_factory=Evidence)
    brief: ExerciseBrief | None = None
    errors: tuple[CellError, ...] = ()
    decided: DecisionComparison | None = None
    framework: Framework | None = None

    @property
    def task(self) -> Task | None:
        """Kind of classification; ``None`` where no exercise says."""
        return None if self.brief is None else self.brief.task

    @property
    def library(self) -> Framework | None:
        """The framework; told by the name of the loss where nobody says."""
        if self.framework is not None:
            return self.framework
        name = self.evidence.loss.name.value or ""
        return Framework.PYTORCH if canonical(name) in _OF_PYTORCH else None

    @property
    def design(self) -> DesignFacts:
        """What output, loss and labels are judged by."""
        return design_facts(self.evidence, self.task)

    @property
    def verdict(self) -> Verdict:
        """What the table of designs says."""
        return judge(self.design)

    @property
    def measured(self) -> Fact[Measurement]:
        """The measurement on rows that may be talked about, else that on hidden ones."""
        validation, hidden = self.evidence.validation, self.evidence.hidden
        return validation if validation.is_known or not hidden.is_known else hidden

    def fact(self, path: str) -> Fact[Any]:
        """A fact by its place: ``training.steps``; an empty curve is an unknown one.

        ``decided`` is known if the decisions were compared, or if nothing but the model's own
        outputs was measured; ``measured`` is either measurement.
        """
        if path == "measured":
            return self.measured
        if path == "decided":
            if self.decided is not None:
                return Fact[bool](state="known", value=True)
            return self.measured
        found: Any = self.evidence
        for part in path.split("."):
            found = getattr(found, part)
        if isinstance(found, tuple):
            if not found:
                return unknown("no values of the loss were recorded")
            return Fact[int](state="known", value=len(found), provenance=Provenance.RECORDED)
        return found  # type: ignore[no-any-return]  # every other path leads to a fact


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule has found.

    Attributes:
        seen: What the evidence shows, a sentence.
        change: What to change.
        provenance: The weakest kind of evidence that it rests on.
    """

    seen: str
    change: str
    provenance: Provenance = Provenance.RECORDED


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong.

    Attributes:
        id: Its name in rubrics and reports.
        row: Row of the rule table.
        severity: Error, warning or note.
        title: What is wrong, in a few words.
        find: The pure function; ``None`` means nothing was found.
        needs: Facts without which it finds nothing; where one of them is unknown, "not found"
            does not mean "not there". Absent facts are facts.
        explains: Ids of what follows from it, and is then not told on its own.
    """

    id: str
    row: str
    severity: Severity
    title: str
    find: Callable[[Case], Found | None]
    needs: tuple[str, ...]
    explains: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Why it matters, as the docstring of its function says."""
        return section(self.find, WHY)


def section(function: Callable[..., Any], heading: str) -> str:
    """The text under one heading of a docstring, on one line.

    Args:
        function: With a docstring of headings and indented text.
        heading: ``Why it matters:``.

    Returns:
        The text; empty if there is no such heading.
    """
    lines = iter((inspect.getdoc(function) or "").splitlines())
    for line in lines:
        if line == heading:
            break
    text: list[str] = []
    for line in lines:
        if line and not line.startswith(" "):
            break
        text.append(line.strip())
    return " ".join(" ".join(text).split()).replace("``", "`")


def unknown_needs(rule: Rule, case: Case) -> tuple[Fact[Any], ...]:
    """The facts that a rule needs and that are not known to be there or not."""
    return tuple(fact for path in rule.needs if (fact := case.fact(path)).is_unknown)


def say(case: Case, *, pytorch: str, keras: str) -> str:
    """Pick the advice for the framework that was used; both where that is not known.

    Args:
        case: Uses its framework.
        pytorch: A sentence or more.
        keras: Likewise.
    """
    if case.library is Framework.PYTORCH:
        return pytorch
    if case.library is Framework.KERAS:
        return keras
    return pytorch if pytorch == keras else f"PyTorch: {pytorch} Keras: {keras}"


def raised(case: Case, *parts: str, name: str = "") -> CellError | None:
    """The first error of the student's code whose message holds all of these parts.

    Args:
        case: Uses its errors; consequences of earlier ones are left out.
        parts: Compared without regard to capitals.
        name: Of the exception class, where that matters.
    """
    for error in case.errors:
        text = error.message.lower()
        is_cause = error.caused_by_cell is None and (not name or error.name == name)
        if is_cause and all(part.lower() in text for part in parts):
            return error
    return None


def quoted(error: CellError) -> str:
    """An error as a report shows it: class, first line of the message, line of code."""
    lines = error.message.splitlines()
    first = lines[0] if lines else ""
    where = f", at `{error.source_line}`" if error.source_line else ""
    return f"{error.name}: {first[:200]}{where}"


def found(seen: str, change: str, *facts: Fact[Any]) -> Found:
    """Put a finding together.

    Args:
        seen: What the evidence shows, a sentence.
        change: What to change.
        facts: What it rests on.
    """
    return Found(seen, change, weakest(*facts) if facts else Provenance.RECORDED)


def is_good(case: Case) -> bool:
    """Whether the measured accuracy is more than halfway from a constant guess to perfection."""
    measured = case.measured.value
    if measured is None:
        return False
    return measured.accuracy > (1 + measured.majority_share) / 2
