"""Was the model trained with an optimizer of the kind asked for?"""

from __future__ import annotations

import pytest

from grader.checks.base import Outcome
from grader.checks.optimizer import OptimizerParams, optimizer
from grader.evidence import absent, unknown
from grader.testing import binary_evidence


def test_any_optimizer_passes_by_default() -> None:
    finding = optimizer(binary_evidence(), OptimizerParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == "Adam"


@pytest.mark.parametrize(("name", "allowed"), [("Adam", "adam"), ("RMSprop", "rmsprop")])
def test_spelling_does_not_matter(name: str, allowed: str) -> None:
    evidence = binary_evidence(optimizer={"name": name})

    finding = optimizer(evidence, OptimizerParams(allowed=(allowed,)))

    assert finding.outcome is Outcome.PASSED


def test_another_optimizer_than_asked_for_fails() -> None:
    finding = optimizer(binary_evidence(), OptimizerParams(allowed=("SGD", "RMSprop")))

    assert finding.outcome is Outcome.FAILED
    assert finding.expected == "SGD or RMSprop"


def test_an_optimizer_of_another_model_fails() -> None:
    evidence = binary_evidence(optimizer={"holds_parameters": False})

    finding = optimizer(evidence, OptimizerParams())

    assert finding.outcome is Outcome.FAILED
    assert "something else than this model" in finding.seen


@pytest.mark.parametrize(
    ("rate", "outcome"),
    [
        (0.001, Outcome.PASSED),
        (0.0010000000474974513, Outcome.PASSED),
        (0.1, Outcome.PASSED),
        (0.10000000149011612, Outcome.PASSED),
        (0.00099, Outcome.FAILED),
        (0.11, Outcome.FAILED),
    ],
)
def test_learning_rates_have_inclusive_bounds_in_single_precision_too(
    rate: float, outcome: Outcome
) -> None:
    params = OptimizerParams.model_validate(
        {"minimum_learning_rate": 0.001, "maximum_learning_rate": 0.1}
    )

    finding = optimizer(binary_evidence(optimizer={"learning_rate": rate}), params)

    assert finding.outcome is outcome


def test_an_unknown_learning_rate_matters_only_where_there_are_bounds() -> None:
    evidence = binary_evidence(optimizer={"learning_rate": unknown("a schedule by hand")})
    bounded = OptimizerParams.model_validate({"maximum_learning_rate": 0.1})

    assert optimizer(evidence, OptimizerParams()).outcome is Outcome.PASSED
    assert optimizer(evidence, bounded).outcome is Outcome.UNDETERMINED


def test_gradient_descent_by_hand_passes_where_no_optimizer_is_named() -> None:
    evidence = binary_evidence(optimizer={"name": absent("no optimizer was created")})

    free = optimizer(evidence, OptimizerParams())
    named = optimizer(evidence, OptimizerParams(allowed=("Adam",)))

    assert free.outcome is Outcome.PASSED
    assert "by hand" in free.seen
    assert named.outcome is Outcome.FAILED


def test_an_unknown_optimizer_is_undetermined() -> None:
    evidence = binary_evidence(optimizer={"name": unknown("the recorder did not start")})

    assert optimizer(evidence, OptimizerParams()).outcome is Outcome.UNDETERMINED


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="maximum_learning_rate: must not be below"):
        OptimizerParams.model_validate(
            {"minimum_learning_rate": 0.1, "maximum_learning_rate": 0.01}
        )
