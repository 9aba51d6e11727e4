"""Which model answers an exercise."""

from __future__ import annotations

import pytest

from grader.choice import Choice, Wanted, choose
from grader.evidence import Candidate, ExerciseBrief, Route, Task, known, unknown
from grader.testing import brief_of, candidate, changed

BRIEF = brief_of(Task.BINARY, model_hint="model")
REACHED = {"circles": known(Route.MODEL)}


def chosen(*candidates: Candidate, brief: ExerciseBrief = BRIEF, exercises: int = 1) -> Choice:
    return choose(candidates, brief, exercises=exercises)


def test_the_only_trained_model_is_chosen() -> None:
    built = candidate(2, is_trained=False, last_trained=0)

    choice = chosen(candidate(1), built)

    assert choice.candidate_id == "m1"
    assert choice.why == "model_1 (Sequential) is the only trained model"
    assert choice.others == ("model_2 (Sequential): never trained",)


@pytest.mark.parametrize(
    ("candidates", "why"),
    [
        ((), "no model was trained"),
        (
            (candidate(1, is_trained=False),),
            "a model was built (Sequential) but never trained: no parameter changed",
        ),
        (
            (candidate(1, is_trained=False), candidate(2, is_trained=False)),
            "2 models were built (Sequential, Sequential) but none was trained",
        ),
    ],
)
def test_without_training_there_is_no_choice(candidates: tuple[Candidate, ...], why: str) -> None:
    choice = chosen(*candidates)

    assert choice == Choice(None, why)


def test_the_last_trained_of_equals_is_chosen() -> None:
    choice = chosen(candidate(1), candidate(3), candidate(2))

    assert choice.candidate_id == "m3"
    assert choice.why == (
        "model_3 (Sequential) was chosen among 3 trained models: it was trained last"
    )
    assert choice.others == (
        "model_1 (Sequential): trained earlier",
        "model_2 (Sequential): trained earlier",
    )


def test_the_suggested_name_wins_over_recency_among_those_that_fit() -> None:
    choice = chosen(candidate(1, names=("net", "model")), candidate(2))

    assert choice.candidate_id == "m1"
    assert choice.why.startswith("model (Sequential) was chosen")
    assert choice.why.endswith("it has the name that the assignment suggests")


def test_a_hint_of_auto_is_no_name() -> None:
    choice = chosen(
        candidate(1, names=("auto",)), candidate(2), brief=brief_of(Task.BINARY, model_hint="auto")
    )

    assert choice.candidate_id == "m2"


def test_a_demonstration_of_a_wrong_model_does_not_win_by_name() -> None:
    demonstration = candidate(1, names=("model",), model={"output_shape": (None, 5)})

    choice = chosen(demonstration, candidate(2))

    assert choice.candidate_id == "m2"
    assert choice.why.endswith("its outputs fit the task")
    assert choice.others == ("model (Sequential): its outputs fit the task less well",)


def test_later_models_on_own_data_do_not_replace_the_answer() -> None:
    answer = candidate(1, hidden_route=REACHED)
    sweep = candidate(2, training={"trained_on": "own data"}, hidden_route=REACHED)
    toy = candidate(3, training={"trained_on": "own data"}, hidden_route={"circles": unknown("-")})

    choice = chosen(answer, sweep, toy)

    assert choice.candidate_id == "m1"
    assert choice.why.endswith("it was trained on the public data")
    assert choice.others[1].endswith("no rows of this exercise reach it")


def test_a_transformer_makes_another_width_fit() -> None:
    poly = candidate(
        1,
        model={"input_shape": (None, 5)},
        hidden_route={"circles": known(Route.TRANSFORMER)},
    )
    plain = candidate(2, hidden_route={"circles": unknown("trained on other rows")})

    assert chosen(poly, plain).candidate_id == "m1"


def test_a_model_for_other_rows_is_left_out_where_another_fits() -> None:
    other = candidate(2, names=("model",), model={"input_shape": (None, 784)})

    choice = chosen(candidate(1), other)

    assert choice.candidate_id == "m1"
    assert "only trained model that takes the rows" in choice.why
    assert choice.others == ("model (Sequential): takes other rows",)


def test_with_a_single_exercise_a_model_for_other_rows_is_better_than_none() -> None:
    engineered = candidate(1, model={"input_shape": (None, 5)})

    assert chosen(engineered).candidate_id == "m1"


def test_with_several_exercises_a_model_for_other_rows_is_none_and_unclear() -> None:
    choice = chosen(candidate(1, model={"input_shape": (None, 5)}), exercises=2)

    assert choice.candidate_id is None
    assert choice.is_unclear
    assert choice.why == "1 model was trained, but none takes the rows of this exercise"


