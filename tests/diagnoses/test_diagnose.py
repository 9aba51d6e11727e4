"""Root causes come first, and what follows from them is folded into them."""

from __future__ import annotations

import pytest

from diagnoses.examples import FLAT, GROWS, binary, classes, failed, known, poor, trained
from grader.diagnoses import Severity, diagnose
from grader.evidence import (
    Framework,
    Freshness,
    InputStatistics,
    Provenance,
    ScoreKind,
    TargetEncoding,
    absent,
)

SOFTMAX_ON_ONE = {
    "model": {"output_activation": "softmax", "uses_input": False, "is_constant": True},
    "loss": {
        "receives": ScoreKind.PROBABILITIES,
        "expects": ScoreKind.PROBABILITIES,
        "name": "binary_crossentropy",
    },
}


def test_a_loss_that_is_stuck_is_told_with_its_cause() -> None:
    case = binary(
        Framework.KERAS,
        **{**SOFTMAX_ON_ONE, "training": {"curve": FLAT}},
        validation=known(poor()),
    )

    (told,) = diagnose(case)

    assert told.id == "softmax-over-one-unit"
    assert {each.id for each in told.follows} == {
        "loss-stuck",
        "forward-ignores-input",
        "minority-class-missed",
    }
    assert all(each.sentence.endswith(".") for each in told.follows)


def test_a_stuck_loss_without_a_cause_is_told_on_its_own() -> None:
    (told,) = diagnose(binary(**trained(curve=FLAT)))

    assert (told.id, told.severity, told.rule) == ("loss-stuck", Severity.ERROR, "R39")
    assert told.follows == ()


def test_a_consequence_of_a_consequence_goes_to_the_root() -> None:
    wide = InputStatistics(minimum=0.0, maximum=1000.0, spread_ratio=900.0)
    rates = ("learning_rate", "first_learning_rate", "highest_learning_rate")
    fast = {"name": "SGD", **dict.fromkeys(rates, 5.0)}
    changes = trained(curve=GROWS, inputs=wide, finite_losses=False)
    case = binary(
        **{**changes, "validation": known(poor())},
        optimizer=fast,
        preprocessing={"applied": absent("no transformer was found")},
    )

    (told,) = diagnose(case)

    assert told.id == "inputs-not-scaled"
    assert {each.id for each in told.follows} == {
        "learning-rate-too-high",
        "loss-exploded",
        "minority-class-missed",
    }


def test_errors_come_before_warnings_and_notes_last() -> None:
    case = binary(
        model={"unused_layers": ("fc3 (Linear)",)},
        training={"zero_grad": Freshness.NEVER, "evaluated_with_gradients": True},
        preprocessing={"dropped_columns": 2},
    )

    assert [each.id for each in diagnose(case, notes=True)] == [
        "missing-zero-grad",
        "unused-layer",
        "columns-dropped",
        "evaluated-with-gradients",
    ]
    assert [each.id for each in diagnose(case)] == [
        "missing-zero-grad",
        "unused-layer",
        "columns-dropped",
    ]


def test_the_same_case_is_told_in_the_same_words() -> None:
    case = binary(**{**SOFTMAX_ON_ONE, "training": {"curve": FLAT}})

    assert diagnose(case) == diagnose(case)


def test_a_diagnosis_says_what_was_seen_why_it_matters_and_what_to_change() -> None:
    case = classes(
        model={"output_activation": "softmax"}, loss={"receives": ScoreKind.PROBABILITIES}
    )

    (told,) = diagnose(case)

    assert told.seen == (
        "The outputs go through a softmax in the model, and CrossEntropyLoss applies it itself."
    )
    assert told.why.startswith("The loss takes the softmax of a softmax")
    assert told.change == (
        "Take the softmax away in the model and keep CrossEntropyLoss; apply it only when you "
        "predict."
    )
    assert told.provenance is Provenance.RECORDED


def test_advice_speaks_of_the_framework_that_was_used() -> None:
    one_hot = {"target_encoding": TargetEncoding.ONE_HOT, "target_shape": (None, 3)}
    loss = {"name": "sparse_categorical_crossentropy", **one_hot}

    (keras,) = diagnose(classes(Framework.KERAS, loss=loss))
    (nobody_knows,) = diagnose(classes(None, loss=loss))

    assert "PyTorch" not in keras.change
    assert "CrossEntropyLoss" not in keras.change
    assert nobody_knows.change.startswith("PyTorch: ")
    assert keras.change in nobody_knows.change


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        ("RuntimeError", "all elements of input should be between 0 and 1", "scores-not-"),
        ("RuntimeError", "element 0 of tensors does not require grad and does not have a grad_fn",
         "no-graph"),
        ("ValueError", "optimizer got an empty parameter list", "init-misspelled"),
        ("RuntimeError", "expected scalar type Long but found Float", "label-encoding"),
    ],
)  # fmt: skip
def test_an_error_of_the_framework_is_told_as_its_cause_and_nothing_beside_it(
    name: str, message: str, told: str
) -> None:
    (diagnosis,) = diagnose(failed(name, message))

    assert diagnosis.id.startswith(told)
    assert message[:40] in diagnosis.seen
