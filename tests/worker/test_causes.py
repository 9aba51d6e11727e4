"""A NameError after a failed definition is a consequence, not a new fault."""

from __future__ import annotations

import pytest

from grader.evidence import CellError, CellRun, CellState
from grader.worker.causes import bound_names, fold_cascades


def failed(number: int, *, missing: str = "") -> CellRun:
    name = "NameError" if missing else "ValueError"
    error = CellError(name=name, missing_name=missing)
    return CellRun(number=number, state=CellState.FAILED, error=error)


def ran(number: int) -> CellRun:
    return CellRun(number=number, state=CellState.RAN)


def causes(runs: list[CellRun]) -> list[int | None]:
    return [run.error.caused_by_cell if run.error else None for run in runs]


def test_a_missing_name_points_to_the_failed_cell_that_would_have_defined_it() -> None:
    runs = [ran(1), failed(2), failed(3, missing="model")]
    sources = ["x = 1", "model = build(1 / 0)", "model.fit(x)"]

    assert causes(fold_cascades(runs, sources)) == [None, None, 2]


def test_a_chain_of_missing_names_points_to_its_beginning() -> None:
    runs = [failed(1), failed(2, missing="a"), failed(3, missing="b")]
    sources = ["a = 1 / 0", "b = a + 1", "print(b)"]

    assert causes(fold_cascades(runs, sources)) == [None, 1, 1]


def test_a_name_that_no_failed_cell_defines_is_a_fault_of_its_own() -> None:
    runs = [failed(1), failed(2, missing="other")]

    assert causes(fold_cascades(runs, ["a = 1 / 0", "print(other)"])) == [None, None]


def test_a_cell_that_ran_is_never_a_cause() -> None:
    runs = [ran(1), failed(2, missing="a")]

    assert causes(fold_cascades(runs, ["a = 1\ndel a", "print(a)"])) == [None, None]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x, (y, z) = 1, (2, 3)", {"x", "y", "z"}),
        ("import numpy as np\nfrom torch import nn, optim as o", {"np", "nn", "o"}),
        ("def train(): pass\nclass Net: pass", {"train", "Net"}),
        ("for i, row in rows: pass", {"i", "row"}),
        ("model: object = build()", {"model"}),
    ],
)
def test_names_of_a_cell_that_parses(source: str, names: set[str]) -> None:
    assert names <= bound_names(source)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("!pip install x\nmodel = Net(", "model"),
        ("import torch.nn as nn\ndef f(:", "nn"),
        ("class Net(nn.Module)\n  pass", "Net"),
        ("a, b = 1, 2\nif a == b print(a)", "b"),
    ],
)
def test_names_of_a_cell_that_does_not_parse(source: str, name: str) -> None:
    assert name in bound_names(source)
