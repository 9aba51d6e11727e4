"""What recorder and probe say about small PyTorch programs."""

from __future__ import annotations

import numpy as np
import pytest
from probe_harness import HIDDEN, Seen, run_programs

from grader.evidence import (
    HiddenLayer,
    HiddenProblem,
    LossFamily,
    NoticeKind,
    Route,
    ScoreKind,
    Split,
    TargetEncoding,
)

pytestmark = pytest.mark.torch

HEAD = """
import torch
from torch import nn
import torch.nn.functional as F
X, y = torch.from_numpy(_X), torch.from_numpy(_y).float()
"""
LOOP = """
opt = torch.optim.{optimizer}(model.parameters(), lr={lr})
for epoch in range({epochs}):
    model.train()
    loss = {loss}
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
SEQUENTIAL = "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, {out}){end})\n"


def loop(loss: str, *, optimizer: str = "Adam", lr: float = 0.01, epochs: int = 10) -> str:
    return LOOP.format(loss=loss, optimizer=optimizer, lr=lr, epochs=epochs)


def sequential(out: int, end: str = "") -> str:
    return SEQUENTIAL.format(out=out, end=end)


PROGRAMS = {
    "logits": HEAD
    + sequential(1)
    + "loss_fn = nn.BCEWithLogitsLoss()\n"
    + loop("loss_fn(model(X).squeeze(), y)"),
    "functional": HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 6)
        self.b = nn.Linear(6, 4)
        self.c = nn.Linear(4, 2)
        self.unused = nn.Sigmoid()
    def forward(self, x):
        x = F.relu(self.a(x))
        x = torch.tanh(self.b(x))
        return self.c(x)
net = Net()
model = net
"""
    + loop("F.cross_entropy(net(X), y.long())", optimizer="SGD", lr=0.1),
    "sigmoid-outside": HEAD
    + sequential(1)
    + loop("nn.BCELoss()(torch.sigmoid(model(X))[:, 0], y)"),
    "softmax-cross-entropy": HEAD
    + sequential(2, ", nn.Softmax(dim=1)")
    + loop("nn.CrossEntropyLoss()(model(X), y.long())"),
    "softmax-outside": HEAD
    + sequential(2)
    + loop("nn.CrossEntropyLoss()(F.softmax(model(X), dim=1), y.long())"),
    "sigmoid-with-logits": HEAD
    + sequential(1, ", nn.Sigmoid()")
    + loop("nn.BCEWithLogitsLoss()(model(X), y[:, None])"),
    "log-softmax": HEAD
    + sequential(2, ", nn.LogSoftmax(dim=1)")
    + loop("F.nll_loss(model(X), y.long())"),
    "no-activation": HEAD
    + "model = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 1))\n"
    + loop("nn.BCEWithLogitsLoss()(model(X), y[:, None])"),
    "softmax-one-unit": HEAD
    + sequential(1, ", nn.Softmax(dim=1)")
    + loop("nn.BCELoss()(model(X), y[:, None])"),
    "shared-activation": HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.act = nn.GELU()
        self.drop = nn.Dropout(0.2)
        self.norm = nn.BatchNorm1d(8)
    def forward(self, x):
        return self.c(self.drop(self.act(self.norm(self.b(self.act(self.a(x))))))).squeeze(-1)
model = Net()
"""
    + loop("F.binary_cross_entropy_with_logits(model(X), y)"),
    "one-hot": HEAD
    + sequential(2, ", nn.Sigmoid()")
    + loop("nn.MSELoss()(model(X), F.one_hot(y.long(), 2).float())"),
    "by-hand": HEAD
    + sequential(1)
    + """
