"""What happened to the rows before they reached the model."""

from __future__ import annotations

from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, say
from grader.evidence import InputStatistics

_TROUBLE: Final = (
    "inputs-not-scaled",
    "loss-stuck",
    "still-falling",
    "loss-exploded",
    "learning-rate-too-high",
    "learning-rate-too-low",
    "inactive-units",
    "saturated-units",
    "minority-class-missed",
)
_PASSING: Final = frozenset({"flatten", "reshape", "cast", "identity", "dropout", "transpose"})
_FED_RAW: Final = frozenset({"dense", "conv1d", "conv2d", "conv3d"})
WIDE: Final = 20.0
"""Values beyond this are far from what initial weights are made for."""
WIDE_IF_UNEVEN: Final = 10.0
UNEVEN: Final = 10.0
"""Largest spread of a column by the smallest: beyond it, one column drowns the others."""
MORE_ROWS: Final = 1.05
SAME_ROWS: Final = 0.1


def missing_values(case: Case) -> Found | None:
    """Look for rows that hold no number where one should be.

    What it looks for:
        NaN or infinite values among the training rows.

    Why it matters:
        A single NaN makes the loss NaN, then every weight, and the model never recovers.

    Finds:
        Empty cells of a table that nobody filled in.

    Leaves alone:
        Missing values that were filled or dropped before.

    Does not detect:
        Numbers such as -999 that stand for a missing value.

    Source:
        Rule table R28.
    """
    inputs = case.evidence.training.inputs
    if inputs.value is None or not inputs.value.has_missing:
        return None
    change = (
        "Fill the gaps or drop such rows before training: SimpleImputer, or table.dropna(); "
        "np.isfinite(X).all() must be true."
    )
    return found("The training rows hold NaN or infinite values.", change, inputs)


def scaler_not_applied(case: Case) -> Found | None:
    """Look for a scaler that was fitted for nothing.

    What it looks for:
        A scaler that was fitted on the training rows, while the model got these rows unscaled.

    Why it matters:
        The code looks as if the inputs were scaled, and they are not: training suffers as if there
        were no scaler.

    Finds:
        ``X_scaled = scaler.fit_transform(X)``, then ``model.fit(X, y)``.

    Leaves alone:
        Rows that went through any scaler on their way.

    Does not detect:
        Scaling by hand.

    Source:
        Rule table R21.
    """
    preprocessing = case.evidence.preprocessing
    if preprocessing.bypassed.value is None or preprocessing.applied.is_known:
        return None
    seen = f"{preprocessing.bypassed.value} was fitted, but the model was trained on unscaled rows."
    change = (
        "Train on what transform or fit_transform returns, and pass test rows through the same "
        "scaler with transform."
    )
    return found(seen, change, preprocessing.bypassed)


def inputs_not_scaled(case: Case) -> Found | None:
    """Look for columns of very different size, or large values, that go straight into a layer.

    What it looks for:
        Values beyond 20, or beyond 10 with spreads that differ more than tenfold, that enter a
        dense or convolutional layer with no normalisation before it.

    Why it matters:
        The largest column decides everything and the others are hardly learnt; the loss jumps, and
        a small learning rate is the only one that works.

    Finds:
        A column of incomes beside one of ages; images of 0 to 255.

    Leaves alone:
        Rows that went through a scaler; models that start with a normalisation or an embedding;
        points between -5 and 5.

    Does not detect:
        Columns that are all small but uneven.

    Source:
        Rule table R20; UMLAUT (CHI 2021), "input data exceeds typical limits".
    """
    inputs, operations = case.evidence.training.inputs, case.evidence.model.operations
    preprocessing = case.evidence.preprocessing
    if inputs.value is None or operations.value is None or preprocessing.applied.is_known:
        return None
    first = next((step.kind for step in operations.value if step.kind not in _PASSING), "")
    if first not in _FED_RAW or not _is_unscaled(inputs.value):
        return None
    low, high, ratio = inputs.value.minimum, inputs.value.maximum, inputs.value.spread_ratio
    seen = f"The rows went into the model with values from {low:.4g} to {high:.4g}"
    seen += f", and columns whose spreads differ {ratio:.0f}-fold." if ratio > UNEVEN else "."
    change = say(
        case,
        pytorch="Scale the columns: fit a StandardScaler on the training rows and transform all "
        "rows with it; divide images by 255.",
        keras="Scale the columns: fit a StandardScaler on the training rows, or begin with a "
        "Normalization layer that was adapted to them; begin with Rescaling(1 / 255) for images.",
    )
    return found(seen, change, inputs, operations)


