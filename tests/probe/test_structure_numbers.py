"""Activations told by numbers, and units that do nothing useful; no framework is needed."""

from __future__ import annotations

import numpy as np
import pytest

from grader.evidence import Operation
from grader.probe.formulas import with_formulas
from grader.probe.numeric import ELEMENTWISE, activation_between, log_softmax, softmax
from grader.probe.passages import Passage, compared
from grader.probe.units import identical_share, inactive_share, saturated_share

VALUES = np.random.default_rng(3).normal(scale=4.0, size=(6, 5)).astype(np.float32)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_each_activation_is_told_from_all_others(name: str) -> None:
    found = activation_between(VALUES, ELEMENTWISE[name](VALUES))

    assert found == (name.removesuffix(" (tanh)"), None)


@pytest.mark.parametrize("axis", [-1, -2])
def test_the_axis_of_a_softmax_is_told(axis: int) -> None:
    assert activation_between(VALUES, softmax(VALUES, axis)) == ("softmax", axis)
    assert activation_between(VALUES, log_softmax(VALUES, axis)) == ("log_softmax", axis)


def test_a_leaky_relu_of_any_slope_is_told() -> None:
    assert activation_between(VALUES, np.where(VALUES > 0, VALUES, 0.3 * VALUES)) == (
        "leaky_relu",
        None,
    )


def test_numbers_above_zero_do_not_tell_whether_they_were_rectified() -> None:
    assert activation_between(np.abs(VALUES), np.abs(VALUES)) is None


def test_an_unknown_function_is_no_activation() -> None:
    assert activation_between(VALUES, VALUES**2) is None


def layer(given: np.ndarray, units: int, seed: int, *, kind: str = "dense") -> Passage:
    weights = np.random.default_rng(seed).normal(size=(given.shape[-1], units))
    return Passage(kind, given, given @ weights, units)


def test_layers_are_joined_by_what_maps_one_onto_the_next() -> None:
    first = layer(VALUES, 8, 0)
    second = layer(np.maximum(first.result, 0), 3, 1)

    found = compared([first, second], VALUES, softmax(second.result, -1))

    assert found.hidden is not None
    assert [(one.units, one.activation) for one in found.hidden] == [(8, "relu")]
    assert (found.ending, found.softmax_axis) == (("softmax",), -1)


def test_a_layer_that_was_not_called_as_one_makes_the_numbers_silent() -> None:
    first = layer(VALUES, 8, 0)
    last = layer(np.maximum(first.result, 0) @ np.ones((8, 8)), 3, 1)

    assert compared([first, last], VALUES, last.result).hidden is None
    assert compared([last], VALUES, last.result).hidden is None


def test_a_formula_becomes_the_activation_that_it_computes() -> None:
    results = [VALUES, np.exp(-VALUES), 1 + np.exp(-VALUES), 1 / (1 + np.exp(-VALUES))]
    steps = [Operation(kind="dense", units=5)]
    steps += [Operation(kind=kind) for kind in ("power", "shift", "division")]

    found, after = with_formulas(steps, [(-1,), (0,), (1,), (2,)], lambda place: results[place])

    assert found[-1].activation == "sigmoid"
    assert after[-1] == (0,)


def test_units_are_copies_if_weights_and_bias_are_equal() -> None:
    weights = np.array([[1.0, 1.0, 2.0, 1.0], [0.5, 0.5, 0.5, 0.5]])

    assert identical_share([(weights, None)]) == 0.75
    assert identical_share([(weights, np.array([0.0, 1.0, 0.0, 0.0]))]) == 0.5
    assert identical_share([(weights[:, :1], None)]) is None


def test_rectified_units_that_are_never_on_are_counted() -> None:
    values = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])

    assert inactive_share([("relu", values), ("tanh", values)]) == pytest.approx(1 / 3)
    assert inactive_share([("tanh", values)]) is None


def test_units_at_an_end_of_their_range_are_counted() -> None:
    values = np.array([[-1.0, 0.2], [-0.999, 0.9], [-1.0, 0.5]])

    assert saturated_share([("tanh", values)]) == 0.5
    assert saturated_share([("sigmoid", np.full((4, 2), 0.995))]) == 1.0
    assert saturated_share([("relu", values)]) is None
