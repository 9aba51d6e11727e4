"""Is the activation behind the last layer one that suits the task?"""

from __future__ import annotations

import pytest

from grader.checks.activations import canonical, final_activation
from grader.checks.base import NoParams, Outcome
from grader.checks.output_activation import output_activation
from grader.evidence import Operation, Provenance, absent, unknown
from grader.testing import binary_evidence, multiclass_evidence, multilabel_evidence


def test_softmax_on_one_unit_fails_and_says_why() -> None:
    evidence = binary_evidence(model={"output_activation": "softmax"})

    finding = output_activation(evidence, NoParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == (
        "the model ends in softmax: over a single output it is always the same number"
    )
    assert finding.expected == "no activation or a sigmoid"


def test_an_activation_outside_the_model_is_told_apart() -> None:
    evidence = binary_evidence(loss={"outside_activation": "sigmoid"})

    finding = output_activation(evidence, NoParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == "the training code applies sigmoid to what the model gives"
    assert finding.provenance is Provenance.RECORDED


def test_softmax_over_the_rows_of_a_batch_fails() -> None:
    def with_axis(axis: int) -> Outcome:
        evidence = multiclass_evidence(
            model={
                "output_activation": "softmax",
                "operations": (
                    Operation(kind="dense", inputs=2, units=3),
                    Operation(kind="activation", activation="softmax", axis=axis),
                ),
            }
        )
        return output_activation(evidence, NoParams()).outcome

    assert with_axis(-1) is Outcome.PASSED
    assert with_axis(-2) is Outcome.FAILED


def test_a_softmax_within_the_network_is_not_taken_for_its_end() -> None:
    attention = Operation(kind="activation", activation="softmax", axis=-2)
    evidence = multiclass_evidence(model={"operations": (attention,)})

    assert output_activation(evidence, NoParams()).outcome is Outcome.PASSED


def test_several_sigmoids_for_classes_pass_with_a_remark() -> None:
    evidence = multiclass_evidence(model={"output_activation": "sigmoid"})

    finding = output_activation(evidence, NoParams())

    assert finding.outcome is Outcome.PASSED
    assert "usual choice" in finding.seen


def test_an_activation_nobody_knows_is_undetermined() -> None:
    evidence = binary_evidence(model={"output_activation": "Snake"})

    finding = output_activation(evidence, NoParams())

    assert finding.outcome is Outcome.UNDETERMINED
    assert "Snake" in finding.seen


def test_what_cannot_be_seen_is_undetermined() -> None:
    no_inside = binary_evidence(model={"output_activation": unknown("a lambda layer")})
    no_outside = binary_evidence(loss={"outside_activation": unknown("a loss by hand")})
    no_units = binary_evidence(
        model={"output_activation": "softmax", "output_shape": unknown("never called")}
    )

    for evidence in (no_inside, no_outside, no_units):
        assert output_activation(evidence, NoParams()).outcome is Outcome.UNDETERMINED


def test_no_activation_is_right_whatever_the_number_of_outputs() -> None:
    evidence = binary_evidence(model={"output_shape": unknown("never called")})

    assert output_activation(evidence, NoParams()).outcome is Outcome.PASSED


def test_an_activation_in_the_model_speaks_for_itself_where_the_loss_is_unknown() -> None:
    right = binary_evidence(
        model={"output_activation": "sigmoid"}, loss={"outside_activation": unknown("by hand")}
    )
    wrong = multilabel_evidence(
        model={"output_activation": "softmax"}, loss={"outside_activation": absent("no loss")}
    )

    assert output_activation(right, NoParams()).outcome is Outcome.PASSED
    assert output_activation(wrong, NoParams()).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("inside", "outside", "final"),
    [
        ("Identity", "linear", "linear"),
        ("softmax", "log", "log-softmax"),
        ("log_softmax", "exp", "softmax"),
        ("linear", "sigmoid", "sigmoid"),
        ("sigmoid", "sigmoid", "sigmoid and sigmoid"),
    ],
)
def test_two_activations_that_amount_to_one_carry_its_name(
    inside: str, outside: str, final: str
) -> None:
    evidence = binary_evidence(
        model={"output_activation": inside}, loss={"outside_activation": outside}
    )

    assert final_activation(evidence).known_value == final


@pytest.mark.parametrize("name", ["LogSoftmax", "log_softmax", "log-softmax", "log softmax"])
def test_spellings_of_one_activation_are_one(name: str) -> None:
    assert canonical(name) == "logsoftmax"