for step in range(12):
    loss = F.binary_cross_entropy_with_logits(model(X).squeeze(), y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.1 * p.grad
""",
    "hand-written-loss": HEAD
    + sequential(1, ", nn.Sigmoid()")
    + loop("-(y * model(X)[:, 0].log() + (1 - y) * (1 - model(X)[:, 0]).log()).mean()"),
    "focal-like": HEAD
    + sequential(1)
    + """
def focal(a, b):
    ce = F.binary_cross_entropy_with_logits(a, b, reduction="none")
    return ((1 - torch.exp(-ce)) ** 2 * ce).mean()
"""
    + loop("focal(model(X)[:, 0], y)"),
    "regularised": HEAD
    + sequential(1)
    + loop(
        "nn.BCEWithLogitsLoss()(model(X)[:, 0], y)"
        " + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())"
    ),
    "residual": HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)
    def forward(self, x):
        x = F.relu(self.a(x))
        return torch.sigmoid(self.c(x + F.relu(self.b(x))))
model = Net()
"""
    + loop("nn.BCELoss()(model(X)[:, 0], y)"),
    "recurrent": HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.LSTM(1, 4, batch_first=True), nn.Linear(4, 1)
    def forward(self, x):
        return self.out(self.rnn(x[..., None])[0][:, -1])
model = Net()
"""
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)"),
    "encoder-and-head": HEAD
    + """
encoder = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
head = nn.Linear(4, 1)
opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()])
for _ in range(3):
    loss = nn.BCEWithLogitsLoss()(head(encoder(X))[:, 0], y)
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "several-ways-to-be-odd": HEAD
    + sequential(2, ", nn.Softmax(dim=0)")
    + loop("nn.MSELoss()(F.one_hot(y.long(), 2).float(), model(X))"),
    "overwritten": HEAD
    + "def main():\n    model = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1))\n"
    + "    opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    + "    for _ in range(3):\n"
    + "        loss = nn.BCEWithLogitsLoss()(model(X)[:, 0], y)\n"
    + "        opt.zero_grad(); loss.backward(); opt.step()\n"
    + "main()\n"
    + sequential(1)
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)", epochs=4),
    "never-trained": HEAD + sequential(1) + "with torch.no_grad():\n    out = model(X)\n",
    "zero-rate": HEAD + sequential(1) + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)", lr=0.0),
    "nothing": "import torch\nanswer = 42\n",
    "forward-called": HEAD
    + sequential(1)
    + loop("nn.BCEWithLogitsLoss()(model.forward(X)[:, 0], y)"),
    "minibatches": HEAD
    + sequential(1)
    + """
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(model.parameters(), lr=0.01)
V, W = torch.from_numpy(_V), torch.from_numpy(_W).float()
for epoch in range(3):
    for a, b in loader:
        loss = loss_fn(model(a).squeeze(1), b)
        opt.zero_grad(); loss.backward(); opt.step()
    check = loss_fn(model(V).squeeze(1), W)
""",
    "scaler": HEAD
    + sequential(1)
    + """
from sklearn.preprocessing import StandardScaler
scaler = StandardScaler().fit(_X)
S = torch.from_numpy(scaler.transform(_X)).float()
"""
    + loop("nn.BCEWithLogitsLoss()(model(S)[:, 0], y)"),
    "scaled-by-hand": HEAD
    + sequential(1)
    + "S = (X - X.mean(0)) / X.std(0)\n"
    + loop("nn.BCEWithLogitsLoss()(model(S)[:, 0], y)"),
    "predict": HEAD
    + sequential(1)
    + "mean, std = X.mean(0), X.std(0)\nS = (X - mean) / std\n"
    + loop("nn.BCEWithLogitsLoss()(model(S)[:, 0], y)")
    + """
def predict(inputs):
    model.eval()
    with torch.no_grad():
        rows = (torch.from_numpy(inputs) - mean) / std
        logits = torch.cat([model(rows[i:i + 16]) for i in range(0, len(rows), 16)])
    return (logits > 0).int().squeeze(1)
""",
    "predict-helper": HEAD
    + sequential(1)
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)")
    + "def predict(model, inputs):\n    return model(inputs)\n",
    "predict-raises": HEAD
    + sequential(1)
    + "S = X * 100\n"
    + loop("nn.BCEWithLogitsLoss()(model(S)[:, 0], y)")
    + "def predict(inputs):\n    raise ValueError('no <b>idea</b>')\n",
    "convention": HEAD
    + """
def build_model():
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
def train(model, inputs, labels):
    assert inputs.dtype == 'float32' and labels.dtype == 'int64'
    a, b = torch.from_numpy(inputs), torch.from_numpy(labels).float()
    opt = torch.optim.Adam(model.parameters())
    for _ in range(5):
        loss = nn.BCEWithLogitsLoss()(model(a)[:, 0], b)
        opt.zero_grad(); loss.backward(); opt.step()
    return model
""",
    "convention-raises": "import torch\ndef build_model():\n    return nn.Linear(2, 1)\n"
    "def train(model, inputs, labels):\n    return model\n",
    "uncopyable": HEAD
    + """
import warnings
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 1)
        self.a.weight.requires_grad_(False)
    def __deepcopy__(self, memo):
        raise TypeError("no copies")
    def forward(self, x):
        return self.b(torch.relu(self.a(x)))
model = Net()
"""
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)")
    + "warnings.simplefilter('error')\n",
    "unfriendly": HEAD
    + sequential(1)
    + "S = X * 3\n"
    + loop("nn.BCEWithLogitsLoss()(model(S)[:, 0], y)")
    + """
class Unfriendly:
    def __getattribute__(self, name):
        raise RuntimeError("leave me alone")
    def __eq__(self, other):
        raise RuntimeError("never equal")
    __hash__ = None
unfriendly, several = Unfriendly(), [Unfriendly()]
""",
    "leaving": HEAD
    + sequential(1)
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)")
    + "def predict(inputs):\n    raise SystemExit\n",
    "tampering": HEAD
    + "F.binary_cross_entropy_with_logits = lambda a, b: ((a - b) ** 2).mean()\n"
    + sequential(1)
    + loop("F.binary_cross_entropy_with_logits(model(X)[:, 0], y)"),
    "several-losses": HEAD
    + sequential(1, ", nn.Sigmoid()")
    + loop("nn.BCELoss()(model(X)[:, 0], y)", epochs=2)
    + loop("nn.MSELoss()(model(X)[:, 0], y)", epochs=2),
    "many": HEAD
    + "models = {}\nfor n in range(10):\n"
    + "    m = nn.Sequential(nn.Linear(2, n + 3), nn.ReLU(), nn.Linear(n + 3, 1))\n"
    + "    models[n] = m\n"
    + "    opt = torch.optim.SGD(m.parameters(), lr=0.1)\n"
    + "    loss = nn.BCEWithLogitsLoss()(m(X)[:, 0], y); loss.backward(); opt.step()\n",
    "many-best-first": HEAD
    + "model = None\nfor n in range(10):\n"
    + "    m = nn.Sequential(nn.Linear(2, n + 3), nn.ReLU(), nn.Linear(n + 3, 1))\n"
    + "    model = model or m\n"
    + "    opt = torch.optim.SGD(m.parameters(), lr=0.1)\n"
    + "    loss = nn.BCEWithLogitsLoss()(m(X)[:, 0], y); loss.backward(); opt.step()\n",
    "best-copied": HEAD
    + sequential(1)
    + "net = model\n"
    + loop("nn.BCEWithLogitsLoss()(net(X)[:, 0], y)")
    + "import copy\nmodel = copy.deepcopy(net)\n"
    + "with torch.no_grad():\n    [p.mul_(50.0) for p in net.parameters()]\n",
    "compiled": HEAD
    + sequential(1)
    + "inner = model\nmodel = torch.compile(model, backend='eager')\n"
    + loop("nn.BCEWithLogitsLoss()(model(X)[:, 0], y)"),
    "double": HEAD
    + sequential(1)
    + "model = model.double()\n"
    + loop("nn.BCEWithLogitsLoss()(model(X.double())[:, 0], y.double())"),
}
DIGEST = """
import hashlib
_digest = hashlib.sha256(b"".join(
    p.detach().numpy().tobytes() for p in model.parameters())).hexdigest()
"""
STOCHASTIC = PROGRAMS["shared-activation"].replace(HEAD, HEAD + "torch.manual_seed(7)\n")
PROGRAMS |= {"same": STOCHASTIC + DIGEST, "same-alone": STOCHASTIC + DIGEST}
STEPS = 10


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("torch", PROGRAMS, tmp_path_factory.mktemp("torch"))


