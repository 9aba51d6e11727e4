"""Modules become cells where that changes nothing, else one cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from handed_in import notebook, sources

from grader.intake import EntryKind, ProblemKind, collect
from grader.intake.module import read_module
from grader.intake.notebook import Cell

ONE_CELL = "run as one cell: its cell markers cannot be followed without changing the code"


def test_a_plain_module_is_one_cell_with_its_text_untouched() -> None:
    source = '"""Doc."""\n\n\n# !pip install x\nx = 1   \n\n\n'

    read = read_module(source)

    assert read.cells == (Cell("code", source),)
    assert read.notes == ()


def test_markers_make_cells_and_comments_stay_comments() -> None:
    source = (
        "# ---\n# jupyter:\n#   kernelspec: broken\n# ---\n\n"
        "# %% [markdown]\n# # Title\n# text\n\n"
        '# %% name tags=["x"]\n# !pip install torch\n# %matplotlib inline\nx = 1\n\n'
        '# %%\ntext = """\n# %% inside\n"""\n'
    )

    read = read_module(source)

    assert read.cells == (
        Cell("markdown", "# Title\ntext"),
        Cell("code", "# !pip install torch\n# %matplotlib inline\nx = 1"),
        Cell("code", 'text = """\n# %% inside\n"""'),
    )
    assert read.notes == ()


def test_one_bad_cell_does_not_cost_the_others() -> None:
    read = read_module("# %%\nx = 1\n\n# %%\nx = = 2\n\n# %%\n!ls\n")

    assert [cell.source for cell in read.cells] == ["x = 1", "x = = 2", "!ls"]


@pytest.mark.parametrize(
    "source",
    [
        "# %%\ndef f():\n    # %% step\n    return 1\n",
        "# %% [markdown]\n# Title\nimport os\n",
        "# %%\nx = (\n# %%\n1)\n",
        "# %%\nx = 1\n# %% [raw]\ny = 2\n",
        '# %% active="py"\nx = 1\n# %%\ny = 2\n',
        "# %%\n" * 501 + "x = 1\n",
        "# %% " + "x" * 3000 + "\nx = 1\n",
        "# %% [markdown]\n" + "# ```a\n" * 200 + "# %%\nx = 1\n",
    ],
)
def test_cells_that_would_change_the_module_are_not_made(source: str) -> None:
    read = read_module(source)

    assert read.cells == (Cell("code", source),)
    assert read.notes == (ONE_CELL,)


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "(" * 500 + ")" * 500 + "\n# %%\n",
        "x = " + "-" * 50_000 + "1\n# %%\n",
        "x = " + "1+" * 50_000 + "1\n# %%\n",
        "x = a" + ".b" * 50_000 + "\n# %%\n",
        "# %% [markdown]\n# ```\n",
        '# %% {"a": [\n# %% [[[ \n# %% a=b=c "\nx = 1\n',
    ],
)
def test_strange_source_is_survived(source: str) -> None:
    assert "".join(cell.source for cell in read_module(source).cells)


def test_windows_line_ends_are_no_difference() -> None:
    assert read_module("x = 1\r\ny = 2\r").cells == (Cell("code", "x = 1\ny = 2\n"),)


def test_a_notebook_named_like_a_module_is_read_as_a_notebook(tmp_path: Path) -> None:
    path = tmp_path / "alice.py"
    path.write_text(notebook("x = 1"))

    (submission,) = collect([path])

    assert submission.problem is None
    assert submission.entry_kind is EntryKind.NOTEBOOK
    assert submission.notes == ("'alice.py' holds a notebook and was read as one",)
    assert sources(submission.notebook) == ["x = 1"]


def test_a_dictionary_is_still_a_module(tmp_path: Path) -> None:
    path = tmp_path / "alice.py"
    path.write_text('{"cells": [1]}["cells"].append(2)\n')

    (submission,) = collect([path])

    assert submission.entry_kind is EntryKind.MODULE


def test_python_two_is_a_module_that_fails_later(tmp_path: Path) -> None:
    path = tmp_path / "alice.py"
    path.write_text("print 'hello'\n")

    (submission,) = collect([path])

    assert submission.problem is None


def test_a_module_named_like_a_notebook_gets_a_helpful_answer(tmp_path: Path) -> None:
    path = tmp_path / "alice.ipynb"
    path.write_text("import torch\n")

    (submission,) = collect([path])

    assert submission.problem is not None
    assert submission.problem.kind is ProblemKind.BROKEN_JSON
    assert "Give it a name that ends in .py" in submission.problem.detail
