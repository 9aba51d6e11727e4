"""Rounds that are compared only leave the same evidence as rounds that are looked at closely."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs

pytestmark = pytest.mark.torch

CLOSELY = """
from grader.probe import pytorch_repeats
pytorch_repeats._ALIKE_BEFORE = 10**9
"""
COUNTED = """
from grader.probe import pytorch_repeats
_settle, _sizes = pytorch_repeats.Repeats.settle, []
def settle(self):
    _sizes.append(len(self._aside))
    _settle(self)
pytorch_repeats.Repeats.settle = settle
"""
HEAD = """
import copy
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(3)
X, y = torch.from_numpy(_X), torch.from_numpy(_y).float().unsqueeze(1)
V, W = torch.from_numpy(_V), torch.from_numpy(_W).float().unsqueeze(1)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
def one_round(model=model, X=X, y=y, loss_fn=loss_fn, opt=opt):
    loss = loss_fn(model(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss
"""
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(2, 1)
"""
CHANGED = """
for epoch in range(9):
    for i in range(0, 120, 12):
        one_round(X=X[i:i + 12], y=y[i:i + 12])
    X.mul_(1.5)
"""
ROUNDS = "for step in range(90):\n    one_round()\n"


def at(step: int, odd: str, *, usual: str = "one_round()", rounds: int = 90) -> str:
    """Rounds of which one is another."""
    return f"for step in range({rounds}):\n    if step == {step}:\n        {odd}\n    {usual}\n"


ODD_ROUNDS = {
    "all-alike": ROUNDS,
    "stops-early": ROUNDS.replace("90", "20"),
    "squeezed": "t = y.squeeze()\nfor step in range(90):\n"
    "    loss = loss_fn(model(X).squeeze(), t)\n"
    "    opt.zero_grad(); loss.backward(); opt.step()\n",
    "sigmoid-outside": "for step in range(90):\n    loss = F.binary_cross_entropy("
    "torch.sigmoid(model(X)), y)\n    opt.zero_grad(); loss.backward(); opt.step()\n",
    "classes": "m = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.2), nn.Linear(8, 2))\n"
    "o = torch.optim.Adam(m.parameters())\nc = nn.CrossEntropyLoss()\nt = y.squeeze().long()\n"
    "for step in range(90):\n    loss = c(m(X), t)\n    o.zero_grad(); loss.backward(); o.step()\n",
    "loader": "for epoch in range(9):\n"
    "    for a, b in DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True):\n"
    "        one_round(X=a, y=b)\n    with torch.inference_mode():\n"
    "        model.eval(); loss_fn(model(V), W); model.train()\n",
    "rows-made-in-inference-mode": "for step in range(90):\n    one_round()\n"
    "    with torch.inference_mode():\n        loss_fn(model(V * 1), W * 1)\n",
    "trained-on-rows-of-inference": "with torch.inference_mode():\n    R = X * 1\n"
    "for step in range(60):\n    one_round(X=R.clone())\n",
    "slices": "for epoch in range(9):\n    for i in range(0, 120, 12):\n"
    "        one_round(X=X[i:i + 12], y=y[i:i + 12])\n",
    "rows-changed": at(50, "X.add_(1)"),
    "labels-changed": at(50, "y.mul_(0.5)"),
    "labels-changed-afterwards": ROUNDS.replace("90", "64") + "y.mul_(0.5)\n",
    "odd-gradient": at(50, "\n        try:\n            loss_fn(model(X), y).backward(_X)\n"
                       "        except (TypeError, RuntimeError) as error:\n"
                       "            assert 'ambiguous' not in str(error)"),
    "odd-weight": at(50, "\n        try:\n            F.binary_cross_entropy_with_logits("
                     "model(X), y, _X)\n        except (TypeError, AttributeError):\n"
                     "            pass"),
    "no-zero-grad": at(50, "loss_fn(model(X), y).backward(); opt.step(); continue"),
    "zeroed-in-place": "for step in range(90):\n    loss = loss_fn(model(X), y)\n"
    "    opt.zero_grad(set_to_none=False); loss.backward(); opt.step()\n",
    "never-zeroed": "for step in range(90):\n    loss_fn(model(X), y).backward(); opt.step()\n",
    "stops-zeroing": "for step in range(90):\n    if step < 45: opt.zero_grad()\n"
    "    loss_fn(model(X), y).backward(); opt.step()\n",
    "two-steps": at(50, "one_round(); opt.step()"),
    "only-a-step": at(50, "opt.step()"),
    "no-step": at(50, "opt.zero_grad(); loss_fn(model(X), y).backward()"),
    "no-gradient": at(50, "loss_fn(model(X), y)"),
    "only-a-call": at(50, "model(X)"),
    "ends-with-a-call": ROUNDS + "out = model(X)\n",
    "ends-with-a-loss": ROUNDS + "out = loss_fn(model(X), y)\n",
    "ends-with-a-gradient": ROUNDS + "opt.zero_grad(); loss_fn(model(X), y).backward()\n",
    "halved": at(50, "opt.zero_grad(); (loss_fn(model(X), y) / 2).backward(); opt.step()"),
    "changed-in-place": at(50, "out = model(X); out.sigmoid_(); opt.zero_grad(); "
                           "loss_fn(out, y).backward(); opt.step()"),
    "loss-changed-in-place": at(50, "loss = loss_fn(model(X), y); loss *= 2; opt.zero_grad(); "
                                "loss.backward(); opt.step()"),
    "kept-graph": at(50, "loss = loss_fn(model(X), y); opt.zero_grad(); "
                     "loss.backward(retain_graph=True); loss.backward(); opt.step()"),
    "added-up": at(50, "opt.zero_grad(); a = loss_fn(model(X), y); b = loss_fn(model(X), y); "
                   "(a + b).backward(); opt.step()"),
    "evaluation-mode": at(50, "model.eval()"),
    "mode-of-one-layer": "model = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), "
    "nn.Linear(8, 1))\nopt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
    + at(50, "model[1].eval()", usual="one_round(model=model, opt=opt)"),
    "other-loss": at(50, "loss_fn = nn.MSELoss()", usual="one_round(loss_fn=loss_fn)"),
    "weighted": at(50, "loss_fn.pos_weight = torch.tensor([2.0])"),
    "other-rate": at(50, "opt.param_groups[0]['lr'] = 0.01"),
    "schedule": "s = torch.optim.lr_scheduler.StepLR(opt, 30)\n"
    + at(-1, "pass", usual="one_round(); s.step()"),
    "other-optimizer": at(50, "opt = torch.optim.Adam(model.parameters())",
                          usual="one_round(opt=opt)"),
    "two-models": "m2 = copy.deepcopy(model)\no2 = torch.optim.Adam(m2.parameters())\n"
    + at(-1, "pass", usual="one_round(); step % 3 or one_round(model=m2, opt=o2)"),
    "best-state": at(50, "best = copy.deepcopy(model.state_dict())", rounds=90)
    + "other = copy.deepcopy(model); other.load_state_dict(best)\n",
    "copied": at(50, "twin = copy.deepcopy(model)"),
    "raises": at(50, "\n        try:\n            loss_fn(model(X), y.squeeze())\n"
                 "        except ValueError:\n            pass"),
    "called-on-a-list": NET + "    def forward(self, rows):\n"
    "        return self.out(torch.stack(list(rows)))\nm = Net()\n"
    "o = torch.optim.SGD(m.parameters(), lr=0.1)\nrows = list(X)\n"
    + at(-1, "pass", usual="one_round(model=m, opt=o, X=rows)"),
    "validated-with-graph": at(-1, "pass", usual="one_round(); loss_fn(model(V), W)"),
    "other-rows-later": at(50, "X = V; y = W", usual="one_round(X=X, y=y)"),
    "loss-in-the-model": NET + "    def forward(self, rows):\n"
    "        return F.binary_cross_entropy_with_logits(self.out(rows), y)\nm = Net()\n"
    "o = torch.optim.SGD(m.parameters(), lr=0.1)\nfor step in range(60):\n    loss = m(X)\n"
    "    o.zero_grad(); loss.backward(); o.step()\n",
    "infinite": at(50, "one_round(X=X * float('inf'))"),
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    programs = {name: HEAD + text for name, text in ODD_ROUNDS.items()}
    programs |= {f"{name}-closely": CLOSELY + HEAD + text for name, text in ODD_ROUNDS.items()}
    programs["slices-changed"] = HEAD + CHANGED
    programs["counted"] = COUNTED + HEAD + ROUNDS + "_digest = repr(_sizes)\n"
    return run_programs("torch", programs, tmp_path_factory.mktemp("repeats"))


@pytest.mark.parametrize("name", ODD_ROUNDS)
def test_repeated_rounds_leave_the_same_evidence(seen: dict[str, Seen], name: str) -> None:
    quickly, closely = seen[name].examination, seen[f"{name}-closely"].examination

    assert quickly.model_dump() == closely.model_dump()


def test_rounds_are_really_set_aside(seen: dict[str, Seen]) -> None:
    sizes = (seen["counted"].folder / "digest").read_text()

    assert "31" in sizes


def test_rows_that_change_before_they_were_taken_in_become_unknown(seen: dict[str, Seen]) -> None:
    training = seen["slices-changed"].only.training

    assert training.rows.is_unknown, training.rows
    assert "changed after they were trained on" in training.rows.reason