def test_logits_and_their_loss_are_described_in_full(seen: dict[str, Seen]) -> None:
    candidate = seen["logits"].only
    model, loss, training = candidate.model, candidate.loss, candidate.training

    assert candidate.id == "m1"
    assert candidate.names == ("model",)
    assert candidate.is_trained
    assert candidate.last_trained == 1
    assert model.class_name == "Sequential"
    assert model.input_shape.value == (None, 2)
    assert model.output_shape.value == (None, 1)
    assert [step.kind for step in model.operations.known_value] == ["dense", "activation", "dense"]
    assert model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),)
    assert model.output_activation.value == "linear"
    assert model.emits.value is ScoreKind.LOGITS
    assert model.is_affine.value is False
    assert model.parameters.value == 33
    assert loss.name.value == "BCEWithLogitsLoss"
    assert loss.family.value is LossFamily.BINARY_CROSS_ENTROPY
    assert loss.expects.value is ScoreKind.LOGITS
    assert loss.receives.value is ScoreKind.LOGITS
    assert loss.outside_activation.value == "linear"
    assert loss.target_encoding.value is TargetEncoding.BINARY
    assert loss.target_shape.value == (None,)
    assert loss.target_dtype.value == "float32"
    assert candidate.optimizer.name.value == "Adam"
    assert candidate.optimizer.learning_rate.value == pytest.approx(0.01)
    assert candidate.optimizer.holds_parameters.value is True
    assert training.steps.value == STEPS
    assert training.gradients.value == STEPS
    assert training.parameters_changed.value is True
    assert training.rows.value == 120
    assert training.input_width.value == 2
    assert training.trained_on.value == "public data"
    assert [point.step for point in training.curve] == list(range(1, STEPS + 1))
    assert training.epochs.value == STEPS


