"""Do input and output of the model have the shape that the exercise needs?"""

from __future__ import annotations

import pytest

from grader.checks.base import Outcome
from grader.checks.input_shape import InputShapeParams, input_shape
from grader.checks.output_shape import OutputShapeParams, output_shape
from grader.evidence import Evidence, Provenance, Task, unknown
from grader.testing import (
    binary_evidence,
    brief_of,
    changed,
    multiclass_evidence,
    multilabel_evidence,
)


def test_rows_of_the_right_width_pass() -> None:
    finding = input_shape(binary_evidence(), InputShapeParams())

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == "the model takes rows of 2 numbers"


def test_a_size_left_open_fits_anything() -> None:
    evidence = binary_evidence(model={"input_shape": (None, None)})

    assert input_shape(evidence, InputShapeParams()).outcome is Outcome.PASSED


def test_another_width_fails_where_no_row_reached_the_model() -> None:
    evidence = binary_evidence(
        model={"input_shape": (None, 1)}, hidden=unknown("there is no way to the model")
    )

    finding = input_shape(evidence, InputShapeParams())

    assert finding.outcome is Outcome.FAILED
    assert finding.seen == "the model takes rows of 1 number"
    assert "predict" in finding.advice


def test_preprocessing_that_brings_the_rows_to_the_model_passes_unless_forbidden() -> None:
    evidence = binary_evidence(model={"input_shape": (None, 5)})

    welcome = input_shape(evidence, InputShapeParams())
    forbidden = input_shape(evidence, InputShapeParams(exact=True))

    assert welcome.outcome is Outcome.PASSED
    assert welcome.seen.endswith("through the submission's own preprocessing")
    assert welcome.provenance is Provenance.PROBED
    assert forbidden.outcome is Outcome.FAILED


def test_images_are_compared_size_by_size() -> None:
    brief = brief_of(Task.BINARY, input_shape=(28, 28))
    flat = binary_evidence(
        brief=brief, model={"input_shape": (None, 784)}, hidden=unknown("no route")
    )
    right = binary_evidence(brief=brief, model={"input_shape": (None, 28, 28)})

    assert input_shape(flat, InputShapeParams()).outcome is Outcome.FAILED
    assert input_shape(right, InputShapeParams()).seen == "the model takes rows of shape (28, 28)"


def test_an_unknown_input_is_undetermined() -> None:
    evidence = binary_evidence(model={"input_shape": unknown("the model was never called")})

    assert input_shape(evidence, InputShapeParams()).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("evidence", "shape", "outcome"),
    [
        (binary_evidence(), (None, 1), Outcome.PASSED),
        (binary_evidence(), (None, 2), Outcome.PASSED),
        (binary_evidence(), (None,), Outcome.PASSED),
        (binary_evidence(), (None, 3), Outcome.FAILED),
        (multiclass_evidence(), (None, 3), Outcome.PASSED),
        (multiclass_evidence(), (None, 4), Outcome.FAILED),
        (multiclass_evidence(), (None, 2), Outcome.FAILED),
        (multiclass_evidence(), (None, 28, 3), Outcome.FAILED),
        (multiclass_evidence(), (None, None), Outcome.FAILED),
        (multilabel_evidence(), (None, 3), Outcome.PASSED),
        (multilabel_evidence(), (None, 1), Outcome.FAILED),
    ],
)
def test_the_number_of_outputs_follows_from_the_task(
    evidence: Evidence, shape: tuple[int | None, ...], outcome: Outcome
) -> None:
    finding = output_shape(changed(evidence, model={"output_shape": shape}), OutputShapeParams())

    assert finding.outcome is outcome


def test_a_forgotten_flatten_is_named() -> None:
    evidence = multiclass_evidence(model={"output_shape": (None, 28, 3)})

    finding = output_shape(evidence, OutputShapeParams())

    assert finding.seen == "the model gives an array of shape (28, 3) for each row"
    assert "Flatten" in finding.advice


def test_extra_outputs_pass_only_where_the_rubric_lets_them() -> None:
    evidence = multiclass_evidence(model={"output_shape": (None, 4)})

    strict = output_shape(evidence, OutputShapeParams())
    lenient = output_shape(evidence, OutputShapeParams(allow_extra=True))

    assert strict.outcome is Outcome.FAILED
    assert strict.seen == "the model gives 4 outputs for each row"
    assert strict.expected == "3 outputs for each row"
    assert lenient.outcome is Outcome.PASSED


def test_a_prescribed_number_of_outputs_wins_over_the_task() -> None:
    evidence = binary_evidence(model={"output_shape": (None, 2)})

    finding = output_shape(evidence, OutputShapeParams(units=1))

    assert finding.outcome is Outcome.FAILED
    assert finding.expected == "1 output for each row"


def test_an_unknown_output_is_undetermined() -> None:
    evidence = binary_evidence(model={"output_shape": unknown("the model was never called")})

    assert output_shape(evidence, OutputShapeParams()).outcome is Outcome.UNDETERMINED