def _is_unscaled(inputs: InputStatistics) -> bool:
    largest = max(abs(inputs.minimum), abs(inputs.maximum))
    return largest > WIDE or (inputs.spread_ratio > UNEVEN and largest > WIDE_IF_UNEVEN)


def scaler_fitted_on_other_rows(case: Case) -> Found | None:
    """Look for a scaler that has seen rows it should not know.

    What it looks for:
        A scaler fitted on the training rows and all the rows the model was tested on, or fitted
        once more on the latter.

    Why it matters:
        Fitted before the split, the scaler tells the model about the test rows. Fitted again on
        them, it maps test rows otherwise than training rows, and the model sees other numbers than
        it has learnt.

    Finds:
        ``scaler.fit_transform(X)`` before ``train_test_split``; ``scaler.fit_transform(X_test)``.

    Leaves alone:
        A scaler fitted on the rows that ``validation_split`` later sets aside, where there are
        test rows besides; a scaler refitted for the next fold of a cross-validation.

    Does not detect:
        A refit where the model was not asked about those rows.

    Source:
        Rule table R22; scikit-learn, "Common pitfalls: data leakage".
    """
    preprocessing, training = case.evidence.preprocessing, case.evidence.training
    evaluated, trained = training.evaluated_on, training.rows
    if not preprocessing.applied.is_known or evaluated.value is None or trained.value is None:
        return None
    others = evaluated.value.rows - evaluated.value.trained
    if others < 1:
        return None
    change = (
        "Split first. Call fit (or fit_transform) on the training rows only, and transform on all "
        "the others."
    )
    again, fitted = preprocessing.refitted_on.value, preprocessing.rows_fitted.value
    name = preprocessing.applied.value
    if again is not None and abs(again - others) <= SAME_ROWS * others:
        seen = f"{name} was fitted again on {again} rows after the {trained.value} training rows."
        return found(seen, change, preprocessing.refitted_on, evaluated)
    if fitted is None or fitted < trained.value + others or fitted < MORE_ROWS * trained.value:
        return None
    seen = f"{name} was fitted on {fitted} rows, the model trained on {trained.value} of them and "
    seen += f"tested on {others} others."
    return found(seen, change, preprocessing.rows_fitted, evaluated, trained)


def columns_dropped(case: Case) -> Found | None:
    """Look for columns that a transformer left behind.

    What it looks for:
        Columns of the table that never reach the output of the fitted transformer.

    Why it matters:
        ``ColumnTransformer`` drops every column that is not named, without a word: information is
        lost that the model could use.

    Finds:
        ``ColumnTransformer([("scale", StandardScaler(), ["age"])])`` on a table of twelve columns.

    Leaves alone:
        ``remainder="passthrough"``; columns that were dropped before, by name.

    Does not detect:
        Whether the columns were left out on purpose.

    Source:
        Rule table R26; scikit-learn ``ColumnTransformer``.
    """
    dropped = case.evidence.preprocessing.dropped_columns
    if not dropped.value:
        return None
    columns = "1 column" if dropped.value == 1 else f"{dropped.value} columns"
    name = case.evidence.preprocessing.applied.value or "the transformer"
    seen = f"{columns} of the table never came out of {name}."
    change = (
        'Name every column, or set remainder="passthrough". If you mean to leave them out, drop '
        "them from the table first."
    )
    return found(seen, change, dropped)


RULES: Final = (
    Rule(
        id="missing-values",
        row="R28",
        severity=Severity.ERROR,
        title="Missing values in the inputs",
        find=missing_values,
        needs=("training.inputs",),
        explains=_TROUBLE,
    ),
    Rule(
        id="scaler-not-applied",
        row="R21",
        severity=Severity.ERROR,
        title="A scaler was fitted and not used",
        find=scaler_not_applied,
        needs=("preprocessing.bypassed", "preprocessing.applied"),
        explains=_TROUBLE,
    ),
    Rule(
        id="inputs-not-scaled",
        row="R20",
        severity=Severity.WARNING,
        title="Inputs that were not scaled",
        find=inputs_not_scaled,
        needs=("training.inputs", "model.operations"),
        explains=_TROUBLE[1:],
    ),
    Rule(
        id="scaler-fitted-on-other-rows",
        row="R22",
        severity=Severity.WARNING,
        title="A scaler that knows the test rows",
        find=scaler_fitted_on_other_rows,
        needs=(
            "preprocessing.applied",
            "preprocessing.rows_fitted",
            "training.evaluated_on",
            "training.rows",
        ),
    ),
    Rule(
        id="columns-dropped",
        row="R26",
        severity=Severity.WARNING,
        title="Columns that were silently dropped",
        find=columns_dropped,
        needs=("preprocessing.dropped_columns",),
    ),
)
