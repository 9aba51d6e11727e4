"""What a computation that branches and joins says; no framework is needed."""

from __future__ import annotations

import pytest

from grader.evidence import HiddenLayer, Operation
from grader.probe.spelled_out import on_ways
from grader.probe.structure import Structure, ingredients, structure_of, weighted_layers
from grader.probe.witnesses import agreed


def step(kind: str, *after: int, units: int | None = None) -> Operation:
    return Operation(kind=kind, units=units, after=after or None)


def dense(units: int, *after: int) -> Operation:
    return step("dense", *after, units=units)


def activation(name: str, *after: int, axis: int | None = None) -> Operation:
    return Operation(kind="activation", activation=name, axis=axis, after=after or None)


def hidden(structure: Structure) -> list[tuple[int, str]] | None:
    if structure.hidden is None:
        return None
    return [(layer.units, layer.activation) for layer in structure.hidden]


def test_a_residual_addition_keeps_each_layers_own_activation() -> None:
    steps = [
        dense(8),
        activation("relu"),
        dense(8),
        activation("tanh"),
        step("add", 1, 3),
        dense(1),
        activation("sigmoid"),
    ]

    structure = structure_of(steps)

    assert hidden(structure) == [(8, "relu"), (8, "tanh")]
    assert structure.ending == ("sigmoid",)
    assert ingredients(steps) == ("residual",)
    assert structure.is_linear_chain is False


def test_an_activation_after_the_addition_belongs_to_the_branch_without_one() -> None:
    steps = [
        dense(8),
        activation("relu"),
        dense(8),
        step("add", 1, 2),
        activation("gelu"),
        dense(1),
    ]

    assert hidden(structure_of(steps)) == [(8, "relu"), (8, "gelu")]


def test_towers_on_slices_of_the_input_stand_in_the_order_of_the_calls() -> None:
    steps = [
        step("slice", -1),
        dense(5, 0),
        activation("relu", 1),
        step("slice", -1),
        dense(6, 3),
        step("concatenate", 2, 4),
        dense(2),
    ]

    structure = structure_of(steps)

    assert hidden(structure) == [(5, "relu"), (6, "linear")]
    assert weighted_layers(steps) == ("dense", "dense", "dense")


def test_a_gate_keeps_its_sigmoid() -> None:
    steps = [
        dense(8),
        dense(8, -1),
        activation("sigmoid"),
        step("multiply", 0, 2),
        dense(1),
    ]

    assert hidden(structure_of(steps)) == [(8, "linear"), (8, "sigmoid")]


def test_an_activation_of_a_gated_product_belongs_to_no_layer() -> None:
    steps = [
        dense(8),
        dense(8, -1),
        activation("sigmoid"),
        step("multiply", 0, 2),
        activation("relu"),
        dense(1),
    ]

    assert hidden(structure_of(steps)) is None


def test_scores_between_queries_and_keys_are_no_activation_of_either() -> None:
    steps = [
        dense(4),
        dense(4, -1),
        dense(4, -1),
        step("matrix-product", 0, 1),
        activation("softmax", axis=-1),
        step("matrix-product", 2, 4),
        dense(2),
    ]

    assert hidden(structure_of(steps)) == [(4, "linear")] * 3


def test_outputs_that_differ_leave_the_output_activation_unknown() -> None:
    steps = [
        dense(8),
        dense(1, 0),
        activation("sigmoid"),
        dense(2, 0),
        step("concatenate", 2, 3),
    ]

    assert structure_of(steps).ending is None


def test_outputs_that_agree_have_one_output_activation() -> None:
    steps = [dense(8), dense(1, 0), dense(2, 0), step("concatenate", 1, 2)]

    structure = structure_of(steps)

    assert structure.ending == ()
    assert hidden(structure) == [(8, "linear"), (1, "linear")]


def test_what_follows_a_sum_of_outputs_belongs_to_the_sum() -> None:
    steps = [dense(1), dense(1, -1), step("add", 0, 1), activation("sigmoid")]

    structure = structure_of(steps)

    assert structure.ending == ("sigmoid",)
    assert structure.hidden is None


def test_a_probability_joined_with_its_rest_is_unknown() -> None:
    steps = [dense(1), activation("sigmoid"), step("shift"), step("concatenate", 1, 2)]

    assert structure_of(steps).ending is None


