"""Rows of data, and what has to be known of an exercise to make them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.evidence import ExerciseBrief

Array = npt.NDArray[Any]
Generator = Callable[[np.random.Generator, int], tuple[Array, Array]]
"""Draws ``n`` rows: ``(rng, n)`` to inputs and labels."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Inputs with their labels, row by row.

    Attributes:
        inputs: float32 ``(N, *input_shape)``, finite.
        labels: int64 ``(N,)`` in ``0..C-1``; multilabel: float32 ``(N, L)`` of 0 and 1.
    """

    inputs: Array = field(repr=False)
    labels: Array = field(repr=False)

    def permuted(self, rng: np.random.Generator) -> Rows:
        """The same rows in another order."""
        order = rng.permutation(len(self.inputs))
        return Rows(inputs=self.inputs[order], labels=self.labels[order])


class HiddenRows(Protocol):
    """How many rows a split has."""

    @property
    def n(self) -> int:
        """Number of rows."""
        ...


class PublicRows(HiddenRows, Protocol):
    """How many rows a public split has, and what they are drawn from."""

    @property
    def seed(self) -> int:
        """Seed of the NumPy generator."""
        ...


class ExerciseData(Protocol):
    """The data section of an exercise."""

    @property
    def source(self) -> str:
        """``dataset.py:function``."""
        ...

    @property
    def train(self) -> PublicRows:
        """Public, in the handout."""
        ...

    @property
    def validation(self) -> PublicRows:
        """Public, in the handout."""
        ...

    @property
    def hidden(self) -> HiddenRows:
        """Never leaves the instructor's machine with its labels."""
        ...


class Exercise(Protocol):
    """What is read of an exercise; ``grader.assignment.Exercise`` has it."""

    @property
    def id(self) -> str:
        """Of the exercise."""
        ...

    @property
    def data(self) -> ExerciseData:
        """Where its rows come from."""
        ...

    def brief(self) -> ExerciseBrief:
        """Task, classes and shape of a row."""
        ...


class Assignment(Protocol):
    """What is read of an assignment; ``grader.assignment.Assignment`` has it."""

    @property
    def exercises(self) -> Sequence[Exercise]:
        """At least one."""
        ...