def test_functions_called_in_forward_are_seen_and_unused_layers_are_not(
    seen: dict[str, Seen],
) -> None:
    candidate = seen["functional"].only

    assert candidate.model.hidden_layers.value == (
        HiddenLayer(units=6, activation="relu"),
        HiddenLayer(units=4, activation="tanh"),
    )
    assert candidate.model.output_activation.value == "linear"
    assert candidate.loss.name.value == "cross_entropy"
    assert candidate.loss.target_encoding.value is TargetEncoding.CLASS_INDEX
    assert candidate.optimizer.name.value == "SGD"
    assert set(candidate.names) == {"net", "model"}


@pytest.mark.parametrize(
    ("program", "inside", "outside", "emits", "expects", "receives"),
    [
        ("sigmoid-outside", "linear", "sigmoid", "LOGITS", "PROBABILITIES", "PROBABILITIES"),
        ("softmax-cross-entropy", "softmax", "linear", "PROBABILITIES", "LOGITS", "PROBABILITIES"),
        ("softmax-outside", "linear", "softmax", "LOGITS", "LOGITS", "PROBABILITIES"),
        ("sigmoid-with-logits", "sigmoid", "linear", "PROBABILITIES", "LOGITS", "PROBABILITIES"),
        (
            "log-softmax",
            "log_softmax",
            "linear",
            "LOG_PROBABILITIES",
            "LOG_PROBABILITIES",
            "LOG_PROBABILITIES",
        ),
        (
            "softmax-one-unit",
            "softmax",
            "linear",
            "PROBABILITIES",
            "PROBABILITIES",
            "PROBABILITIES",
        ),
        ("one-hot", "sigmoid", "linear", "PROBABILITIES", "PROBABILITIES", "PROBABILITIES"),
        ("double", "linear", "linear", "LOGITS", "LOGITS", "LOGITS"),
        ("shared-activation", "linear", "linear", "LOGITS", "LOGITS", "LOGITS"),
        ("forward-called", "linear", "linear", "LOGITS", "LOGITS", "LOGITS"),
        ("compiled", "linear", "linear", "LOGITS", "LOGITS", "LOGITS"),
    ],
)
def test_output_and_loss_are_paired_as_they_were_run(
    seen: dict[str, Seen],
    program: str,
    inside: str,
    outside: str,
    emits: str,
    expects: str,
    receives: str,
) -> None:
    candidate = seen[program].only

    assert candidate.model.output_activation.value == inside
    assert candidate.loss.outside_activation.value == outside
    assert candidate.model.emits.value is ScoreKind[emits]
    assert candidate.loss.expects.value is ScoreKind[expects]
    assert candidate.loss.receives.value is ScoreKind[receives]


def test_two_layers_with_nothing_between_are_affine(seen: dict[str, Seen]) -> None:
    model = seen["no-activation"].only.model

    assert model.is_affine.value is True
    assert model.hidden_layers.value == (HiddenLayer(units=8, activation="linear"),)


