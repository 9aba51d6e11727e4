"""Which rows a model was trained on, tested on and chosen by."""

from __future__ import annotations

from typing import Final

from grader.diagnoses.base import Case, Found, Rule, Severity, found, say
from grader.evidence import EvaluatedRows, Measurement, Task

FEWEST_TESTED: Final = 12
FEWEST_FOR_ALL: Final = 20
MOST_OF_TRAINING: Final = 0.6
LEAST_OF_TRAINING: Final = 0.1
"""Fewer rows than this are a look at a few examples, no test."""
NEARLY_ALL: Final = 0.9
_CHOOSING: Final = frozenset({"EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau"})
FEWEST_BATCHES: Final = 4
SINGLE_CLASS: Final = 0.5
NEARLY_ALL_SINGLE: Final = 0.8
LARGE_BATCH: Final = 16
BEYOND_CHANCE: Final = 0.3
FEWEST_OF_A_CLASS: Final = 2


def _only_trained_rows(case: Case) -> EvaluatedRows | None:
    """Rows that a trained model was evaluated on, if all of them were trained on."""
    evaluated = case.evidence.training.evaluated_on.value
    if evaluated is None or case.evidence.is_trained.value is not True:
        return None
    return evaluated if evaluated.trained == evaluated.rows else None


def trained_on_test_rows(case: Case) -> Found | None:
    """Look for test rows that the model already knows.

    What it looks for:
        The model was evaluated on part of its training rows only: at least 12 rows, a tenth to
        six tenths of them, and on no other row.

    Why it matters:
        The model has seen the answers. Its score on such rows says how well it remembers, not how
        well it does on new ones.

    Finds:
        A split into training and test rows, then ``model.fit(X, y)`` with all of them.

    Leaves alone:
        An evaluation on new rows, whatever else was evaluated; a look at a few examples.

    Does not detect:
        Test rows that were only partly trained on.

    Source:
        Rule table R23.
    """
    evaluated = _only_trained_rows(case)
    if evaluated is None or evaluated.rows < FEWEST_TESTED:
        return None
    if not LEAST_OF_TRAINING <= evaluated.share_of_training <= MOST_OF_TRAINING:
        return None
    seen = f"All {evaluated.rows} rows that the model was evaluated on were trained on as well."
    change = say(
        case,
        pytorch="Train on X_train, y_train only; evaluate on X_test, y_test.",
        keras="Call model.fit(X_train, y_train) and model.evaluate(X_test, y_test).",
    )
    return found(seen, change, case.evidence.training.evaluated_on, case.evidence.is_trained)


def evaluated_on_training_rows(case: Case) -> Found | None:
    """Look for a score that was only ever computed on training rows.

    What it looks for:
        At least 20 rows were evaluated, all of them trained on, and nearly all that were trained
        on.

    Why it matters:
        The score says how well the model remembers its training rows. Whether it does as well on
        new ones is not known.

    Finds:
        ``model.fit(X, y)``, then ``model.evaluate(X, y)`` and nothing else.

    Leaves alone:
        Training accuracy printed beside that on other rows; ``validation_split``.

    Does not detect:
        Programs that never evaluate.

    Source:
        Rule table R24.
    """
    evaluated = _only_trained_rows(case)
    if evaluated is None or evaluated.rows < FEWEST_FOR_ALL:
        return None
    if evaluated.share_of_training < NEARLY_ALL:
        return None
    seen = f"The model was evaluated on {evaluated.rows} rows, all of them training rows."
    change = say(
        case,
        pytorch="Set rows aside before training (train_test_split) and evaluate on those.",
        keras="Set rows aside before training (train_test_split, or validation_split in fit) and "
        "evaluate on those.",
    )
    return found(seen, change, case.evidence.training.evaluated_on, case.evidence.is_trained)


def selected_on_test_rows(case: Case) -> Found | None:
    """Look for test rows that had a say in the training.

    What it looks for:
        ``EarlyStopping``, ``ModelCheckpoint`` or ``ReduceLROnPlateau`` watched rows that the model
        was then evaluated on.

    Why it matters:
        The epoch was chosen because it does well on these rows, so that the score on them is
        better than on new ones.

    Finds:
        ``fit(..., validation_data=(X_test, y_test), callbacks=[EarlyStopping()])``, then
        ``evaluate(X_test, y_test)``.

    Leaves alone:
        Validation rows that are not the test rows; ``validation_data`` without such callbacks.

    Does not detect:
        A loop by hand that keeps the best epoch.

    Source:
        Rule table R25.
    """
    training = case.evidence.training
    callbacks = training.callbacks.value or ()
    watching = [name for name in callbacks if name in _CHOOSING]
    if training.selected_on_evaluated.value is not True or not watching:
        return None
    seen = f"{watching[0]} decided by rows that the model was then evaluated on."
    change = (
        "Let the callback watch other rows: validation_split=0.2, or a third part of the data; "
        "keep the test rows for the very end."
    )
    return found(seen, change, training.selected_on_evaluated, training.callbacks)


