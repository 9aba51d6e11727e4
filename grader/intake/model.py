"""What the intake hands on: one submission per student and attempt, decoded and normalised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath


class EntryKind(StrEnum):
    """What a student handed in."""

    NOTEBOOK = "notebook"
    MODULE = "module"


class ProblemKind(StrEnum):
    """Why something cannot be run at all."""

    EMPTY = "empty"
    """Nothing in it: absent, so no points and no review."""
    NO_ENTRY = "no notebook or module"
    SEVERAL_ENTRIES = "several notebooks or modules"
    BROKEN_JSON = "broken notebook"
    UNREADABLE = "unreadable"
    WRONG_LANGUAGE = "wrong language"
    UNSAFE_ARCHIVE = "unsafe archive"
    TOO_LARGE = "too large"

    @property
    def needs_review(self) -> bool:
        """Whether a person must look: everything but an empty hand-in, which is simply empty."""
        return self is not ProblemKind.EMPTY


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a submission cannot be run; ``detail`` is a sentence for the student."""

    kind: ProblemKind
    detail: str


@dataclass(frozen=True, slots=True)
class Student:
    """Who handed in.

    Attributes:
        key: Safe as a folder name, unique in a class: from the roster, else made from the file
            name.
        display_name: For people to read.
        email: From the roster; may be empty.
    """

    key: str
    display_name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt of one student.

    Attributes:
        student: Who.
        attempt: From 1, in order of handing in.
        attempts: How many attempts this student made in all.
        source: Where it was found, relative to what was named on the command line.
        entry_name: Original name of the entry file; empty where there is none.
        entry_kind: Notebook or module; ``None`` where there is no entry.
        notebook: The entry as nbformat 4 JSON text, ready to run; empty where there is a problem.
            A module becomes a notebook of one cell, or of one cell per ``# %%`` marker.
        files: The other files, by relative path: helpers, weights, images.
        problem: Why it cannot be run; ``None`` if it can.
        notes: What was mended on the way in ("decoded as latin-1"), for the report.
        sha256: Digest over entry and files as handed in.
    """

    student: Student
    attempt: int
    attempts: int
    source: str
    entry_name: str = ""
    entry_kind: EntryKind | None = None
    notebook: str = ""
    files: dict[PurePosixPath, bytes] = field(default_factory=dict)
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """One attempt of one student, found but not kept: it is read again when its turn comes.

    Attributes:
        student: Who.
        attempt: From 1, in order of handing in.
        attempts: How many attempts this student made in all.
        source: Where it was found, relative to what was named on the command line.
        sha256: Digest over entry and files as they were when it was found.
        reread: Reads it; see :meth:`read`.
    """

    student: Student
    attempt: int
    attempts: int
    source: str
    sha256: str
    reread: Callable[[], Submission]

    def read(self) -> Submission:
        """Read it, ready to run; what changed on disk since it was found is its problem."""
        submission = self.reread()
        if submission.sha256 == self.sha256:
            return replace(submission, attempt=self.attempt, attempts=self.attempts)
        detail = "What was handed in changed on disk while the class was being graded."
        return Submission(
            student=self.student,
            attempt=self.attempt,
            attempts=self.attempts,
            source=self.source,
            problem=Problem(ProblemKind.UNREADABLE, detail),
            sha256=self.sha256,
        )
