"""Finds what was handed in: one notebook or module per student and attempt."""

from grader.intake.collect import collect
from grader.intake.model import EntryKind, Problem, ProblemKind, Student, Submission
from grader.intake.roster import missing_students

__all__ = [
    "EntryKind",
    "Problem",
    "ProblemKind",
    "Student",
    "Submission",
    "collect",
    "missing_students",
]