def test_a_constant_output_is_not_called_affine(seen: dict[str, Seen]) -> None:
    model = seen["softmax-one-unit"].only.model

    assert model.is_affine.is_unknown
    assert model.operations.known_value[-1].axis == -1


def test_a_shared_activation_counts_wherever_it_is_applied(seen: dict[str, Seen]) -> None:
    model = seen["shared-activation"].only.model

    assert model.hidden_layers.value == (
        HiddenLayer(units=8, activation="gelu"),
        HiddenLayer(units=8, activation="gelu"),
    )
    assert model.output_shape.value == (None,)


def test_one_hot_targets_are_named(seen: dict[str, Seen]) -> None:
    loss = seen["one-hot"].only.loss

    assert loss.name.value == "MSELoss"
    assert loss.target_encoding.value is TargetEncoding.ONE_HOT
    assert loss.target_shape.value == (None, 2)


def test_gradient_descent_by_hand_is_training_without_an_optimizer(seen: dict[str, Seen]) -> None:
    candidate = seen["by-hand"].only

    assert candidate.is_trained
    assert candidate.training.steps.value == 0
    assert candidate.training.gradients.value == 12
    assert candidate.optimizer.name.is_absent
    assert candidate.loss.name.value == "binary_cross_entropy_with_logits"
    assert len(candidate.training.curve) == 12


def test_a_hand_written_loss_is_recognised_by_its_gradient(seen: dict[str, Seen]) -> None:
    candidate = seen["hand-written-loss"].only

    assert candidate.loss.name.value == "written by hand"
    assert candidate.loss.family.value is LossFamily.BINARY_CROSS_ENTROPY
    assert candidate.loss.expects.value is ScoreKind.PROBABILITIES
    assert candidate.training.steps.value == STEPS


def test_a_formula_around_a_loss_is_unknown_and_training_is_still_known(
    seen: dict[str, Seen],
) -> None:
    candidate = seen["focal-like"].only

    assert candidate.loss.name.is_unknown
    assert candidate.loss.expects.is_unknown
    assert candidate.is_trained
    assert candidate.training.steps.value == STEPS


def test_a_penalty_added_to_the_loss_does_not_hide_the_loss(seen: dict[str, Seen]) -> None:
    loss = seen["regularised"].only.loss

    assert loss.name.value == "BCEWithLogitsLoss"
    assert loss.receives.value is ScoreKind.LOGITS


def test_a_residual_part_is_read(seen: dict[str, Seen]) -> None:
    model = seen["residual"].only.model

    assert model.hidden_layers.is_known
    assert "add" in [step.kind for step in model.operations.known_value]
    assert model.output_activation.value == "sigmoid"
    assert model.is_affine.value is False


def test_a_recurrent_layer_is_a_hidden_layer(seen: dict[str, Seen]) -> None:
    assert [one.activation for one in seen["recurrent"].only.model.hidden_layers.known_value] == [
        "tanh"
    ]
    assert seen["recurrent"].only.loss.receives.value is ScoreKind.LOGITS


def test_models_put_one_after_the_other_are_not_taken_for_whole_ones(
    seen: dict[str, Seen],
) -> None:
    encoder, head = seen["encoder-and-head"].examination.candidates

    assert encoder.is_trained
    assert head.is_trained
    assert encoder.model.output_activation.is_unknown
    assert encoder.model.output_shape.is_unknown
    assert head.model.input_shape.is_unknown
    assert head.model.hidden_layers.is_unknown
    assert head.loss.name.value == "BCEWithLogitsLoss"
    assert encoder.hidden_route["circles"].is_unknown
    assert head.hidden_route["circles"].is_unknown


def test_softmax_over_the_rows_gives_no_probabilities_of_classes(seen: dict[str, Seen]) -> None:
    candidate = seen["several-ways-to-be-odd"].only

    assert candidate.model.operations.known_value[-1].axis == -2
    assert candidate.model.emits.value is ScoreKind.VALUES
    assert candidate.loss.receives.value is ScoreKind.VALUES


def test_labels_and_outputs_may_change_places_where_the_loss_is_symmetric(
    seen: dict[str, Seen],
) -> None:
    loss = seen["several-ways-to-be-odd"].only.loss

    assert loss.name.value == "MSELoss"
    assert loss.target_encoding.value is TargetEncoding.ONE_HOT
    assert loss.outside_activation.value == "linear"


