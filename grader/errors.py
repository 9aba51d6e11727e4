"""What can go wrong on our or the instructor's side; never: a poor submission.

The tree::

    GraderError                 everything below; the command line prints it and exits with 2
    ├── CourseError             a course folder, assignment, rubric or roster says something wrong
    ├── SecretError             the secret is missing, unreadable, or the demo one in earnest use
    ├── DataError               public or hidden data cannot be made, found, or has another digest
    ├── EvidenceError           stored evidence is missing, of an unknown schema, or does not fit
    ├── SandboxError            a sandbox could not be started or read (not the student's fault)
    └── UsageError              the command was asked for something that makes no sense
"""

from __future__ import annotations


class GraderError(Exception):
    """An instructor or we must act.

    Args:
        message: Where, what, and the value seen, in one line.
        hint: The remedy, if one is known; printed on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class CourseError(GraderError):
    """A file of a course folder says something wrong."""


class SecretError(GraderError):
    """The secret behind the hidden data is missing, unreadable, or may not be used here."""


class DataError(GraderError):
    """Data of an assignment cannot be made or found, or is not the data that was expected."""


class EvidenceError(GraderError):
    """Stored evidence cannot be used: missing, of an unknown schema, or about other data."""


class SandboxError(GraderError):
    """A sandbox could not be started, or what it left could not be read."""


class UsageError(GraderError):
    """The command was asked for something that makes no sense."""
