"""What a check sees: the evidence on one exercise, about the model chosen for it."""

from __future__ import annotations

from pydantic import Field

from grader.evidence.candidate import (
    LossDescription,
    ModelDescription,
    OptimizerDescription,
    Preprocessing,
    TrainingStory,
)
from grader.evidence.facts import Data, Fact, unknown
from grader.evidence.run import ExerciseBrief
from grader.evidence.vocabulary import Task


class AveragedScores(Data):
    """Precision, recall and F1 under one way of averaging over classes."""

    precision: float
    recall: float
    f1: float


class Measurement(Data):
    """What was computed outside the sandbox from predictions and labels.

    Attributes:
        samples: N, the number of rows.
        accuracy: Share of rows whose label is right; multilabel: of rows with every label right.
        averages: By ``binary`` (the positive class, label 1; binary task only), ``macro``,
            ``micro`` and ``weighted``, as scikit-learn defines them, 0 where undefined.
        per_class: Precision, recall and F1 of each class, by class name.
        confusion: Row ``i``, column ``j``: rows of class ``i`` that were called ``j``; empty for
            multilabel.
        majority_share: Share of the most frequent class among the labels.
        predicted_classes: How many different classes were predicted.
    """

    samples: int
    accuracy: float
    averages: dict[str, AveragedScores] = Field(default_factory=dict)
    per_class: dict[str, AveragedScores] = Field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()
    majority_share: float = 0.0
    predicted_classes: int = 0


class Evidence(Data):
    """Everything that a check may look at.

    Where no model was trained, or the student's code crashed or hit a limit, every fact about the
    model is *absent* with that reason; where our own part failed, every fact is *unknown*.
    """

    brief: ExerciseBrief = ExerciseBrief(
        id="exercise", task=Task.BINARY, classes=("no", "yes"), input_shape=(2,)
    )
    model: ModelDescription = ModelDescription()
    loss: LossDescription = LossDescription()
    optimizer: OptimizerDescription = OptimizerDescription()
    training: TrainingStory = TrainingStory()
    preprocessing: Preprocessing = Preprocessing()
    is_trained: Fact[bool] = unknown("no training was recorded")
    hidden: Fact[Measurement] = unknown("nothing was measured on hidden data")
    validation: Fact[Measurement] = unknown("nothing was measured on validation data")
