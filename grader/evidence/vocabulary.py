"""The words that evidence is written in: framework-neutral names and closed lists."""

from __future__ import annotations

from enum import StrEnum


class Framework(StrEnum):
    """The library a model is made of."""

    PYTORCH = "pytorch"
    KERAS = "keras"


class Task(StrEnum):
    """The kind of classification."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"


class ScoreKind(StrEnum):
    """What the numbers that a model emits, or a loss expects, mean.

    Read from the computation and the loss, never guessed from values.
    """

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "log-probabilities"
    LABELS = "class labels"
    VALUES = "bounded or rectified values"
    """What a ReLU, tanh or similar leaves: neither logits nor probabilities."""


class LossFamily(StrEnum):
    """What a loss computes, whatever its name in either framework."""

    BINARY_CROSS_ENTROPY = "binary cross-entropy"
    CATEGORICAL_CROSS_ENTROPY = "categorical cross-entropy"
    NEGATIVE_LOG_LIKELIHOOD = "negative log-likelihood"
    MEAN_SQUARED_ERROR = "mean squared error"
    MEAN_ABSOLUTE_ERROR = "mean absolute error"
    HINGE = "hinge"
    OTHER = "other"


class TargetEncoding(StrEnum):
    """How the labels were written when they met the loss."""

    CLASS_INDEX = "class index"
    """Integers ``(N,)`` or ``(N, 1)``."""
    BINARY = "0 and 1"
    """Float or integer 0/1, ``(N,)`` or ``(N, 1)``."""
    ONE_HOT = "one-hot"
    """``(N, C)`` with one 1 in each row."""
    MULTI_HOT = "multi-hot"
    """``(N, L)`` of 0 and 1 with any number of ones in a row."""
    OTHER = "other"


class Mode(StrEnum):
    """In which mode a model was called: dropout and batch normalisation depend on it."""

    TRAINING = "training mode"
    EVALUATION = "evaluation mode"
    MIXED = "now in training, now in evaluation mode"


class Freshness(StrEnum):
    """At which optimizer steps the gradients were those of that step alone."""

    EVERY_STEP = "at every step"
    SOME_STEPS = "at some steps"
    NEVER = "never after the first step"


class Split(StrEnum):
    """Which rows a model was asked about."""

    VALIDATION = "validation"
    HIDDEN = "hidden"
    PLOT = "plot"


class Route(StrEnum):
    """How raw rows reached the model."""

    MODEL = "model"
    """The model was called on the rows as they are in the public file."""
    TRANSFORMER = "transformer"
    """The rows went through the student's own fitted transformer first."""
    PREDICT = "predict"
    """The student's ``predict`` was called."""


class CellState(StrEnum):
    """What became of one cell."""

    RAN = "ran"
    FAILED = "failed"
    NOT_RUN = "not run"


class NoticeKind(StrEnum):
    """Something worth telling about a run that is not an error of the student's code."""

    INSTALL_IGNORED = "install ignored"
    SHELL_IGNORED = "shell command ignored"
    NO_NETWORK = "no network"
    NO_INPUT = "no input"
    MISSING_PACKAGE = "missing package"
    OUTPUT_CUT = "output cut"
    LIMIT = "limit"
    """A limit made something fail without ending the run."""
    TAMPERING = "tampering"
    CALLED_BY_CONVENTION = "called by convention"
    INTAKE = "intake"


class RunState(StrEnum):
    """How a run ended, as the supervisor outside the sandbox saw it."""

    COMPLETED = "completed"
    """Every cell was tried; some may have failed."""
    KERNEL_DIED = "kernel died"
    CPU_LIMIT = "cpu limit"
    WALL_TIME_LIMIT = "wall time limit"
    MEMORY_LIMIT = "memory limit"
    PROCESS_LIMIT = "process limit"
    DISK_LIMIT = "disk limit"
    NOT_RUN = "not run"
    """What was handed in could not be run at all; the intake says why."""
    GRADER_FAILED = "grader failed"
    """Our own failure; never the student's."""
