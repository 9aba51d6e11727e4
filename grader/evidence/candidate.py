"""A candidate: one model that a submission built, what it computes and how it was trained."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from grader.evidence.facts import Count, Data, Fact, Phrase, unknown
from grader.evidence.vocabulary import (
    Framework,
    Freshness,
    LossFamily,
    Mode,
    Route,
    ScoreKind,
    Split,
    TargetEncoding,
)

Name = Annotated[str, Field(max_length=100)]
Names = Annotated[tuple[Name, ...], Field(max_length=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Position = Annotated[int, Field(ge=-1, lt=500)]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}\.npy$")]
Shape = Annotated[tuple[Count | None, ...], Field(max_length=16)]
MAX_CANDIDATES = 8
MAX_LAYERS = 500
MAX_CURVE_POINTS = 512


class Operation(Data):
    """One neutral step of the computation from input to output.

    Attributes:
        kind: ``dense``, ``conv2d``, ``activation``, ``flatten``, ``reshape``, ``dropout``,
            ``batch-norm``, ``add``, ... A closed list is not enforced: an unknown operation is
            named as the framework names it.
        activation: Neutral name when ``kind`` is ``activation``: ``relu``, ``sigmoid``, ...
        inputs: Width of the input where the operation has one (dense: input features).
        units: Width of the output where the operation has one (dense: output features).
        axis: The axis that a softmax normalises, counted from the end (``-1`` is the classes).
        rate: Share of the numbers that a dropout sets to 0.
        after: Positions of the operations whose results it uses, ``-1`` for the model's input;
            ``None`` where it simply follows the operation before.
    """

    kind: Name
    activation: Name | None = None
    inputs: Count | None = None
    units: Count | None = None
    axis: Annotated[int, Field(ge=-16, le=16)] | None = None
    rate: Share | None = None
    after: Annotated[tuple[Position, ...], Field(max_length=64)] | None = None


class HiddenLayer(Data):
    """A layer with weights before the output layer.

    Attributes:
        units: Width of its output.
        activation: What is applied to it before the next layer with weights; ``linear`` if nothing.
    """

    units: Count
    activation: Name


Operations = Annotated[tuple[Operation, ...], Field(max_length=MAX_LAYERS)]
HiddenLayers = Annotated[tuple[HiddenLayer, ...], Field(max_length=MAX_LAYERS)]


class ModelDescription(Data):
    """What a model computes, without regard to the framework.

    Attributes:
        input_shape: With ``None`` for the number of samples: ``(None, 2)``.
        output_shape: Likewise: ``(None, 1)``.
        operations: From input to output, in order of computation; where the computation is no
            chain, ``after`` tells what uses what.
        hidden_layers: Layers with weights before the last one, in order of computation.
        output_activation: Applied inside the model after the last layer; ``linear`` if nothing.
        emits: What the model's own output means.
        is_affine: Whether the whole function is affine, so that its layers collapse into one.
        parameters: Number of trainable numbers.
        frozen_parameters: Number of parameters that training may not change.
        unused_layers: Layers and activations that were built and take no part in the computation:
            ``fc3 (Linear)``.
        uses_input: Whether the output depends on the rows the model is given.
        is_constant: Whether every row gets the same output.
        identical_units: Largest share, over the hidden layers, of units that are copies of
            another unit of their layer.
        inactive_units: Share of hidden ReLU units that are 0 for every sampled training row.
        saturated_units: Share of hidden sigmoid and tanh units that stand within 1 % of an end of
            their range for at least 95 % of the sampled training rows.
    """

    class_name: Name = ""
    input_shape: Fact[Shape] = unknown("no model was examined")
    output_shape: Fact[Shape] = unknown("no model was examined")
    operations: Fact[Operations] = unknown("no model was examined")
    hidden_layers: Fact[HiddenLayers] = unknown("no model was examined")
    output_activation: Fact[Phrase] = unknown("no model was examined")
    emits: Fact[ScoreKind] = unknown("no model was examined")
    is_affine: Fact[bool] = unknown("no model was examined")
    parameters: Fact[Count] = unknown("no model was examined")
    frozen_parameters: Fact[Count] = unknown("no model was examined")
    unused_layers: Fact[Names] = unknown("no model was examined")
    uses_input: Fact[bool] = unknown("no model was examined")
    is_constant: Fact[bool] = unknown("no model was examined")
    identical_units: Fact[Share] = unknown("no model was examined")
    inactive_units: Fact[Share] = unknown("no model was examined")
    saturated_units: Fact[Share] = unknown("no model was examined")


class LossDescription(Data):
    """The loss that was really called in training, and what it was given.

    Attributes:
        name: As the student wrote it: ``BCEWithLogitsLoss``, ``binary_crossentropy``.
        family: What it computes.
        expects: The kind of score it wants.
        receives: The kind of score it got: what the model emits, changed by any activation that
            the training code applied in between.
        outside_activation: That activation; ``linear`` if nothing.
        target_encoding: How the labels were written.
        target_shape: Shape of the labels of one call, ``None`` for the number of samples.
        target_dtype: Neutral dtype name: ``float32``, ``int64``.
        input_shape: Shape of what the model handed to the loss, ``None`` for the samples.
        classes_seen: Classes that the labels name: highest class number + 1, or columns.
        lowest_target: Lowest number among the labels that were looked at.
        highest_target: Highest of them.
        weights_classes: Whether classes were weighted: ``pos_weight``, ``class_weight``, ...
        repaired_by_framework: Keras on TensorFlow silently undoes softmax with
            ``from_logits=True``; the mistake is declared, the training is not harmed.
    """

    name: Fact[Phrase] = unknown("no loss was recorded")
    family: Fact[LossFamily] = unknown("no loss was recorded")
    expects: Fact[ScoreKind] = unknown("no loss was recorded")
    receives: Fact[ScoreKind] = unknown("no loss was recorded")
    outside_activation: Fact[Phrase] = unknown("no loss was recorded")
    target_encoding: Fact[TargetEncoding] = unknown("no loss was recorded")
    target_shape: Fact[Shape] = unknown("no loss was recorded")
    target_dtype: Fact[Phrase] = unknown("no loss was recorded")
    input_shape: Fact[Shape] = unknown("no loss was recorded")
    classes_seen: Fact[Count] = unknown("no loss was recorded")
    lowest_target: Fact[float] = unknown("no loss was recorded")
    highest_target: Fact[float] = unknown("no loss was recorded")
    weights_classes: Fact[bool] = unknown("no loss was recorded")
    repaired_by_framework: bool = False


class OptimizerDescription(Data):
    """The optimizer that moved the model's parameters.

    Attributes:
        name: Class name: ``SGD``, ``Adam``.
        learning_rate: At its last step.
        first_learning_rate: At its first step.
        lowest_learning_rate: Over all steps that were looked at.
        highest_learning_rate: Likewise.
        holds_parameters: Whether it was given this model's parameters.
    """

    name: Fact[Phrase] = unknown("no optimizer was recorded")
    learning_rate: Fact[float] = unknown("no optimizer was recorded")
    first_learning_rate: Fact[float] = unknown("no optimizer was recorded")
    lowest_learning_rate: Fact[float] = unknown("no optimizer was recorded")
    highest_learning_rate: Fact[float] = unknown("no optimizer was recorded")
    holds_parameters: Fact[bool] = unknown("no optimizer was recorded")


class LossPoint(Data):
    """One point of a loss curve.

    Attributes:
        step: Optimizer step, counted from 1.
        loss: Value of the loss at that step; ``None`` where it was not a finite number.
    """

    step: Count
    loss: float | None


class InputStatistics(Data):
    """What the rows looked like that a model was trained on, from a sample.

    Attributes:
        minimum: Over all features.
        maximum: Over all features.
        spread_ratio: Largest standard deviation of a feature by the smallest one that is not 0;
            1 for images and other rows of many equal cells.
        has_missing: Whether a value was not a number, or infinite.
    """

    minimum: float
    maximum: float
    spread_ratio: Annotated[float, Field(ge=1)] = 1.0
    has_missing: bool = False


class EvaluatedRows(Data):
    """Rows a model was asked about outside training, from a sample.

    Attributes:
        rows: Distinct ones.
        trained: How many of them it was also trained on.
        share_of_training: Share of the training rows among them.
    """

    rows: Count
    trained: Count
    share_of_training: Share


class Preprocessing(Data):
    """What happened to the rows before they reached a model, as far as fitted objects tell.

    Attributes:
        applied: The fitted transformer that the training rows went through: ``scaler
            (StandardScaler)``; absent if none of those that were found.
        bypassed: A scaler that was fitted on the very rows that then went to the model unscaled.
        rows_fitted: Rows that the applied transformer was fitted on.
        split_afterwards: Whether its output was split into training and other rows only after it
            had been fitted, so that it has seen the other rows.
        refitted_on: Rows that one of its kind was fitted on anew, before the model was asked about
            them; absent if none was.
        dropped_columns: Columns of its input that never reach its output.
    """

    applied: Fact[Phrase] = unknown("no transformer was looked for")
    bypassed: Fact[Phrase] = unknown("no transformer was looked for")
    rows_fitted: Fact[Count] = unknown("no transformer was looked for")
    split_afterwards: Fact[bool] = unknown("no transformer was looked for")
    refitted_on: Fact[Count] = unknown("no transformer was looked for")
    dropped_columns: Fact[Count] = unknown("no transformer was looked for")


class TrainingStory(Data):
    """How a model was trained.

    Attributes:
        steps: Optimizer steps that touched this model.
        epochs: Passes over the data, where the framework counts them.
        parameters_changed: Whether any parameter differs from its value before training.
        gradients: How often a gradient of this model was computed.
        rows: Distinct rows of training data seen in the recorded part.
        input_width: Features per row of what the model was trained on.
        trained_on: Which rows: ``public data``, ``public data through StandardScaler``,
            ``own data``, in words.
        zero_grad: At which optimizer steps the gradients were those of that step alone.
        trained_in: The mode of the calls that were trained on.
        evaluated_in: The mode of the other calls, on more than a few rows.
        evaluated_with_gradients: Whether such calls built a graph that nobody used.
        loss_calls: How often a loss was computed from this model's output with gradients on.
        inputs: What the training rows looked like.
        finite_losses: Whether every recorded loss was a finite number.
        single_class_batches: Share of the looked-at batches of 8 rows or more whose labels were
            all the same, although labels differ between batches.
        evaluated_on: Rows the model was asked about outside training.
        selected_on_evaluated: Whether training was stopped, or its best epoch chosen, by rows
            that the model was then evaluated on.
        callbacks: Class names of the callbacks that ``fit`` was given.
        evaluation_curve: Loss on other rows while training went on; ``step`` as in ``curve``.
        curve: Thinned to at most ``MAX_CURVE_POINTS`` points, the first and last always kept.
        curve_of: What the curve shows: ``loss per step`` or ``loss per epoch``.
    """

    steps: Fact[Count] = unknown("no training was recorded")
    epochs: Fact[Count] = unknown("no training was recorded")
    parameters_changed: Fact[bool] = unknown("no training was recorded")
    gradients: Fact[Count] = unknown("no training was recorded")
    rows: Fact[Count] = unknown("no training was recorded")
    input_width: Fact[Count] = unknown("no training was recorded")
    trained_on: Fact[Phrase] = unknown("no training was recorded")
    zero_grad: Fact[Freshness] = unknown("no training was recorded")
    trained_in: Fact[Mode] = unknown("no training was recorded")
    evaluated_in: Fact[Mode] = unknown("no evaluation was recorded")
    evaluated_with_gradients: Fact[bool] = unknown("no evaluation was recorded")
    loss_calls: Fact[Count] = unknown("no loss was recorded")
    inputs: Fact[InputStatistics] = unknown("no training was recorded")
    finite_losses: Fact[bool] = unknown("no loss was recorded")
    single_class_batches: Fact[Share] = unknown("no training was recorded")
    evaluated_on: Fact[EvaluatedRows] = unknown("no evaluation was recorded")
    selected_on_evaluated: Fact[bool] = unknown("no training was recorded")
    callbacks: Fact[Names] = unknown("no training was recorded")
    evaluation_curve: tuple[LossPoint, ...] = Field(default=(), max_length=MAX_CURVE_POINTS)
    curve: tuple[LossPoint, ...] = Field(default=(), max_length=MAX_CURVE_POINTS)
    curve_of: Name = "loss per step"


class ArrayRef(Data):
    """An array in a ``.npy`` file beside the evidence.

    Attributes:
        file: File name without any folder.
        shape: As stored.
        dtype: NumPy name: ``float32``, ``int64``.
    """

    file: FileName
    shape: tuple[Count, ...] = Field(max_length=4)
    dtype: Name


class Prediction(Data):
    """What a candidate said about the rows of one split of one exercise.

    Attributes:
        exercise: Id of the exercise whose rows were used.
        split: Which rows.
        route: How the rows reached the model.
        scores: The model's own output, float32 ``(N, C)``; unknown where the model could not be
            asked or, on the route ``predict``, was not seen to run on these rows.
        labels: What the student's ``predict`` returned, int64 ``(N,)``; absent on other routes.
    """

    exercise: Name
    split: Split
    route: Route
    scores: Fact[ArrayRef]
    labels: Fact[ArrayRef]


class Candidate(Data):
    """One model of a submission.

    Attributes:
        id: ``m1``, ``m2``, ... in order of first use.
        framework: What it is made of.
        names: Variables that held it when the last cell had run; empty if it was overwritten.
        last_trained: Rank among the candidates by when it was last trained, from 1; 0 if never.
        is_copy: Whether it was never trained itself but holds the values of one that was.
        last_asked: Rank among the candidates by when it was last called for anything but training,
            from 1; 0 if never.
        is_trained: Whether training was observed: parameters changed.
        model: What it computes.
        loss: The loss it was trained with.
        optimizer: What moved its parameters.
        training: How it was trained.
        preprocessing: What happened to the rows before.
        predictions: On validation and plotting rows; those on hidden rows are kept apart.
        refused: Per exercise, what the student's ``predict`` returned for the validation rows where
            that was no label for each row: ``one number for 40 rows``.
        hidden_route: Per exercise, how hidden rows will reach the model; unknown with the reason
            where they cannot.
    """

    id: Annotated[str, Field(pattern=r"^m[1-9][0-9]{0,3}$")]
    framework: Framework
    names: tuple[Name, ...] = Field(default=(), max_length=20)
    last_trained: Count = 0
    is_copy: bool = False
    last_asked: Count = 0
    is_trained: bool = False
    model: ModelDescription = ModelDescription()
    loss: LossDescription = LossDescription()
    optimizer: OptimizerDescription = OptimizerDescription()
    training: TrainingStory = TrainingStory()
    preprocessing: Preprocessing = Preprocessing()
    predictions: tuple[Prediction, ...] = Field(default=(), max_length=200)
    refused: dict[Name, Phrase] = Field(default_factory=dict, max_length=100)
    hidden_route: dict[Name, Fact[Route]] = Field(default_factory=dict, max_length=100)
