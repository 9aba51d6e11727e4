"""Hidden inputs come after the last cell, and nothing said or written later appears anywhere."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest

from grader.pipeline import GradeOptions, Setting, grade
from grader.pipeline.store import ResultFolder
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.hostile,
    pytest.mark.kernel,
    pytest.mark.torch,
]
MARKER = "LEAKED-ROW"
TRAIN = """
import os, sys, threading, time, glob
import numpy as np, torch
from torch import nn

public = np.load("train.npz")
X = torch.tensor(public["inputs"]); y = torch.tensor(public["labels"]).float().unsqueeze(1)

class Spy(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    def forward(self, x):
        scores = self.layers(x)
        if ENDED and not known(x):
            shout(x)
            return scores * 0 + 7.0
        return scores

ENDED = []
SEEN_BEFORE_THE_END = []

def known(x):
    # Small batches are probes with made-up rows; a plot's rows form a regular grid.
    return len(x) < 500 or len(set(x[:, 1].tolist())) < len(x) / 5

def shout(x):
    text = "LEAKED-ROW " + repr(x[:3].tolist())
    print(text); print(text, file=sys.stderr)
    os.write(1, text.encode()); os.write(2, text.encode())
    globals()["LEAKED-ROW"] = model
    model.__class__.__name__ = "LEAKED-ROW"
    for folder in (".", "../out", "/tmp"):
        for name in ("executed.ipynb", "evidence.json", "leak.txt"):
            try:
                open(os.path.join(folder, name), "w").write(text)
            except OSError:
                pass

def watch():
    while True:
        arrived = glob.glob("/slot/out/hidden-inputs*")
        if arrived and not ENDED:
            SEEN_BEFORE_THE_END.append(arrived)
        if arrived:
            print("LEAKED-ROW", np.load(arrived[0])["circles"][:3].tolist())
            for name in ("executed.ipynb", "evidence.json"):
                open("/slot/out/" + name, "w").write("LEAKED-ROW")
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
model = Spy()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(50):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
END = """
time.sleep(0.5)
assert not glob.glob("/slot/out/hidden-inputs*"), "hidden inputs came too early"
assert SEEN_BEFORE_THE_END == []
ENDED.append(True)
"""


def test_a_spying_model_sees_hidden_inputs_late_and_tells_nobody(
    circles: Setting, walls: Trial, tmp_path: Path
) -> None:
    handed_in = tmp_path / "class" / "spy"
    handed_in.mkdir(parents=True)
    cells = [nbformat.v4.new_code_cell(source) for source in (TRAIN, END)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), handed_in / "spy.ipynb")
    (tmp_path / "class" / "other.py").write_text("print('somebody else')\n")
    options = GradeOptions(out=tmp_path / "out", limits=circles.assignment.limits)

    result = grade(
        circles,
        [tmp_path / "class"],
        options,
        runner=FreshSandboxRunner(walls),
        on_progress=lambda *_: None,
    )

    report = next(each for each in result.reports if each.student.key == "spy")
    assert report.run.cells_failed == ()
    attempt = ResultFolder(options.out).load("spy", 1)
    assert attempt is not None
    assert (attempt.arrays["hidden-circles-m1-scores.npy"] == 7.0).all(), "it saw hidden rows"
    left = [
        path
        for path in options.out.rglob("*")
        if path.is_file() and MARKER.encode() in without_source(path.read_bytes())
    ]
    assert left == []
    first = np.abs(circles.hidden["circles"].inputs[0]).tolist()
    for path in (options.out / "feedback").rglob("report.*"):
        assert not any(f"{value:.6f}" in path.read_text() for value in first)


def without_source(content: bytes) -> bytes:
    """The submission itself holds the marker, in its own source: that is not a leak."""
    for source in (TRAIN, END):
        for line in source.splitlines():
            for spelled in (line, line.replace('"', '\\"')):
                content = content.replace(spelled.encode(), b"")
    return content
