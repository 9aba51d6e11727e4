"""How a graph becomes a chain, and what a chain of operations says."""

from __future__ import annotations

import pytest

from grader.evidence import HiddenLayer, Operation, ScoreKind
from grader.probe.chain import Link, chain_of
from grader.probe.structure import BRANCH, named, score_kind, structure_of


def dense(units: int) -> Operation:
    return Operation(kind="dense", inputs=2, units=units)


def activation(name: str, *, axis: int | None = None) -> Operation:
    return Operation(kind="activation", activation=name, axis=axis)


def test_a_straight_graph_is_a_chain_of_single_steps() -> None:
    uses = {3: (2,), 2: (1, 9), 1: (0,), 9: ()}

    assert chain_of(uses, source=0, sink=3) == [Link(1), Link(2), Link(3)]


def test_steps_that_not_every_way_passes_are_a_branch() -> None:
    uses = {4: (3,), 3: (1, 2), 2: (1,), 1: (0,)}

    assert chain_of(uses, source=0, sink=4) == [Link(1), Link(3, (2,), is_split=True), Link(4)]


def test_a_step_that_uses_another_twice_is_split() -> None:
    assert chain_of({1: (0, 0)}, source=0, sink=1) == [Link(1, is_split=True)]


def test_an_output_that_does_not_depend_on_the_input_has_no_chain() -> None:
    assert chain_of({2: (1,), 1: ()}, source=0, sink=2) == []


def test_hidden_layers_and_ending_are_read_in_order() -> None:
    steps = [dense(8), activation("relu"), dense(4), Operation(kind="dropout"), dense(1)]

    structure = structure_of([*steps, activation("sigmoid")])

    assert structure.hidden == (
        HiddenLayer(units=8, activation="relu"),
        HiddenLayer(units=4, activation="linear"),
    )
    assert structure.ending == ("sigmoid",)
    assert structure.is_linear_chain is False


@pytest.mark.parametrize("kind", [BRANCH, "something-new"])
def test_an_unknown_step_hides_the_layers_around_it_but_not_the_output(kind: str) -> None:
    structure = structure_of([dense(8), Operation(kind=kind), dense(1)])

    assert structure.hidden is None
    assert structure.ending == ()
    assert structure.is_linear_chain is None
    assert structure.problem


@pytest.mark.parametrize("kind", [BRANCH, "something-new"])
def test_an_unknown_step_before_the_first_layer_hides_the_layers(kind: str) -> None:
    assert structure_of([Operation(kind=kind), dense(8), dense(1)]).hidden is None


@pytest.mark.parametrize("kind", ["scale", "shift", BRANCH, "something-new"])
def test_an_activation_that_is_changed_afterwards_is_not_the_output_activation(
    kind: str,
) -> None:
    assert structure_of([dense(1), activation("sigmoid"), Operation(kind=kind)]).ending is None


def test_two_activations_in_a_row_leave_a_hidden_layer_unknown() -> None:
    steps = [dense(8), activation("relu"), activation("tanh"), dense(1)]

    assert structure_of(steps).hidden is None


@pytest.mark.parametrize(
    ("applied", "name", "kind"),
    [
        ((), "linear", ScoreKind.LOGITS),
        (("sigmoid",), "sigmoid", ScoreKind.PROBABILITIES),
        (("softmax", "log"), "log_softmax", ScoreKind.LOG_PROBABILITIES),
        (("log_softmax", "exponential"), "softmax", ScoreKind.PROBABILITIES),
        (("softmax", "softmax"), "softmax + softmax", ScoreKind.PROBABILITIES),
        (("sigmoid", "clip"), "sigmoid", ScoreKind.PROBABILITIES),
        (("relu",), "relu", ScoreKind.VALUES),
        (("log",), "log", None),
    ],
)
def test_activations_after_the_last_layer_mean_a_kind_of_score(
    applied: tuple[str, ...], name: str, kind: ScoreKind | None
) -> None:
    assert named(applied) == name
    assert score_kind(applied) is kind


def test_a_softmax_over_another_axis_gives_no_probabilities_of_classes() -> None:
    assert score_kind(("softmax",), axis=-2) is ScoreKind.VALUES
