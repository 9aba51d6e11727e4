"""What is read of PyTorch models written in many styles, each in a whole program."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs
from pytorch_styles import STYLES

from grader.evidence import ModelDescription
from grader.probe.structure import ingredients, weighted_layers

pytestmark = pytest.mark.torch

HEAD = """
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
inputs = torch.from_numpy(_X)[:24]
"""
TRAINING = """
opt = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.001)
model.train()
for step in range({steps}):
    out = model(inputs)
    loss = F.mse_loss(out, torch.zeros_like(out))
    opt.zero_grad()
    loss.backward()
    opt.step()
_digest = str([float(p.detach().double().sum()) for p in model.parameters()])
"""
SMALL = "model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, {out}){end})\n"


def small(out: int = 3, end: str = "") -> str:
    return SMALL.format(out=out, end=end)


def trained(steps: int = 3) -> str:
    return TRAINING.format(steps=steps)


ODD = {
    "many-steps-scripted": "model = torch.jit.script(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), "
    "nn.Linear(8, 3)))\n" + trained(30),
    "compiled": small() + "plain = model\nmodel = torch.compile(plain, backend='eager')\n"
    "model(inputs)\n" + trained(),
    "raises": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        if not self.training:
            raise ValueError("only for training")
        return self.a(x)
model = Net()
"""
    + trained(),
    "exits": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
    def forward(self, x):
        if not self.training:
            raise SystemExit
        return self.a(x)
model = Net()
"""
    + trained(),
    "global-rows": """
X = inputs
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)
    def forward(self, x):
        return self.b(torch.relu(self.a(X)))
model = Net()
"""
    + trained(),
    "softmax-over-one-unit": small(1, ", nn.Softmax(dim=1)") + trained(),
    "zero-weights": small()
    + "for p in model.parameters(): nn.init.constant_(p, 0.5)\n"
    + trained(),
    "dead-units": small() + "with torch.no_grad(): model[0].bias[:4] = -1000.0\n" + trained(),
    "saturated-units": "model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))\n"
    "with torch.no_grad(): model[0].bias[:2] = 1000.0\n" + trained(),
    "half-frozen": small()
    + "for p in model[0].parameters(): p.requires_grad = False\n"
    + trained(),
    "prints-and-draws": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 8), nn.Linear(8, 3)
        self.seen = []
    def forward(self, x):
        print("forward")
        self.seen.append(len(x))
        x = x + 0.0 * torch.randn_like(x)
        return self.b(torch.relu(self.a(x)))
model = Net()
"""
    + trained(),
    "large": "inputs = torch.randn(24, 1000)\n"
    "model = nn.Sequential(nn.Linear(1000, 3000), nn.ReLU(), "
    "nn.Linear(3000, 2000), nn.ReLU(), nn.Linear(2000, 2))\n" + trained(1),
    "cannot-be-copied": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.n, self.b = nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)
    def __deepcopy__(self, memo):
        raise TypeError("not to be copied")
    def forward(self, x):
        return self.b(torch.relu(self.n(self.a(x))))
