"""The class of the throughput benchmark is the same bytes every time."""

from __future__ import annotations

import ast
import json

import nbformat
import pytest
from throughput.questions import (
    ACCURACY_QUESTION,
    MAXIMUM,
    SHAPE_POINTS,
    SHAPE_QUESTION,
    accuracy_test,
    expected_points,
    otter_test_file,
)
from throughput.submissions import (
    CLASS_SIZES,
    EPOCHS,
    FRAMEWORKS,
    TRAINING_CELL,
    TRAININGS,
    class_digest,
    make_class,
    notebook_bytes,
)

DIGESTS = {
    ("pytorch", "short"): "12b4b4603d541968",
    ("pytorch", "long"): "fa7e2aae9e150137",
    ("keras", "short"): "e896721e2e979921",
    ("keras", "long"): "965ab43a6ec86f7d",
}
"""Beginning of the SHA-256 of a whole class: committed times were taken with these notebooks."""
WHOLE_CLASSES = [(framework, training) for framework in FRAMEWORKS for training in TRAININGS]


@pytest.mark.parametrize(("framework", "training"), WHOLE_CLASSES)
def test_a_class_is_the_same_bytes_everywhere(framework: str, training: str) -> None:
    submissions = make_class(framework, training, CLASS_SIZES[training])

    assert class_digest(submissions)[:16] == DIGESTS[framework, training]


@pytest.mark.parametrize(("framework", "training"), WHOLE_CLASSES)
def test_no_two_submissions_are_equal(framework: str, training: str) -> None:
    submissions = make_class(framework, training, CLASS_SIZES[training])

    assert len({notebook_bytes(one.cells) for one in submissions}) == CLASS_SIZES[training]
    assert len({one.key for one in submissions}) == CLASS_SIZES[training]


def test_a_smaller_class_is_the_beginning_of_a_larger_one() -> None:
    assert make_class("keras", "short", 24)[:4] == make_class("keras", "short", 4)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_notebook_is_valid_and_its_cells_are_python(framework: str) -> None:
    submission = make_class(framework, "short", 1)[0]

    notebook = nbformat.reads(notebook_bytes(submission.cells).decode(), as_version=4)

    nbformat.validate(notebook)
    assert tuple(cell.source for cell in notebook.cells) == submission.cells
    for cell in submission.cells:
        ast.parse(cell)


@pytest.mark.parametrize(("framework", "training"), WHOLE_CLASSES)
def test_the_cell_that_trains_is_where_it_is_said_to_be(framework: str, training: str) -> None:
    submission = make_class(framework, training, 1)[0]

    holding = [
        number
        for number, cell in enumerate(submission.cells)
        if str(EPOCHS[framework, training]) in cell and ("backward" in cell or ".fit(" in cell)
    ]

    assert holding == [TRAINING_CELL]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_in_four_has_no_activation_and_must_lose_points(framework: str) -> None:
    submissions = make_class(framework, "short", 24)

    unsound = [one for one in submissions if not one.is_sound]

    assert [one.number for one in unsound] == [4, 8, 12, 16, 20, 24]
    for one in submissions:
        source = json.dumps(one.cells)
        has_activation = "nn.ReLU()" in source or 'activation=\\"relu\\"' in source
        assert has_activation == one.is_sound
        assert expected_points(one) == (MAXIMUM if one.is_sound else SHAPE_POINTS)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("question", [SHAPE_QUESTION, ACCURACY_QUESTION])
def test_what_the_peers_ask_is_python(framework: str, question: str) -> None:
    ast.parse(accuracy_test(framework))

    tree = ast.parse(otter_test_file(question, framework))

    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions] == [f"test_{question}"]
    assert [argument.arg for argument in functions[0].args.args] == ["model"]