def test_an_unknown_part_hides_only_what_depends_on_it() -> None:
    after_the_layers = structure_of([dense(8), activation("relu"), dense(1), step("fft")])

    assert hidden(after_the_layers) == [(8, "relu")]
    assert after_the_layers.ending is None


def test_functions_of_the_input_hold_no_layer() -> None:
    steps = [
        step("power", -1),
        step("concatenate", -1, 0),
        dense(8),
        activation("relu"),
        dense(1),
    ]

    structure = structure_of(steps)

    assert hidden(structure) == [(8, "relu")]
    assert structure.is_linear_chain is False


def test_a_recurrent_layer_says_its_own_activation_unless_another_follows() -> None:
    own = Operation(kind="recurrent", units=7, activation="tanh")

    assert hidden(structure_of([own, step("slice"), dense(1)])) == [(7, "tanh")]
    assert hidden(structure_of([own, activation("relu"), dense(1)])) == [(7, "relu")]


def test_an_embedding_of_positions_takes_part_without_data() -> None:
    steps = [
        step("embedding", units=8),
        Operation(kind="embedding", units=8, after=()),
        step("shift", 0, 1),
        step("attention", units=8),
        dense(2),
    ]

    assert hidden(structure_of(steps)) == [(8, "linear")] * 3
    assert ingredients(steps) == ()


def test_only_layers_and_affine_steps_make_an_affine_computation() -> None:
    assert structure_of([dense(8), step("batch-norm"), dense(1)]).is_linear_chain is True
    assert structure_of([dense(8), step("layer-norm"), dense(1)]).is_linear_chain is False


def test_many_residual_blocks_are_read_quickly() -> None:
    steps = [dense(8), activation("relu")]
    for _ in range(60):
        last = len(steps) - 1
        steps += [dense(8), activation("relu"), step("add", last, last + 2)]
    steps.append(dense(1))

    assert hidden(structure_of(steps)) == [(8, "relu")] * 61


def test_steps_that_nothing_needs_are_left_out() -> None:
    steps = [dense(8), activation("sigmoid"), step("multiply"), dense(1)]

    kept = on_ways(steps, [(-1,), (0,), (0, 1), (2,)])

    assert [one.activation or one.kind for one in kept] == ["dense", "silu", "dense"]
    assert [one.after for one in kept] == [None, None, None]


LAYERS = (HiddenLayer(units=8, activation="relu"),)
OTHERS = (HiddenLayer(units=8, activation="tanh"),)


def test_two_witnesses_make_a_fact_and_are_named() -> None:
    found = agreed(
        {
            "graph": Structure(hidden=LAYERS, ending=("softmax", "log")),
            "numbers": Structure(hidden=LAYERS, ending=("log_softmax",)),
        }
    )

    assert found.hidden == LAYERS
    assert found.hidden_how == "graph and numbers"
    assert found.ending == ("log_softmax",)


def test_one_witness_is_not_enough() -> None:
    found = agreed({"graph": Structure(hidden=LAYERS), "numbers": Structure(problem="no match")})

    assert found.hidden is None
    assert found.hidden_how == "only the graph could tell (no match)"


def test_witnesses_that_disagree_make_no_fact() -> None:
    found = agreed(
        {
            "calls": Structure(hidden=LAYERS),
            "graph": Structure(hidden=LAYERS),
            "numbers": Structure(hidden=OTHERS),
        }
    )

    assert found.hidden is None
    assert "disagree" in found.hidden_how


@pytest.mark.parametrize(("exact", "alike"), [("celu", "elu"), ("prelu", "leaky_relu")])
def test_names_that_numbers_cannot_tell_apart_agree(exact: str, alike: str) -> None:
    layers = [(HiddenLayer(units=8, activation=name),) for name in (exact, alike)]

    found = agreed({"graph": Structure(hidden=layers[0]), "numbers": Structure(hidden=layers[1])})

    assert found.hidden == layers[0]


def test_lists_that_name_other_layers_make_no_operations() -> None:
    one, other = (dense(8), dense(1)), (dense(1),)

    assert (
        agreed({"a": Structure(operations=one), "b": Structure(operations=other)}).operations
        is None
    )
