"""The pictures of an exercise with what they show in words, which every format tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.evidence import LossPoint
from grader.report.model import Boundary, ExerciseReport
from grader.report.plots import boundary_plot, can_plot, gaps, loss_plot
from grader.report.words import class_name

NEEDS_EXTRA: Final = (
    "This plot needs matplotlib, which the grader's extra “report” brings along; "
    "it was not installed where this report was written."
)
_GAPS_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, or why there is none.

    Attributes:
        title: Heading above it.
        uri: Data URI; empty where there is no picture.
        alternative: What it shows, for people who do not see it.
        caption: How to read it; where there is no picture, what it would show and why it is not
            there.
    """

    title: str
    uri: str
    alternative: str
    caption: str


def pictures(exercise: ExerciseReport) -> Iterator[Picture]:
    """Draw the pictures of an exercise, each with its text alternative."""
    if exercise.boundary is not None:
        yield _boundary(exercise, exercise.boundary)
    if exercise.curve:
        yield _curve(exercise)


def boundary_text(boundary: Boundary, classes: Sequence[str]) -> str:
    """Say what a decision boundary shows."""
    present = sorted({index for row in boundary.decided for index in row})
    names = [f"“{class_name(classes, index)}”" for index in present]
    if len(names) == 1:
        return f"The model calls every point of the plane {names[0]}."
    return f"The model divides the plane between {', '.join(names[:-1])} and {names[-1]}."


def curve_title(curve_of: str) -> str:
    """Heading of a loss curve: ``Loss per step``."""
    return curve_of[:1].upper() + curve_of[1:] or "Loss"


def curve_text(curve: Sequence[LossPoint], curve_of: str) -> str:
    """Say where a loss curve starts and ends, and where it was not a number."""
    unit = "epoch" if curve_of.endswith("epoch") else "step"
    finite = [(point.step, point.loss) for point in curve if point.loss is not None]
    if not finite:
        return f"The loss was not a finite number at any {unit}."
    (start, first), (end, last) = finite[0], finite[-1]
    told = f"The loss was {first:.4g} at {unit} {start}"
    told = f"{told}." if len(finite) == 1 else f"{told} and {last:.4g} at {unit} {end}."
    stretches = gaps(curve)
    for first_step, last_step in stretches[:_GAPS_TOLD]:
        is_one = first_step == last_step
        where = f"{unit} {first_step}" if is_one else f"{unit}s {first_step} to {last_step}"
        told = f"{told} It was not a finite number at {where}."
    more = len(stretches) - _GAPS_TOLD
    return f"{told} So it was in {more} later places." if more > 0 else told


def _boundary(exercise: ExerciseReport, boundary: Boundary) -> Picture:
    title = "Decision boundary"
    told = boundary_text(boundary, exercise.classes)
    if not can_plot():
        return Picture(title, "", "", f"{told} {NEEDS_EXTRA}")
    caption = f"{told} Areas: what the model decides."
    if boundary.points:
        caption = f"{caption} Points: training data, marked by their true class."
    if exercise.input_names:
        axes = " and ".join(f"“{name}”" for name in exercise.input_names)
        caption = f"{caption} Axes: {axes}."
    uri = boundary_plot(boundary, exercise.classes, exercise.input_names)
    return Picture(title, uri, told, caption)


def _curve(exercise: ExerciseReport) -> Picture:
    title = curve_title(exercise.curve_of)
    told = curve_text(exercise.curve, exercise.curve_of)
    if not can_plot():
        return Picture(title, "", "", f"{told} {NEEDS_EXTRA}")
    return Picture(title, loss_plot(exercise.curve, exercise.curve_of), told, told)
