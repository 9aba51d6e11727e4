"""What the losses of both frameworks compute and what kind of score they want."""

from __future__ import annotations

from dataclasses import dataclass

from grader.evidence import LossFamily, ScoreKind


@dataclass(frozen=True, slots=True)
class LossKind:
    """What a loss computes.

    Attributes:
        family: What it computes, whatever its name.
        expects: The kind of score it wants; ``None`` where it fits no kind.
        takes_index: Whether integer labels mean class numbers to it.
        has_labels: Whether its second argument are the labels of its first.
    """

    family: LossFamily
    expects: ScoreKind | None
    takes_index: bool = False
    has_labels: bool = True


_BINARY = LossFamily.BINARY_CROSS_ENTROPY
_CATEGORICAL = LossFamily.CATEGORICAL_CROSS_ENTROPY

# torch.nn.functional (2.13), by function name.
PYTORCH = {
    "binary_cross_entropy": LossKind(_BINARY, ScoreKind.PROBABILITIES),
    "binary_cross_entropy_with_logits": LossKind(_BINARY, ScoreKind.LOGITS),
    "cross_entropy": LossKind(_CATEGORICAL, ScoreKind.LOGITS, takes_index=True),
    "nll_loss": LossKind(
        LossFamily.NEGATIVE_LOG_LIKELIHOOD, ScoreKind.LOG_PROBABILITIES, takes_index=True
    ),
    "mse_loss": LossKind(LossFamily.MEAN_SQUARED_ERROR, ScoreKind.PROBABILITIES),
    "l1_loss": LossKind(LossFamily.MEAN_ABSOLUTE_ERROR, ScoreKind.PROBABILITIES),
    "smooth_l1_loss": LossKind(LossFamily.OTHER, ScoreKind.PROBABILITIES),
    "huber_loss": LossKind(LossFamily.OTHER, ScoreKind.PROBABILITIES),
    "hinge_embedding_loss": LossKind(LossFamily.HINGE, None),
    "multi_margin_loss": LossKind(LossFamily.HINGE, ScoreKind.LOGITS, takes_index=True),
    "multilabel_margin_loss": LossKind(LossFamily.HINGE, ScoreKind.LOGITS),
    "multilabel_soft_margin_loss": LossKind(_BINARY, ScoreKind.LOGITS),
    "soft_margin_loss": LossKind(LossFamily.OTHER, ScoreKind.LOGITS),
    "kl_div": LossKind(LossFamily.OTHER, ScoreKind.LOG_PROBABILITIES),
    "poisson_nll_loss": LossKind(LossFamily.OTHER, None),
    "gaussian_nll_loss": LossKind(LossFamily.OTHER, None),
    "ctc_loss": LossKind(LossFamily.OTHER, None, has_labels=False),
    "cosine_embedding_loss": LossKind(LossFamily.OTHER, None, has_labels=False),
    "margin_ranking_loss": LossKind(LossFamily.OTHER, None, has_labels=False),
    "triplet_margin_loss": LossKind(LossFamily.OTHER, None, has_labels=False),
    "triplet_margin_with_distance_loss": LossKind(LossFamily.OTHER, None, has_labels=False),
    "linear_cross_entropy": LossKind(_CATEGORICAL, None, has_labels=False),
}

# keras.losses (3.15), by function name; ``from_logits=True`` turns probabilities into logits.
KERAS = {
    "binary_crossentropy": LossKind(_BINARY, ScoreKind.PROBABILITIES),
    "binary_focal_crossentropy": LossKind(_BINARY, ScoreKind.PROBABILITIES),
    "categorical_crossentropy": LossKind(_CATEGORICAL, ScoreKind.PROBABILITIES),
    "categorical_focal_crossentropy": LossKind(_CATEGORICAL, ScoreKind.PROBABILITIES),
    "sparse_categorical_crossentropy": LossKind(
        _CATEGORICAL, ScoreKind.PROBABILITIES, takes_index=True
    ),
    "mean_squared_error": LossKind(LossFamily.MEAN_SQUARED_ERROR, ScoreKind.PROBABILITIES),
    "mean_absolute_error": LossKind(LossFamily.MEAN_ABSOLUTE_ERROR, ScoreKind.PROBABILITIES),
    "huber": LossKind(LossFamily.OTHER, ScoreKind.PROBABILITIES),
    "log_cosh": LossKind(LossFamily.OTHER, ScoreKind.PROBABILITIES),
    "hinge": LossKind(LossFamily.HINGE, None),
    "squared_hinge": LossKind(LossFamily.HINGE, None),
    "categorical_hinge": LossKind(LossFamily.HINGE, None),
    "kl_divergence": LossKind(LossFamily.OTHER, ScoreKind.PROBABILITIES),
    "poisson": LossKind(LossFamily.OTHER, None),
}

# tensorflow.nn (2.21), by function name.
TENSORFLOW = {
    "sigmoid_cross_entropy_with_logits": LossKind(_BINARY, ScoreKind.LOGITS),
    "weighted_cross_entropy_with_logits": LossKind(_BINARY, ScoreKind.LOGITS),
    "softmax_cross_entropy_with_logits": LossKind(_CATEGORICAL, ScoreKind.LOGITS),
    "sparse_softmax_cross_entropy_with_logits": LossKind(
        _CATEGORICAL, ScoreKind.LOGITS, takes_index=True
    ),
}

# keras.losses classes whose name is not the function's in capitals.
KERAS_CLASSES = {
    "BinaryCrossentropy": "binary_crossentropy",
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "Huber": "huber",
    "LogCosh": "log_cosh",
    "Hinge": "hinge",
    "SquaredHinge": "squared_hinge",
    "CategoricalHinge": "categorical_hinge",
    "KLDivergence": "kl_divergence",
    "Poisson": "poisson",
}
