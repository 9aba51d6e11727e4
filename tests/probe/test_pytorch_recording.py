"""What the recorder counts in PyTorch: modes, rows, passes, fresh gradients, rates, formulas."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs

from grader.evidence import Candidate, Freshness, LossFamily, Mode, ScoreKind, TargetEncoding

pytestmark = pytest.mark.torch

HEAD = """
import copy
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(3)
X, y = torch.from_numpy(_X), torch.from_numpy(_y).float()
V, W = torch.from_numpy(_V), torch.from_numpy(_W).float()
loss_fn = nn.BCEWithLogitsLoss()
"""
NET = "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))\n"
PROBABLE = "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())\n"
THREE = (
    "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))\n"
    "t = (y.long() + (X[:, 0] > 1).long())\n"
)
SGD = "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
LOSS = "loss_fn(model(X).squeeze(), y)"


def loop(body: str, *, times: int = 6, before: str = SGD) -> str:
    """A training loop around one line."""
    return before + f"for step in range({times}):\n    {body}\n"


def fresh(clear: str, *, net: str = NET) -> str:
    """A loop that clears its gradients in some way."""
    return HEAD + net + loop(f"loss = {LOSS}; {clear}; loss.backward(); opt.step()")


def formula(text: str, *, net: str = PROBABLE) -> str:
    """A loop with a loss of the student's own."""
    return HEAD + net + loop(f"loss = {text}; opt.zero_grad(); loss.backward(); opt.step()")


LOADER = """
from torch.utils.data import DataLoader, TensorDataset, RandomSampler
data = TensorDataset(X, y)
loader = DataLoader(data, {options})
for epoch in range({epochs}):
    for a, b in loader:
        loss = loss_fn(model(a).squeeze(1), b)
        opt.zero_grad(); loss.backward(); opt.step()
"""


def loader(options: str, *, epochs: int = 3) -> str:
    """A loop over batches of a ``DataLoader``."""
    return HEAD + NET + SGD + LOADER.format(options=options, epochs=epochs)