def unshuffled_batches(case: Case) -> Found | None:
    """Look for mini-batches that know one class only.

    What it looks for:
        More than half of at least four batches hold a single class, although the labels differ
        between batches, and more than chance would make.

    Why it matters:
        Each batch pulls the model towards its own class and undoes what the one before has
        taught.

    Finds:
        Rows sorted by class and ``DataLoader(..., shuffle=False)``.

    Leaves alone:
        Rare classes, which many batches miss by chance; full batches.

    Does not detect:
        Rows in another telling order, such as by time.

    Source:
        Rule table R27.
    """
    training = case.evidence.training
    share, steps = training.single_class_batches, training.steps
    if share.value is None or steps.value is None or steps.value < FEWEST_BATCHES:
        return None
    if share.value <= max(SINGLE_CLASS, _by_chance(case)):
        return None
    seen = f"{share.value:.0%} of the batches hold rows of a single class."
    change = say(
        case,
        pytorch="Shuffle: DataLoader(dataset, batch_size=32, shuffle=True), or take the rows in "
        "the order of torch.randperm(len(X)) in each epoch.",
        keras="Leave shuffle=True in fit as it is, or call dataset.shuffle(len(X)) before batch; "
        "validation_split takes the last rows, so shuffle before.",
    )
    return found(seen, change, share, steps)


def _by_chance(case: Case) -> float:
    """Share of single-class batches that is no surprise in shuffled rows."""
    training, measured = case.evidence.training, case.measured.value
    rows, epochs, steps = training.rows.value, training.epochs.value, training.steps.value
    size = rows * epochs / steps if rows and epochs and steps else None
    if measured is not None and size is not None:
        return float(measured.majority_share**size) + BEYOND_CHANCE
    # A class of 5 % is missed by two batches of eight out of three.
    return SINGLE_CLASS if size is not None and size >= LARGE_BATCH else NEARLY_ALL_SINGLE


def minority_class_missed(case: Case) -> Found | None:
    """Look for a class that the model never finds.

    What it looks for:
        A class with at least two rows, none of which was recognised.

    Why it matters:
        The accuracy hides it: where 95 of 100 rows belong to one class, a model that always says
        so is right 95 times.

    Finds:
        A model for rare events that never predicts one.

    Leaves alone:
        Classes of which some rows are found; multilabel exercises.

    Does not detect:
        Anything without a measurement on validation or hidden rows.

    Source:
        Rule table R29.
    """
    fact = case.measured
    if fact.value is None or case.brief is None or case.task is Task.MULTILABEL:
        return None
    name = _missed_class(fact.value, case.brief.classes)
    if name is None:
        return None
    seen = f'No row of class "{name}" was recognised.'
    change = say(
        case,
        pytorch="Weigh the rare class more (pos_weight in BCEWithLogitsLoss, weight in "
        "CrossEntropyLoss), draw it more often, and look at recall, not only at accuracy.",
        keras="Weigh the rare class more (class_weight in fit), draw it more often, and look at "
        "recall, not only at accuracy.",
    )
    return found(seen, change, fact)


def _missed_class(measured: Measurement, classes: tuple[str, ...]) -> str | None:
    for name, number in zip(classes, range(len(measured.confusion)), strict=False):
        row = measured.confusion[number]
        if sum(row) >= FEWEST_OF_A_CLASS and row[number] == 0:
            return name
    return None


RULES: Final = (
    Rule(
        id="trained-on-test-rows",
        row="R23",
        severity=Severity.ERROR,
        title="The test rows were trained on",
        find=trained_on_test_rows,
        needs=("training.evaluated_on", "is_trained"),
        explains=("scaler-fitted-on-other-rows", "selected-on-test-rows"),
    ),
    Rule(
        id="evaluated-on-training-rows",
        row="R24",
        severity=Severity.WARNING,
        title="Evaluated on training rows only",
        find=evaluated_on_training_rows,
        needs=("training.evaluated_on", "is_trained"),
        explains=("selected-on-test-rows",),
    ),
    Rule(
        id="selected-on-test-rows",
        row="R25",
        severity=Severity.WARNING,
        title="The test rows chose the epoch",
        find=selected_on_test_rows,
        needs=("training.selected_on_evaluated", "training.callbacks"),
    ),
    Rule(
        id="unshuffled-batches",
        row="R27",
        severity=Severity.WARNING,
        title="Batches of one class only",
        find=unshuffled_batches,
        needs=("training.single_class_batches", "training.steps"),
        explains=(
            "loss-stuck",
            "still-falling",
            "loss-exploded",
            "learning-rate-too-high",
            "overfitted",
            "minority-class-missed",
        ),
    ),
    Rule(
        id="minority-class-missed",
        row="R29",
        severity=Severity.WARNING,
        title="A class that is never recognised",
        find=minority_class_missed,
        needs=("measured",),
    ),
)
