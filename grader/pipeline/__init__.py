"""The one place that knows every stage: it wires them and catches what a check raises."""

from grader.pipeline.grade import GradeOptions, GradeResult, grade
from grader.pipeline.regrade import Change, RegradeResult, regrade
from grader.pipeline.setting import Setting, prepare

__all__ = [
    "Change",
    "GradeOptions",
    "GradeResult",
    "RegradeResult",
    "Setting",
    "grade",
    "prepare",
    "regrade",
]