CLEARED = {
    "zero-grad": "opt.zero_grad()",
    "to-zero": "opt.zero_grad(set_to_none=False)",
    "model-zero-grad": "model.zero_grad()",
    "none": "[setattr(p, 'grad', None) for p in model.parameters()]",
    "by-hand": "[p.grad.zero_() for p in model.parameters() if p.grad is not None]",
    "data-fill": "[p.grad.data.fill_(0) for p in model.parameters() if p.grad is not None]",
    "new-zeros": "[setattr(p, 'grad', torch.zeros_like(p)) for p in model.parameters()]",
}
PROGRAMS = {f"fresh-{name}": fresh(clear) for name, clear in CLEARED.items()}
PROGRAMS |= {
    "fresh-after-step": HEAD
    + NET
    + loop(f"loss = {LOSS}; loss.backward(); opt.step(); opt.zero_grad()"),
    "fresh-accumulated": HEAD
    + NET
    + loop(
        "[loss_fn(model(X[i::3]).squeeze(), y[i::3]).backward() for i in range(3)];"
        " opt.step(); opt.zero_grad()"
    ),
    "fresh-assigned": HEAD
    + NET
    + loop(
        f"gs = torch.autograd.grad({LOSS}, list(model.parameters()));"
        " [setattr(p, 'grad', g) for p, g in zip(model.parameters(), gs)]; opt.step()"
    ),
    "fresh-lbfgs": HEAD
    + PROBABLE
    + """
opt = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)
def closure():
    opt.zero_grad()
    loss = F.binary_cross_entropy(model(X)[:, 0], y)
    loss.backward()
    return loss
for step in range(4):
    opt.step(closure)
""",
    "fresh-two-losses": HEAD
    + NET
    + "other = nn.Linear(2, 1); second = torch.optim.SGD(other.parameters(), lr=0.1)\n"
    + loop(
        f"opt.zero_grad(); {LOSS}.backward(); opt.step();"
        " second.zero_grad(); loss_fn(model(X)[:, 0] + other(X)[:, 0], y).backward(); second.step()"
    ),
    "stale": fresh("None"),
    "stale-new-optimizer": HEAD + NET + loop(f"{SGD.strip()}; {LOSS}.backward(); opt.step()"),
    "stale-part": HEAD
    + NET
    + loop(f"loss = {LOSS}; model[0].zero_grad(); loss.backward(); opt.step()"),
    "stale-sometimes": HEAD
    + NET
    + loop(f"loss = {LOSS}; (opt.zero_grad() if step % 2 else 0); loss.backward(); opt.step()"),
    "eval-training": HEAD
    + NET
    + "model.eval()\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "mixed-modes": HEAD
    + NET
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step(); model.eval(); model(V).detach()"),
    "evaluated": HEAD
    + NET
    + loop(
        f"model.train(); opt.zero_grad(); {LOSS}.backward(); opt.step(); model.eval();"
        " torch.set_grad_enabled(False); loss_fn(model(V).squeeze(), W);"
        " torch.set_grad_enabled(True)"
    )
    + "with torch.inference_mode():\n    model(V); model(X[:2])\n",
    "frozen-average": HEAD
    + NET.replace("nn.ReLU()", "nn.BatchNorm1d(8)")
    + "model.train(); model[1].eval()\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "kept-outputs": HEAD
    + NET
    + loop(
        "outs = [model(X), model(X * 2)]; held = model(V);"
        " opt.zero_grad(); loss_fn(sum(outs)[:, 0], y).backward(); opt.step()"
    ),
    "never-backward": HEAD + NET + loop(f"loss = {LOSS}; opt.zero_grad(); opt.step()"),
    "raising-loss": HEAD + NET + "try:\n    loss_fn(model(X), y)\nexcept ValueError: pass\n",
    "grad-of-generator": HEAD
    + NET
    + loop(
        f"gs = torch.autograd.grad({LOSS}, model.parameters());"
        " [p.data.sub_(0.1 * g) for p, g in zip(model.parameters(), gs)]"
    ),
    "other-optimizer": HEAD
    + NET
    + "old = nn.Linear(2, 1)\nopt = torch.optim.Adam(old.parameters())\n"
    + loop(f"loss = {LOSS}; opt.zero_grad(); loss.backward(); opt.step()", before=""),
    "schedule": HEAD
    + NET
    + "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    + "plan = torch.optim.lr_scheduler.ExponentialLR(opt, 0.1)\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step(); plan.step()", times=4, before="")
    + "opt.param_groups[0]['lr'] = 0.5\n"
    + f"opt.zero_grad(); {LOSS}.backward(); opt.step()\n",
    "odd-rate": HEAD
    + NET
    + loop(
        f"opt.zero_grad(); {LOSS}.backward();"
        " opt.param_groups[0].update(lr=float('nan')); opt.step()"
    ),
    "loader": loader("batch_size=32, shuffle=True"),
    "loader-drop-last": loader("batch_size=50, shuffle=True, drop_last=True"),
    "loader-replacing": loader(
        "batch_size=40, sampler=RandomSampler(data, replacement=True, num_samples=120)"
    ),
    "loader-broken-off": loader("batch_size=32, shuffle=True")
    .replace("opt.step()\n", "opt.step()\n        if step_limit: break\n")
    .replace("data =", "step_limit = 1\ndata ="),
    "slices": HEAD
    + NET
    + SGD
    + """
for epoch in range(4):
    order = torch.randperm(120)
    for i in range(0, 120, 50):
        a, b = X[order[i:i + 50]], y[order[i:i + 50]]
        loss = loss_fn(model(a).squeeze(), b)
        opt.zero_grad(); loss.backward(); opt.step()
""",
    "drawn": HEAD
    + NET
    + SGD
    + """
for step in range(30):
    i = torch.randint(0, 120, (16,))
    loss = loss_fn(model(X[i]).squeeze(), y[i])
    opt.zero_grad(); loss.backward(); opt.step()
""",
    "formula-bce": formula(
        "-(y * model(X)[:, 0].log() + (1 - y) * (1 - model(X)[:, 0]).log()).mean()"
    ),
    "formula-sigmoid": HEAD
    + NET
    + loop(
        "p = torch.sigmoid(model(X)).squeeze(); loss = -(y * torch.log(p + 1e-8) + (1 - y) *"
        " torch.log(1 - p + 1e-8)).mean(); opt.zero_grad(); loss.backward(); opt.step()"
    ),
    "formula-stable": HEAD
    + NET
    + loop(
        "z = model(X)[:, 0]; loss = (z.clamp(min=0) - z * y + (1 + (-z.abs()).exp()).log()).mean();"
        " opt.zero_grad(); loss.backward(); opt.step()"
    ),
    "formula-mse": formula("((model(X)[:, 0] - y) ** 2).mean()"),
    "formula-broadcast": formula("((model(X) - y) ** 2).mean()"),
    "formula-index": formula(
        "-torch.log(torch.softmax(model(X), 1)[range(120), t]).mean()", net=THREE
    ),
    "formula-one-hot": formula(
        "-(F.one_hot(t, 3) * torch.log(torch.softmax(model(X), 1))).sum(1).mean()", net=THREE
    ),
    "formula-logsumexp": formula(
        "(torch.logsumexp(model(X), 1) - (model(X) * F.one_hot(t, 3)).sum(1)).mean()", net=THREE
    ),
    "formula-odd": formula("((model(X)[:, 0] - y).abs() ** 1.5).mean()"),
    "swapped-midway": HEAD
    + PROBABLE
    + loop(
        "opt.zero_grad(); (F.mse_loss if step == 4 else F.binary_cross_entropy)(model(X)[:, 0],"
        " y).backward(); opt.step()"
    ),
    "weighted": HEAD
    + NET
    + "loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "forward-of-loss": HEAD
    + NET
    + loop("opt.zero_grad(); loss_fn.forward(model(X)[:, 0], y).backward(); opt.step()"),
    "loss-inside": HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.criterion = nn.Linear(2, 1), nn.BCEWithLogitsLoss()
    def forward(self, x, y):
        return self.criterion(self.body(x)[:, 0], y)
model = Net()
"""
    + loop("opt.zero_grad(); model(X, y).backward(); opt.step()"),
    "odd-loss": HEAD
    + NET
    + loop("opt.zero_grad(); (loss_fn(model(X)[:, 0], y) * float('inf')).backward(); opt.step()"),
    "fresh-net-loads": HEAD
    + NET
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()")
    + NET.replace("model", "second")
    + "second.load_state_dict(model.state_dict())\n",
    "best-weights": HEAD
    + NET
    + loop(
        f"opt.zero_grad(); {LOSS}.backward(); opt.step();"
        " best = copy.deepcopy(model.state_dict()) if step == 3 else (best if step else None)"
    )
    + "model.load_state_dict(best)\n",
    "from-file": HEAD
    + "import os, tempfile\nfolder = tempfile.mkdtemp()\n"
    + NET
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()")
    + "torch.save(model.state_dict(), folder + '/w.pt'); torch.save(model, folder + '/m.pt')\n"
    + NET.replace("model", "second")
    + "second.load_state_dict(torch.load(folder + '/w.pt'))\n"
    + "third = torch.load(folder + '/m.pt', weights_only=False)\nthird.eval(); third(V)\n",
    "foreign-file": HEAD
    + "first = nn.Linear(2, 1)\nstate = {k: v + 1 for k, v in first.state_dict().items()}\n"
    + "first.load_state_dict(state)\nwith torch.no_grad(): first(V)\n",
    "raising-call": HEAD
    + NET
    + "try:\n    model(torch.zeros(4, 3))\nexcept RuntimeError: pass\n"
    + "kept = copy.deepcopy(model)\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "compiled": HEAD
    + "import warnings; warnings.simplefilter('error')\n"
    + NET
    + "inner = model\nmodel = torch.compile(model, backend='eager')\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "compiled-step": HEAD
    + NET
    + SGD
    + f"""
@torch.compile(backend="eager")
def forward():
    return {LOSS}
for step in range(6):
    opt.zero_grad(); forward().backward(); opt.step()
""",
    "functional-call": HEAD
    + NET
    + loop(
        "opt.zero_grad(); loss_fn(torch.func.functional_call(model,"
        " dict(model.named_parameters()), (X,))[:, 0], y).backward(); opt.step()"
    ),
    "transformed": HEAD
    + PROBABLE
    + loop("opt.zero_grad(); F.binary_cross_entropy(model(X)[:, 0], y).backward(); opt.step()")
    + "slopes = torch.func.vmap(torch.func.jacrev(model))(X[:5])\n",
    "parallel": HEAD
    + NET
    + "inner = model\nmodel = nn.DataParallel(model)\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()"),
    "subclass": HEAD
    + NET
    + "class Mine(torch.optim.SGD):\n    pass\nopt = Mine(model.parameters(), lr=0.2)\n"
    + loop(f"opt.zero_grad(); {LOSS}.backward(); opt.step()", before=""),
    "chained": HEAD
    + "encoder, head = nn.Sequential(nn.Linear(2, 4), nn.ReLU()), nn.Linear(4, 1)\n"
    + "opt = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)\n"
    + loop("opt.zero_grad(); loss_fn(head(encoder(X))[:, 0], y).backward(); opt.step()", before=""),
}
DIGEST = """
import hashlib
_digest = hashlib.sha256(b"".join(
    p.detach().numpy().tobytes() for p in model.parameters())).hexdigest()
"""
for same in ("formula-bce", "evaluated", "fresh-accumulated", "fresh-lbfgs", "loader", "stale"):
    PROGRAMS |= {f"same-{same}": PROGRAMS[same] + DIGEST}
    PROGRAMS |= {f"same-{same}-alone": PROGRAMS[same] + DIGEST}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("torch", PROGRAMS, tmp_path_factory.mktemp("torch"))


def named(seen: Seen, name: str) -> Candidate:
    """The candidate that a variable holds."""
    assert not seen.examination.problem
    return next(one for one in seen.examination.candidates if name in one.names)


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name.startswith("fresh-")])
def test_gradients_that_were_cleared_in_any_way_are_fresh(
    seen: dict[str, Seen], program: str
) -> None:
    training = named(seen[program], "model").training

    assert training.zero_grad.value is Freshness.EVERY_STEP
    assert training.steps.value == (4 if program == "fresh-lbfgs" else 6)


@pytest.mark.parametrize(
    ("program", "freshness"),
    [
        ("stale", Freshness.NEVER),
        ("stale-new-optimizer", Freshness.NEVER),
        ("stale-part", Freshness.NEVER),
        ("stale-sometimes", Freshness.SOME_STEPS),
    ],
)
def test_gradients_that_pile_up_are_told(
    seen: dict[str, Seen], program: str, freshness: Freshness
) -> None:
    assert seen[program].only.training.zero_grad.value is freshness


def test_the_mode_of_training_and_of_other_calls_are_told_apart(seen: dict[str, Seen]) -> None:
    training = seen["evaluated"].only.training

    assert training.trained_in.value is Mode.TRAINING
    assert training.evaluated_in.value is Mode.EVALUATION
    assert training.evaluated_with_gradients.value is False
    assert training.evaluated_on.known_value.rows == 40
    assert training.evaluated_on.known_value.trained == 0
    assert [point.step for point in training.evaluation_curve] == [1, 2, 3, 4, 5, 6]
    assert seen["eval-training"].only.training.trained_in.value is Mode.EVALUATION


def test_a_call_whose_graph_is_thrown_away_was_no_training(seen: dict[str, Seen]) -> None:
    training = seen["mixed-modes"].only.training

    assert training.trained_in.value is Mode.MIXED  # the loop never went back to training mode
    assert training.evaluated_in.value is Mode.EVALUATION
    assert training.evaluated_with_gradients.value is True
    assert training.rows.value == 120


def test_one_frozen_layer_does_not_change_the_mode(seen: dict[str, Seen]) -> None:
    assert seen["frozen-average"].only.training.trained_in.value is Mode.TRAINING


def test_outputs_that_wait_for_their_gradient_count_once_it_comes(seen: dict[str, Seen]) -> None:
    training = seen["kept-outputs"].only.training

    assert training.gradients.value == 6
    assert training.rows.value == 240
    assert training.evaluated_on.known_value.rows == 40


def test_losses_without_a_gradient_are_counted(seen: dict[str, Seen]) -> None:
    training = seen["never-backward"].only.training

    assert training.loss_calls.value == 6
    assert training.gradients.is_absent
    assert seen["never-backward"].only.loss.name.value == "BCEWithLogitsLoss"
    assert seen["never-backward"].only.loss.target_encoding.value is TargetEncoding.BINARY


def test_a_loss_that_raised_before_the_first_gradient_is_told(seen: dict[str, Seen]) -> None:
    candidate = seen["raising-loss"].only

    assert candidate.loss.name.value == "BCEWithLogitsLoss"
    assert candidate.loss.input_shape.value == (None, 1)
    assert candidate.loss.target_shape.value == (None,)
    assert candidate.training.loss_calls.value == 0


def test_gradients_by_a_generator_of_parameters_are_counted(seen: dict[str, Seen]) -> None:
    candidate = seen["grad-of-generator"].only

    assert candidate.is_trained
    assert candidate.training.gradients.value == 6
    assert candidate.optimizer.name.is_absent


def test_an_optimizer_of_another_model_is_named(seen: dict[str, Seen]) -> None:
    optimizer = named(seen["other-optimizer"], "model").optimizer

    assert optimizer.holds_parameters.value is False


def test_rates_are_followed_through_schedules_and_changes(seen: dict[str, Seen]) -> None:
    optimizer = seen["schedule"].only.optimizer

    assert optimizer.first_learning_rate.value == pytest.approx(0.1)
    assert optimizer.lowest_learning_rate.value == pytest.approx(1e-4)
    assert optimizer.highest_learning_rate.value == pytest.approx(0.5)
    assert optimizer.learning_rate.value == pytest.approx(0.5)


def test_a_rate_that_is_no_number_is_unknown_and_no_error(seen: dict[str, Seen]) -> None:
    assert seen["odd-rate"].only.optimizer.learning_rate.is_unknown
    assert seen["odd-rate"].only.training.steps.value == 6


@pytest.mark.parametrize(
    ("program", "epochs"),
    [
        ("evaluated", 6),
        ("loader", 3),
        ("loader-drop-last", 3),
        ("loader-replacing", 3),
        ("loader-broken-off", None),
        ("slices", 4),
        ("drawn", None),
        ("formula-bce", 6),
        ("fresh-accumulated", 6),
    ],
)
def test_passes_over_the_data_are_counted_or_unknown(
    seen: dict[str, Seen], program: str, epochs: int | None
) -> None:
    assert seen[program].only.training.epochs.value == epochs


BINARY, CATEGORICAL = LossFamily.BINARY_CROSS_ENTROPY, LossFamily.CATEGORICAL_CROSS_ENTROPY
SQUARED = LossFamily.MEAN_SQUARED_ERROR
SHARES, LOGITS = ScoreKind.PROBABILITIES, ScoreKind.LOGITS


@pytest.mark.parametrize(
    ("program", "family", "kind", "encoding", "shape", "dtype"),
    [
        ("bce", BINARY, SHARES, TargetEncoding.BINARY, (None,), "float32"),
        ("sigmoid", BINARY, SHARES, TargetEncoding.BINARY, (None,), "float32"),
        ("stable", BINARY, LOGITS, TargetEncoding.BINARY, (None,), "float32"),
        ("mse", SQUARED, SHARES, TargetEncoding.BINARY, (None,), None),
        ("index", CATEGORICAL, SHARES, TargetEncoding.CLASS_INDEX, (None,), "int64"),
        ("one-hot", CATEGORICAL, SHARES, TargetEncoding.ONE_HOT, (None, 3), "int64"),
        ("logsumexp", CATEGORICAL, LOGITS, TargetEncoding.ONE_HOT, (None, 3), "int64"),
    ],
)
def test_a_formula_is_recognised_by_its_gradient(
    seen: dict[str, Seen],
    program: str,
    family: LossFamily,
    kind: ScoreKind,
    encoding: TargetEncoding,
    shape: tuple[int | None, ...],
    dtype: str | None,
) -> None:
    loss = seen[f"formula-{program}"].only.loss

    assert loss.name.value == "written by hand"
    assert loss.family.value is family
    assert loss.expects.value is kind
    assert loss.receives.value is kind
    assert loss.target_encoding.value is encoding
    assert loss.target_shape.value == shape
    assert loss.target_dtype.value == dtype


def test_a_formula_that_spreads_labels_over_all_rows_betrays_their_shape(
    seen: dict[str, Seen],
) -> None:
    loss = seen["formula-broadcast"].only.loss

    assert loss.family.value is LossFamily.MEAN_SQUARED_ERROR
    assert loss.input_shape.value == (None, 1)
    assert loss.target_shape.value == (None,)


def test_a_formula_of_no_known_loss_is_not_named(seen: dict[str, Seen]) -> None:
    loss = seen["formula-odd"].only.loss

    assert loss.name.value == "written by hand"
    assert loss.family.is_unknown
    assert loss.expects.is_unknown


def test_a_loss_that_is_swapped_for_one_step_is_noticed(seen: dict[str, Seen]) -> None:
    loss = seen["swapped-midway"].only.loss

    assert loss.name.is_unknown
    assert "binary_cross_entropy, mse_loss" in loss.name.reason


def test_class_weights_and_the_shape_given_to_the_loss_are_noted(seen: dict[str, Seen]) -> None:
    assert seen["weighted"].only.loss.weights_classes.value is True
    assert seen["evaluated"].only.loss.weights_classes.value is False
    assert seen["evaluated"].only.loss.input_shape.value == (None,)


@pytest.mark.parametrize("program", ["forward-of-loss", "loss-inside"])
def test_a_loss_module_is_named_however_it_is_called(seen: dict[str, Seen], program: str) -> None:
    candidate = seen[program].only

    assert candidate.loss.name.value == "BCEWithLogitsLoss"
    assert candidate.training.gradients.value == 6


def test_losses_that_are_no_numbers_are_told(seen: dict[str, Seen]) -> None:
    assert seen["odd-loss"].only.training.finite_losses.value is False
    assert seen["evaluated"].only.training.finite_losses.value is True


@pytest.mark.parametrize(
    ("program", "names"), [("fresh-net-loads", ["second"]), ("from-file", ["second", "third"])]
)
def test_a_model_with_the_weights_of_a_trained_one_was_trained(
    seen: dict[str, Seen], program: str, names: list[str]
) -> None:
    for name in names:
        candidate = named(seen[program], name)

        assert candidate.is_trained
        assert candidate.training.steps.value == 6
        assert candidate.loss.name.value == "BCEWithLogitsLoss"


def test_going_back_to_the_best_weights_keeps_the_story(seen: dict[str, Seen]) -> None:
    candidate = seen["best-weights"].only

    assert candidate.is_trained
    assert candidate.training.steps.value == 6
    assert candidate.training.epochs.value == 6


def test_weights_that_were_not_trained_here_are_not_called_trained(seen: dict[str, Seen]) -> None:
    assert not seen["foreign-file"].only.is_trained


def test_a_call_that_raised_leaves_nothing_behind(seen: dict[str, Seen]) -> None:
    candidate = named(seen["raising-call"], "model")

    assert candidate.training.steps.value == 6
    assert candidate.training.trained_in.value is Mode.TRAINING
    assert candidate.training.gradients.value == 6


@pytest.mark.parametrize("program", ["compiled", "parallel", "functional-call", "transformed"])
def test_wrapped_and_transformed_models_are_recorded(seen: dict[str, Seen], program: str) -> None:
    candidate = named(seen[program], "model")

    assert candidate.training.steps.value == 6
    assert candidate.training.gradients.value == 6
    assert candidate.training.zero_grad.value is Freshness.EVERY_STEP
    assert candidate.loss.family.value is LossFamily.BINARY_CROSS_ENTROPY


def test_training_inside_a_compiled_function_is_not_told_wrongly(seen: dict[str, Seen]) -> None:
    candidate = named(seen["compiled-step"], "model")

    assert candidate.training.steps.value == 6
    assert candidate.training.gradients.value in {None, 6}
    assert candidate.training.zero_grad.value in {None, Freshness.EVERY_STEP}


def test_an_optimizer_class_of_the_students_own_is_named(seen: dict[str, Seen]) -> None:
    assert seen["subclass"].only.optimizer.name.value == "Mine"


def test_parts_that_are_trained_together_are_both_told(seen: dict[str, Seen]) -> None:
    for name in ("encoder", "head"):
        training = named(seen["chained"], name).training

        assert training.steps.value == 6
        assert training.epochs.value == 6
        assert training.zero_grad.value is Freshness.EVERY_STEP
    assert named(seen["chained"], "head").training.rows.is_unknown


@pytest.mark.parametrize(
    "program", ["formula-bce", "evaluated", "fresh-accumulated", "fresh-lbfgs", "loader", "stale"]
)
def test_recording_changes_no_bit_of_the_weights(seen: dict[str, Seen], program: str) -> None:
    recorded = (seen[f"same-{program}"].folder / "digest").read_text()
    alone = (seen[f"same-{program}-alone"].folder / "digest").read_text()

    assert recorded == alone
