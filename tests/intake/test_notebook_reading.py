"""Notebooks of every format, kernel and state of damage."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from handed_in import code, notebook

from grader.intake.model import ProblemKind
from grader.intake.notebook import Cell, read_notebook, write_notebook
from grader.intake.refusal import RefusedError

NAME = "hw.ipynb"


def kernel(**spec: str) -> dict[str, Any]:
    return {"metadata": {"kernelspec": spec}}


def refusal(text: str) -> tuple[ProblemKind, str]:
    with pytest.raises(RefusedError) as caught:
        read_notebook(text, NAME)
    return caught.value.problem.kind, caught.value.problem.detail


def test_source_may_be_text_or_lines_and_outputs_may_be_missing() -> None:
    text = notebook(
        code("a = 1"), {"cell_type": "code", "source": ["b = 2\n", "c = 3"]}, {"cell_type": "raw"}
    )

    read = read_notebook(text, NAME)

    assert read.cells == (Cell("code", "a = 1"), Cell("code", "b = 2\nc = 3"), Cell("raw", ""))
    assert read.notes == ()


def test_ids_are_the_same_every_time_and_the_notebook_is_valid() -> None:
    cells = (Cell("code", "x = '\ud800é'"), Cell("markdown", "# T"), Cell("raw", ""))

    written = json.loads(write_notebook(cells))

    assert write_notebook(cells) == write_notebook(cells)
    assert [cell["id"] for cell in written["cells"]] == ["cell-1", "cell-2", "cell-3"]
    assert written["cells"][0]["source"] == "x = '?é'"
    nbformat.validate(written)


def test_format_three_is_upgraded() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Part"], "metadata": {}},
        {"cell_type": "code", "language": "python", "input": ["x = 1\n", "x"], "metadata": {}},
        {
            "cell_type": "code",
            "input": "y = 2",
            "language": "python",
            "outputs": [{"output_type": "pyout", "text": "1", "prompt_number": 1}],
        },
    ]
    text = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]})

    read = read_notebook(text, NAME)

    assert read.cells == (
        Cell("markdown", "## Part"),
        Cell("code", "x = 1\nx"),
        Cell("code", "y = 2"),
    )
    assert read.notes == ("upgraded from notebook format 3",)


@pytest.mark.parametrize("sheets", [7, [7], [{"cells": 7}], [{"cells": [7]}], [{"cells": [{}]}]])
def test_format_three_that_cannot_be_upgraded_is_unreadable(sheets: object) -> None:
    kind, detail = refusal(json.dumps({"nbformat": 3, "worksheets": sheets}))

    assert kind is ProblemKind.UNREADABLE
    assert "old format 3" in detail


def test_a_newer_format_is_tried_as_four() -> None:
    read = read_notebook(notebook("x = 1", nbformat=5), NAME)

    assert read.cells == (Cell("code", "x = 1"),)
    assert read.notes == ("read as notebook format 4, although it says 5",)
    kind, detail = refusal(notebook(nbformat=5, cells={"c1": {}}))
    assert kind is ProblemKind.UNREADABLE
    assert "has format 5" in detail


def test_another_kernel_is_named_and_replaced() -> None:
    for name in ("conda-env-x", "python2"):
        read = read_notebook(notebook("1", **kernel(name=name, language="python")), NAME)

        assert read.notes == (
            f"asks for the kernel '{name}'; run with the grader's own Python 3 kernel",
        )
        assert '"name": "python3"' in write_notebook(read.cells)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9"}}, "Julia"),
        ({"kernelspec": {"name": "rust"}}, "Rust"),
        ({"language_info": {"name": "scala"}}, "scala"),
    ],
)
def test_another_language_is_named(metadata: dict[str, Any], language: str) -> None:
    kind, detail = refusal(notebook("x <- 1", metadata=metadata))

    assert kind is ProblemKind.WRONG_LANGUAGE
    assert detail == f"The notebook 'hw.ipynb' is written in {language}, not in Python."


def test_format_three_names_its_language_in_the_cells() -> None:
    cell = {"cell_type": "code", "language": "julia", "input": "x", "outputs": []}

    kind, detail = refusal(json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}]}))

    assert kind is ProblemKind.WRONG_LANGUAGE
    assert "julia" in detail


@pytest.mark.parametrize(
    "metadata", [None, 3, {"kernelspec": 3}, {"kernelspec": {"name": 3}}, {"language_info": []}]
)
def test_odd_metadata_does_no_harm(metadata: object) -> None:
    assert read_notebook(notebook("x = 1", metadata=metadata), NAME).notes == ()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (notebook("x = 1")[:-20], "was cut off: it ends too early (line 1, column "),
        (notebook("x = 1")[:40], "was cut off: it ends too early (line 1, column "),
        ("{\n'cells': []}", "is not valid JSON (line 2, column 1: "),
        (notebook("x = 1") + "}", "Extra data"),
        (
            '{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> main\n ]}',
            "unresolved merge conflict (line 3, column 1)",
        ),
        ("import torch\nx = 1\n", "holds Python source, not a notebook (line 1, column 1)"),
        ("%pip install x\nx = = 1\n", "holds Python source"),
        ("x = 1\n", "holds Python source"),
        ("<!DOCTYPE html>\n<html>", "is a web page, not a notebook"),
        ("[1]", "is JSON but no notebook: an object with cells was expected, a list was found"),
        ("12", "a number was found"),
        ("{}", "a list of cells was expected, a nothing was found"),
        (notebook(cells={"a": 1}), "a list of cells was expected, a object was found"),
        (notebook(cells=[3]), "Cell 1 of the notebook 'hw.ipynb' is damaged"),
        (notebook("1", cells=[code("1"), {"cell_type": "sql"}]), "Cell 2 of the notebook"),
        (notebook(cells=[code([1, 2])]), "Cell 1"),
        ("9" * 5000, "a number that is too long"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"cells":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_notebook_says_what_and_where(text: str, detail: str) -> None:
    kind, seen = refusal(text)

    assert kind is ProblemKind.BROKEN_JSON
    assert detail in seen
    assert len(seen) < 300


def test_deep_nesting_where_it_matters_not_is_survived() -> None:
    depth = 500
    text = notebook("x = 1", metadata="@").replace('"@"', "[" * depth + "]" * depth)

    assert read_notebook(text, NAME).cells == (Cell("code", "x = 1"),)


def test_more_cells_than_anybody_writes_are_refused() -> None:
    kind, detail = refusal(notebook(*["x = 1"] * 2001))

    assert kind is ProblemKind.TOO_LARGE
    assert "2001 code cells" in detail
