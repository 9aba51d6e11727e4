"""What is known of the rows' way through scikit-learn before they reach a model."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs

from grader.evidence import Preprocessing

pytestmark = pytest.mark.torch

HEAD = """
import numpy as np
import torch
from torch import nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
rng = np.random.default_rng(0)
X_all = rng.normal(5.0, 3.0, size=(100, 2)); y_all = (X_all[:, 0] > 5).astype(np.float32)
"""
SPLIT = "X, V, y, w = train_test_split(X_all, y_all, test_size=0.2, random_state=1)\n"
FIT = """
model = nn.Sequential(nn.Linear({width}, 4), nn.ReLU(), nn.Linear(4, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
rows, labels = torch.tensor(np.asarray({rows}), dtype=torch.float32), torch.tensor(y)
for _ in range(5):
    loss = nn.functional.binary_cross_entropy_with_logits(model(rows).squeeze(1), labels)
    opt.zero_grad(); loss.backward(); opt.step()
"""
TEST = """
with torch.no_grad():
    model(torch.tensor(np.asarray({rows}), dtype=torch.float32))
"""


def fit(rows: str, width: int = 2) -> str:
    return FIT.format(rows=rows, width=width)


PROGRAMS = {
    "none": HEAD + SPLIT + fit("X"),
    "applied": HEAD + SPLIT + "scaler = StandardScaler().fit(X)\n" + fit("scaler.transform(X)"),
    "fit-transform": HEAD
    + SPLIT
    + "scaler = MinMaxScaler()\nZ = scaler.fit_transform(X)\n"
    + fit("Z")
    + TEST.format(rows="scaler.transform(V)"),
    "bypassed": HEAD
    + SPLIT
    + "scaler = StandardScaler()\nX_scaled = scaler.fit_transform(X)\n"
    + fit("X"),
    "before-split": HEAD
    + "X_all = StandardScaler().fit_transform(X_all)\n"
    + SPLIT
    + fit("X")
    + TEST.format(rows="V"),
    "refitted": HEAD
    + SPLIT
    + "scaler = StandardScaler()\nX = scaler.fit_transform(X)\nV = scaler.fit_transform(V)\n"
    + fit("X")
    + TEST.format(rows="V"),
    "columns": HEAD
    + """
import pandas as pd
from sklearn.compose import ColumnTransformer
table = pd.DataFrame(X_all, columns=["a", "b"]); table["c"] = 1.0; table["d"] = 2.0
X, V, y, w = train_test_split(table, y_all, test_size=0.2, random_state=1)
prepare = ColumnTransformer([("scale", StandardScaler(), ["a", "b"])])
Z = prepare.fit_transform(X)
"""
    + fit("Z"),
    "pipeline": HEAD
    + SPLIT
    + """
from sklearn.pipeline import make_pipeline
steps = make_pipeline(StandardScaler(), MinMaxScaler())
Z = steps.fit_transform(X)
"""
    + fit("Z"),
    "with-pca-pipeline-ending-in-a-classifier": HEAD
    + SPLIT
    + """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
baseline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
assert not hasattr(baseline, "transform")
baseline.score(V, w)
"""
    + fit("X"),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("torch", PROGRAMS, tmp_path_factory.mktemp("programs"))


def of(seen: dict[str, Seen], program: str) -> Preprocessing:
    return seen[program].only.preprocessing


def test_without_a_transformer_nothing_was_applied(seen: dict[str, Seen]) -> None:
    assert of(seen, "none").applied.is_absent
    assert of(seen, "none").bypassed.is_absent


@pytest.mark.parametrize(
    ("program", "name"),
    [("applied", "scaler (StandardScaler)"), ("fit-transform", "scaler (MinMaxScaler)")],
)
def test_a_scaler_is_named_and_its_rows_counted(
    seen: dict[str, Seen], program: str, name: str
) -> None:
    found = of(seen, program)

    assert found.applied.value == name
    assert found.rows_fitted.value == 80
    assert found.split_afterwards.value is False
    assert found.refitted_on.is_absent


def test_a_scaler_that_was_fitted_but_not_used_is_bypassed(seen: dict[str, Seen]) -> None:
    found = of(seen, "bypassed")

    assert found.applied.is_absent
    assert found.bypassed.value == "scaler (StandardScaler)"


def test_scaling_before_the_split_is_seen(seen: dict[str, Seen]) -> None:
    found = of(seen, "before-split")

    assert found.rows_fitted.value == 100
    assert found.split_afterwards.value is True


def test_fitting_anew_on_the_test_rows_is_seen(seen: dict[str, Seen]) -> None:
    assert of(seen, "refitted").refitted_on.value == 20


def test_columns_that_a_column_transformer_leaves_out_are_counted(seen: dict[str, Seen]) -> None:
    found = of(seen, "columns")

    assert found.applied.value == "prepare (ColumnTransformer)"
    assert found.dropped_columns.value == 2


def test_the_last_step_of_a_pipeline_is_the_one_applied(seen: dict[str, Seen]) -> None:
    assert of(seen, "pipeline").applied.value == "a MinMaxScaler"


def test_a_pipeline_of_another_model_is_left_as_it_is(seen: dict[str, Seen]) -> None:
    found = of(seen, "with-pca-pipeline-ending-in-a-classifier")

    assert found.applied.is_absent
    assert found.bypassed.is_absent
