"""Finds what was handed in: one notebook or module per student and attempt."""

from grader.intake.collect import collect, locate
from grader.intake.model import EntryKind, Located, Problem, ProblemKind, Student, Submission
from grader.intake.roster import missing_students

__all__ = [
    "EntryKind",
    "Located",
    "Problem",
    "ProblemKind",
    "Student",
    "Submission",
    "collect",
    "locate",
    "missing_students",
]