def test_each_exercise_gets_the_model_that_its_rows_reach() -> None:
    moons = brief_of(Task.BINARY, id="moons")
    first = candidate(1, hidden_route={"circles": known(Route.MODEL), "moons": unknown("-")})
    second = candidate(2, hidden_route={"circles": unknown("-"), "moons": known(Route.MODEL)})

    assert chosen(first, second, exercises=2).candidate_id == "m1"
    assert chosen(first, second, brief=moons, exercises=2).candidate_id == "m2"
    assert chosen(second, exercises=2).candidate_id is None


def test_unknown_widths_count_less_than_fitting_ones_and_more_than_wrong_ones() -> None:
    unseen = candidate(3, model={"output_shape": unknown("-"), "input_shape": unknown("-")})
    by_width = candidate(2, model={"input_shape": unknown("-")})
    wrong = candidate(4, model={"output_shape": (None, 7)})

    assert chosen(unseen, by_width).candidate_id == "m2"
    assert chosen(unseen, wrong).candidate_id == "m3"
    blind = changed(unseen, training={"input_width": unknown("-")})
    assert chosen(blind, wrong).candidate_id == "m4"


def test_a_model_that_no_variable_holds_is_described_by_its_class() -> None:
    choice = chosen(candidate(1, names=()))

    assert choice.why == ("a Sequential that no variable holds any more is the only trained model")


@pytest.mark.parametrize(
    ("units", "fits"), [((None,), True), ((None, 2), True), ((None, 3), False)]
)
def test_one_or_two_outputs_fit_a_binary_task(units: tuple[int | None, ...], fits: bool) -> None:
    early = candidate(1, model={"output_shape": (None, 9)}, names=("model",))
    late = candidate(2, model={"output_shape": units})

    assert chosen(early, late).candidate_id == ("m2" if fits else "m1")


def swept(number: int, *, first: float, last: float) -> Candidate:
    rates = {
        "first_learning_rate": first,
        "highest_learning_rate": max(first, last),
        "learning_rate": last,
    }
    return changed(candidate(number), optimizer=rates)


def test_a_learning_rate_sweep_is_not_chosen_though_it_came_last() -> None:
    choice = chosen(candidate(1), swept(2, first=1e-4, last=8.9))

    assert choice.candidate_id == "m1"
    assert choice.why.endswith("its learning rate was not swept")
    assert choice.others == ("model_2 (Sequential): its learning rate was swept upwards",)


def test_a_schedule_that_lowers_the_rate_is_no_sweep() -> None:
    choice = chosen(candidate(1), swept(2, first=0.1, last=0.0001))

    assert choice.candidate_id == "m2"


def test_the_model_last_used_for_predictions_is_chosen_before_the_last_trained() -> None:
    used, later = candidate(1, last_asked=2), candidate(2, last_asked=1)

    choice = chosen(used, later)

    assert choice.candidate_id == "m1"
    assert choice.why.endswith("it was the last one used for predictions")


@pytest.mark.parametrize("name", ["model_1", "m1"])
def test_the_instructor_can_name_a_model_by_variable_or_id(name: str) -> None:
    choice = choose(
        (candidate(1), candidate(2)), BRIEF, exercises=1, wanted=Wanted(name, is_for_one=False)
    )

    assert choice.candidate_id == "m1"
    assert choice.why == f"the instructor chose {name}"
    assert choice.others == ("model_2 (Sequential): the instructor chose another",)


def test_a_name_for_everybody_that_a_student_did_not_use_leaves_the_grader_its_choice() -> None:
    choice = choose(
        (candidate(1), candidate(2)), BRIEF, exercises=1, wanted=Wanted("best", is_for_one=False)
    )

    assert choice.candidate_id == "m2"


def test_a_name_for_one_student_that_is_not_there_goes_to_a_person() -> None:
    choice = choose((candidate(1),), BRIEF, exercises=1, wanted=Wanted("best", is_for_one=True))

    assert choice.candidate_id is None
    assert choice.is_unclear
    assert choice.why == (
        "the instructor chose best, but the models of this submission are: "
        "m1 (model_1 (Sequential))"
    )


def test_an_untrained_model_that_the_instructor_names_counts_as_never_trained() -> None:
    built = candidate(2, is_trained=False, last_trained=0)

    choice = choose(
        (candidate(1), built), BRIEF, exercises=1, wanted=Wanted("model_2", is_for_one=True)
    )

    assert choice.candidate_id is None
    assert choice.why == "the instructor chose model_2, which was never trained"
