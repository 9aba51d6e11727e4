"""Hidden layers: how many, how wide, and what follows them."""

from __future__ import annotations

import pytest

from grader.checks.base import Outcome
from grader.checks.hidden_activation import HiddenActivationParams, hidden_activation
from grader.checks.hidden_layers import HiddenLayersParams, hidden_layers
from grader.checks.hidden_units import HiddenUnitsParams, hidden_units
from grader.evidence import Evidence, HiddenLayer, absent, unknown
from grader.testing import binary_evidence


def with_layers(*layers: tuple[int, str], **model: object) -> Evidence:
    described = tuple(HiddenLayer(units=units, activation=name) for units, name in layers)
    return binary_evidence(model={"hidden_layers": described, **model})


@pytest.mark.parametrize(
    ("count", "params", "outcome"),
    [
        (0, {}, Outcome.FAILED),
        (1, {}, Outcome.PASSED),
        (3, {}, Outcome.PASSED),
        (0, {"minimum": 0}, Outcome.PASSED),
        (2, {"minimum": 2, "maximum": 2}, Outcome.PASSED),
        (3, {"minimum": 2, "maximum": 2}, Outcome.FAILED),
        (1, {"minimum": 2, "maximum": 4}, Outcome.FAILED),
    ],
)
def test_hidden_layers_are_counted(count: int, params: dict[str, int], outcome: Outcome) -> None:
    evidence = with_layers(*[(16, "relu")] * count)

    finding = hidden_layers(evidence, HiddenLayersParams(**params))

    assert finding.outcome is outcome


def test_hidden_layers_are_shown_with_their_widths() -> None:
    finding = hidden_layers(with_layers((16, "relu"), (8, "relu")), HiddenLayersParams(minimum=3))

    assert finding.seen == "2 hidden layers (16, 8 units)"
    assert finding.expected == "at least 3 hidden layers"


def test_unknown_layers_are_undetermined_for_count_and_width() -> None:
    evidence = binary_evidence(model={"hidden_layers": unknown("the graph branches")})

    assert hidden_layers(evidence, HiddenLayersParams()).outcome is Outcome.UNDETERMINED
    assert hidden_units(evidence, HiddenUnitsParams()).outcome is Outcome.UNDETERMINED


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match=r"maximum: must not be below minimum \(3\), got 2"):
        HiddenLayersParams(minimum=3, maximum=2)
    with pytest.raises(ValueError, match=r"maximum: must not be below minimum \(8\), got 4"):
        HiddenUnitsParams(minimum=8, maximum=4)


@pytest.mark.parametrize(
    ("widths", "params", "outcome"),
    [
        ((8,), {"minimum": 8}, Outcome.PASSED),
        ((7,), {"minimum": 8}, Outcome.FAILED),
        ((16, 7), {"minimum": 8}, Outcome.FAILED),
        ((16, 64), {"minimum": 8, "maximum": 32}, Outcome.FAILED),
        ((), {}, Outcome.FAILED),
        ((16, 8), {"exact": (16, 8)}, Outcome.PASSED),
        ((8, 16), {"exact": (16, 8)}, Outcome.FAILED),
        ((16,), {"exact": (16, 8)}, Outcome.FAILED),
    ],
)
def test_widths_are_compared_with_inclusive_bounds(
    widths: tuple[int, ...], params: dict[str, object], outcome: Outcome
) -> None:
    evidence = with_layers(*[(width, "relu") for width in widths])

    finding = hidden_units(evidence, HiddenUnitsParams.model_validate(params))

    assert finding.outcome is outcome


def test_exact_widths_and_bounds_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exact: give either exact or"):
        HiddenUnitsParams(minimum=8, exact=(16,))


@pytest.mark.parametrize("name", ["relu", "ReLU", "tanh", "LeakyReLU", "leaky_relu", "swish"])
def test_any_non_linear_activation_passes_by_default(name: str) -> None:
    finding = hidden_activation(with_layers((16, name)), HiddenActivationParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == f"behind the hidden layer: {name}"


@pytest.mark.parametrize("allowed", ["LeakyReLU", "leaky_relu", "leaky-relu"])
@pytest.mark.parametrize("seen", ["LeakyReLU", "leaky_relu", "leaky-relu"])
def test_both_frameworks_spell_activations_alike(allowed: str, seen: str) -> None:
    finding = hidden_activation(with_layers((16, seen)), HiddenActivationParams(allowed=(allowed,)))

    assert finding.outcome is Outcome.PASSED


def test_an_activation_that_is_not_allowed_fails() -> None:
    finding = hidden_activation(
        with_layers((16, "sigmoid")), HiddenActivationParams(allowed=("relu", "tanh"))
    )

    assert finding.outcome is Outcome.FAILED
    assert finding.expected == "relu or tanh behind every hidden layer"


@pytest.mark.parametrize("nothing", ["linear", "Identity", "none"])
def test_one_layer_without_activation_fails_and_is_shown(nothing: str) -> None:
    finding = hidden_activation(with_layers((16, "relu"), (8, nothing)), HiddenActivationParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "behind the hidden layers, in order: relu, nothing"


def test_two_linear_layers_fail_with_and_without_a_sigmoid_at_the_end() -> None:
    raw = with_layers((16, "linear"), is_affine=True)
    squashed = with_layers((16, "linear"), is_affine=False, output_activation="sigmoid")

    assert hidden_activation(raw, HiddenActivationParams()).outcome is Outcome.FAILED
    assert hidden_activation(squashed, HiddenActivationParams()).outcome is Outcome.FAILED


def test_an_affine_model_fails_even_where_its_layers_are_unknown() -> None:
    evidence = binary_evidence(
        model={"hidden_layers": unknown("the graph branches"), "is_affine": True}
    )

    finding = hidden_activation(evidence, HiddenActivationParams())

    assert finding.outcome is Outcome.FAILED
    assert "affine" in finding.seen


def test_layers_and_behaviour_that_contradict_each_other_are_undetermined() -> None:
    dead = with_layers((16, "relu"), is_affine=True)
    missed = with_layers((16, "linear"), is_affine=False)
    open_end = with_layers(
        (16, "linear"), is_affine=False, output_activation=unknown("a lambda layer")
    )

    for evidence in (dead, missed, open_end):
        finding = hidden_activation(evidence, HiddenActivationParams())
        assert finding.outcome is Outcome.UNDETERMINED


def test_without_a_test_of_behaviour_the_layers_decide() -> None:
    evidence = with_layers((16, "linear"), is_affine=unknown("the model could not be called"))

    assert hidden_activation(evidence, HiddenActivationParams()).outcome is Outcome.FAILED


def test_no_hidden_layer_fails_and_unknown_layers_are_undetermined() -> None:
    none = hidden_activation(with_layers(), HiddenActivationParams())
    unseen = hidden_activation(
        binary_evidence(model={"hidden_layers": unknown("the graph branches")}),
        HiddenActivationParams(),
    )
    missing = hidden_activation(
        binary_evidence(model={"hidden_layers": absent("no model was trained")}),
        HiddenActivationParams(),
    )

    assert none.seen == "the model has no hidden layer"
    assert none.outcome is missing.outcome is Outcome.FAILED
    assert unseen.outcome is Outcome.UNDETERMINED