def test_a_model_that_no_variable_holds_any_more_is_still_a_candidate(
    seen: dict[str, Seen],
) -> None:
    first, second = seen["overwritten"].examination.candidates

    assert (first.names, first.id, first.last_trained) == ((), "m1", 1)
    assert first.training.steps.value == 3
    assert (second.names, second.id, second.last_trained) == (("model",), "m2", 2)


@pytest.mark.parametrize("program", ["never-trained", "zero-rate"])
def test_a_model_whose_parameters_did_not_change_is_not_trained(
    seen: dict[str, Seen], program: str
) -> None:
    candidate = seen[program].only

    assert not candidate.is_trained
    assert candidate.last_trained == 0
    assert candidate.model.output_activation.value == "linear"


def test_no_model_is_no_candidate_and_no_problem(seen: dict[str, Seen]) -> None:
    examination = seen["nothing"].examination

    assert examination.candidates == ()
    assert examination.problem == ""
    assert examination.notices == ()


def test_calling_forward_directly_is_told_of_the_whole_model(seen: dict[str, Seen]) -> None:
    candidate = seen["forward-called"].only

    assert candidate.names == ("model",)
    assert candidate.is_trained
    assert candidate.training.steps.value == STEPS
    assert candidate.training.trained_on.value == "public data"
    assert candidate.model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),)


def test_rows_that_only_checked_the_loss_do_not_count_as_training(seen: dict[str, Seen]) -> None:
    candidate = seen["minibatches"].only

    assert candidate.training.rows.value == 120
    assert candidate.training.steps.value == 12
    assert candidate.loss.name.value == "BCEWithLogitsLoss"


def test_predictions_come_from_the_model_itself_where_it_takes_raw_rows(
    seen: dict[str, Seen],
) -> None:
    result = seen["logits"]
    by_split = {one.split: one for one in result.only.predictions}
    (hidden,) = result.hidden.predictions["m1"]

    assert set(by_split) == {Split.VALIDATION, Split.PLOT}
    assert by_split[Split.VALIDATION].route is Route.MODEL
    assert by_split[Split.VALIDATION].scores.known_value.file == "validation-circles-m1-scores.npy"
    assert by_split[Split.VALIDATION].scores.known_value.shape == (40, 1)
    assert by_split[Split.PLOT].scores.known_value.shape == (25, 1)
    assert hidden.labels.is_absent
    assert result.array("hidden-circles-m1-scores.npy").shape == (len(HIDDEN), 1)
    assert result.array("hidden-circles-m1-scores.npy").dtype == np.float32
    assert result.only.hidden_route["circles"].value is Route.MODEL


def test_a_fitted_scaler_is_found_and_used(seen: dict[str, Seen]) -> None:
    result = seen["scaler"]

    assert result.only.training.trained_on.value == "public data through StandardScaler"
    assert result.only.hidden_route["circles"].value is Route.TRANSFORMER
    assert result.array("hidden-circles-m1-scores.npy").shape == (len(HIDDEN), 1)


def test_scaling_by_hand_leaves_no_way_and_advises_predict(seen: dict[str, Seen]) -> None:
    result = seen["scaled-by-hand"]
    route = result.only.hidden_route["circles"]
    (hidden,) = result.hidden.predictions["m1"]

    assert route.is_unknown
    assert "predict(inputs)" in route.reason
    assert hidden.scores.reason == HiddenProblem.NO_ROUTE.value


def test_predict_gives_labels_and_the_outputs_seen_meanwhile(seen: dict[str, Seen]) -> None:
    result = seen["predict"]
    labels = result.array("hidden-circles-m1-labels.npy")
    scores = result.array("hidden-circles-m1-scores.npy")

    assert result.only.hidden_route["circles"].value is Route.PREDICT
    assert labels.dtype == np.int64
    assert labels.shape == (len(HIDDEN),)
    assert np.array_equal(labels, (scores[:, 0] > 0).astype(np.int64))


def test_a_helper_named_predict_is_not_taken_for_the_contract(seen: dict[str, Seen]) -> None:
    assert seen["predict-helper"].only.hidden_route["circles"].value is Route.MODEL