model = Net()
"""
    + trained(),
    "recorded-ending": small(3, ", nn.LogSoftmax(dim=1)")
    + TRAINING.format(steps=3).replace(
        "F.mse_loss(out, torch.zeros_like(out))",
        "F.nll_loss(out, torch.zeros(len(out), dtype=torch.long))",
    ),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    programs = {name: HEAD + style.source + "\n" + trained() for name, style in STYLES.items()}
    programs |= {f"odd-{name}": HEAD + source for name, source in ODD.items()}
    programs["odd-dead-units-alone"] = HEAD + ODD["dead-units"]
    return run_programs("torch", programs, tmp_path_factory.mktemp("styles"))


def trained_model(program: Seen) -> ModelDescription:
    """The one that was trained; a traced model and its origin share their weights."""
    trained = [one for one in program.examination.candidates if one.is_trained]
    (candidate,) = [one for one in trained if "model" in one.names or len(trained) == 1]
    return candidate.model


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_read_as_a_reader_would(name: str, seen: dict[str, Seen]) -> None:
    style, model = STYLES[name], trained_model(seen[name])

    assert model.operations.is_known, model.operations.reason
    operations = model.operations.known_value
    assert list(weighted_layers(operations)) == style.layers
    assert list(ingredients(operations)) == style.ingredients
    if style.hidden is not None:
        assert model.hidden_layers.is_known, model.hidden_layers.reason
        layers = [(one.units, one.activation) for one in model.hidden_layers.known_value]
        assert layers == style.hidden
        assert " and " in model.hidden_layers.how
    else:
        assert model.hidden_layers.is_unknown
    assert model.output_activation.value == style.ending, model.output_activation.reason
    assert model.unused_layers.value == style.unused, model.unused_layers.reason
    assert model.uses_input.value is True


def test_hardly_anything_is_unknown(seen: dict[str, Seen]) -> None:
    models = [trained_model(seen[name]) for name in STYLES]

    facts = [fact for one in models for fact in (one.hidden_layers, one.output_activation)]

    assert sum(fact.is_unknown for fact in facts) <= 0.02 * len(facts)


def test_a_script_is_read_after_it_was_optimised(seen: dict[str, Seen]) -> None:
    model = seen["odd-many-steps-scripted"].only.model

    assert [one.units for one in model.hidden_layers.known_value] == [8]


def test_a_compiled_model_is_unwrapped(seen: dict[str, Seen]) -> None:
    model = trained_model(seen["odd-compiled"])

    assert [one.activation for one in model.hidden_layers.known_value] == ["relu"]


@pytest.mark.parametrize("name", ["raises", "exits"])
def test_a_forward_that_fails_in_evaluation_leaves_facts_unknown(
    name: str, seen: dict[str, Seen]
) -> None:
    model = seen[f"odd-{name}"].only.model

    assert model.hidden_layers.is_unknown
    assert model.output_shape.is_unknown
    assert model.parameters.value == 9


def test_a_forward_that_uses_global_rows_does_not_use_its_input(seen: dict[str, Seen]) -> None:
    model = seen["odd-global-rows"].only.model

    assert model.uses_input.value is False
    assert model.output_shape.value == (24, 3)
    assert model.is_affine.is_unknown
    assert [one.activation for one in model.hidden_layers.known_value] == ["relu"]


def test_a_softmax_over_one_unit_is_constant(seen: dict[str, Seen]) -> None:
    model = seen["odd-softmax-over-one-unit"].only.model

    assert model.is_constant.value is True
    assert model.uses_input.value is True
    assert model.output_activation.value == "softmax"
    assert seen["sequential"].only.model.is_constant.value is False


def test_equal_weights_make_identical_units(seen: dict[str, Seen]) -> None:
    assert seen["odd-zero-weights"].only.model.identical_units.value == 1.0
    assert seen["sequential"].only.model.identical_units.value == 0.0


def test_units_that_are_always_off_or_at_the_end_are_counted(seen: dict[str, Seen]) -> None:
    dead = seen["odd-dead-units"].only.model
    saturated = seen["odd-saturated-units"].only.model

    assert dead.inactive_units.known_value >= 0.5
    assert dead.saturated_units.is_absent
    assert saturated.saturated_units.known_value >= 0.25
    assert saturated.inactive_units.is_absent


def test_frozen_numbers_are_counted_apart(seen: dict[str, Seen]) -> None:
    model = seen["odd-half-frozen"].only.model

    assert (model.parameters.value, model.frozen_parameters.value) == (27, 24)


def test_a_forward_that_prints_and_draws_is_read(seen: dict[str, Seen]) -> None:
    model = seen["odd-prints-and-draws"].only.model

    assert [one.activation for one in model.hidden_layers.known_value] == ["relu"]


def test_a_large_model_is_read(seen: dict[str, Seen]) -> None:
    model = seen["odd-large"].only.model

    assert [one.units for one in model.hidden_layers.known_value] == [3000, 2000]


def test_a_model_that_cannot_be_copied_is_read(seen: dict[str, Seen]) -> None:
    model = seen["odd-cannot-be-copied"].only.model

    assert [one.activation for one in model.hidden_layers.known_value] == ["relu"]


def test_the_recorded_training_is_a_witness_of_the_ending(seen: dict[str, Seen]) -> None:
    ending = seen["odd-recorded-ending"].only.model.output_activation

    assert ending.value == "log_softmax"
    assert "recorded training" in ending.how


def test_training_is_the_same_with_and_without_us(seen: dict[str, Seen]) -> None:
    together = (seen["odd-dead-units"].folder / "digest").read_text()
    alone = (seen["odd-dead-units-alone"].folder / "digest").read_text()

    assert together == alone