def test_no_student_text_reaches_the_hidden_answers(seen: dict[str, Seen]) -> None:
    result = seen["predict-raises"]

    assert "no <b>idea</b>" in result.only.hidden_route["circles"].reason
    assert "idea" not in (result.folder / "hidden.json").read_text()
    for one in seen.values():
        for prediction in (p for ps in one.hidden.predictions.values() for p in ps):
            for fact in (prediction.scores, prediction.labels):
                assert fact.reason in {"", *HiddenProblem}


def test_functions_offered_by_convention_are_called(seen: dict[str, Seen]) -> None:
    result = seen["convention"]

    assert [n.kind for n in result.examination.notices] == [NoticeKind.CALLED_BY_CONVENTION]
    assert result.only.is_trained
    assert result.only.training.steps.value == 5
    assert result.only.hidden_route["circles"].value is Route.MODEL


def test_an_error_in_them_is_told_with_its_name(seen: dict[str, Seen]) -> None:
    (notice,) = seen["convention-raises"].examination.notices

    assert "build_model" in notice.text
    assert "NameError" in notice.text


def test_a_replaced_loss_function_is_noticed_and_makes_the_loss_unknown(
    seen: dict[str, Seen],
) -> None:
    result = seen["tampering"]

    assert [n.kind for n in result.examination.notices] == [NoticeKind.TAMPERING]
    assert "binary_cross_entropy_with_logits" in result.examination.notices[0].text
    assert result.only.loss.name.is_unknown
    assert result.only.is_trained


def test_a_model_that_cannot_be_copied_is_examined_and_left_as_it_was(
    seen: dict[str, Seen],
) -> None:
    candidate = seen["uncopyable"].only

    assert candidate.model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),)
    assert candidate.model.parameters.value == 8 + 9
    assert candidate.model.is_affine.value is False


def test_objects_that_answer_no_question_do_no_harm(seen: dict[str, Seen]) -> None:
    assert seen["unfriendly"].only.names == ("model",)
    assert seen["unfriendly"].only.hidden_route["circles"].is_unknown


def test_a_predict_that_leaves_the_program_is_passed_over(seen: dict[str, Seen]) -> None:
    assert seen["leaving"].only.hidden_route["circles"].value is Route.MODEL
    assert seen["leaving"].hidden.predictions["m1"][0].scores.is_known


def test_several_losses_are_not_called_one(seen: dict[str, Seen]) -> None:
    loss = seen["several-losses"].only.loss

    assert loss.name.is_unknown
    assert "BCELoss, MSELoss" in loss.name.reason


def test_of_many_models_the_last_eight_trained_are_kept_under_their_own_ids(
    seen: dict[str, Seen],
) -> None:
    examination = seen["many"].examination

    assert [one.id for one in examination.candidates] == [f"m{n}" for n in range(3, 11)]
    assert [one.last_trained for one in examination.candidates] == list(range(1, 9))
    assert examination.candidates[0].names == ("models[2]",)
    assert examination.models_seen == 10


def test_of_many_models_one_that_a_variable_holds_is_never_given_up(
    seen: dict[str, Seen],
) -> None:
    candidates = seen["many-best-first"].examination.candidates

    assert len(candidates) == 8
    first = next(one for one in candidates if "model" in one.names)
    assert first.id == "m1"
    assert first.last_trained == 1


def test_a_deep_copy_of_a_trained_model_was_trained(seen: dict[str, Seen]) -> None:
    candidates = {
        name: one for one in seen["best-copied"].examination.candidates for name in one.names
    }

    kept = candidates["model"]
    assert kept.is_trained
    assert kept.training.steps.value == STEPS
    assert kept.loss.name.value == "BCEWithLogitsLoss"
    assert kept.predictions[0].scores.is_known


def test_a_compiled_model_is_unwrapped(seen: dict[str, Seen]) -> None:
    candidate = seen["compiled"].only

    assert candidate.model.class_name == "Sequential"
    assert set(candidate.names) == {"inner", "model"}
    assert candidate.training.steps.value == STEPS


def test_rows_in_double_precision_reach_a_model_in_double_precision(
    seen: dict[str, Seen],
) -> None:
    assert seen["double"].only.predictions[0].scores.is_known


def test_recording_changes_no_weight(seen: dict[str, Seen]) -> None:
    recorded = (seen["same"].folder / "digest").read_text()
    alone = (seen["same-alone"].folder / "digest").read_text()

    assert recorded == alone
