"""Frameworks are recorded although nothing is imported before the student's code does so."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs
from test_keras_programs import PROGRAMS as KERAS_PROGRAMS
from test_pytorch_programs import DIGEST
from test_pytorch_programs import PROGRAMS as TORCH_PROGRAMS

from grader.evidence import Framework

pytestmark = [pytest.mark.torch, pytest.mark.keras]

OWN_FILE = """
import pathlib, sys, tempfile
folder = tempfile.mkdtemp()
pathlib.Path(folder, "torch.py").write_text("answer = 42")
sys.path.insert(0, folder)
import torch
assert torch.answer == 42
"""
UNTOUCHED = """
import sys
assert not {"torch", "tensorflow", "keras", "pandas", "sklearn"} & set(sys.modules)
"""
PROGRAMS = {
    "torch": TORCH_PROGRAMS["logits"] + DIGEST,
    "torch-again": TORCH_PROGRAMS["logits"] + DIGEST,
    "keras": KERAS_PROGRAMS["sequential"],
    "own-file": OWN_FILE,
    "untouched": UNTOUCHED,
    "missing": "try:\n    import keras_nowhere\nexcept ModuleNotFoundError:\n    pass\n",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("none", PROGRAMS, tmp_path_factory.mktemp("hooks"))


def test_torch_is_recorded_from_its_import_on(seen: dict[str, Seen]) -> None:
    assert seen["torch"].examination.modules_loaded == (Framework.PYTORCH,)
    assert seen["torch"].only.loss.name.value == "BCEWithLogitsLoss"
    assert seen["torch"].only.training.steps.value == 10


def test_keras_is_recorded_from_its_import_on(seen: dict[str, Seen]) -> None:
    assert seen["keras"].examination.modules_loaded == (Framework.KERAS,)
    assert seen["keras"].only.loss.name.value == "binary_crossentropy"
    assert seen["keras"].only.training.steps.value == 6


def test_code_without_a_seed_gives_the_same_weights_twice(seen: dict[str, Seen]) -> None:
    first, second = (seen[name].folder / "digest" for name in ("torch", "torch-again"))

    assert first.read_text() == second.read_text()


@pytest.mark.parametrize("program", ["own-file", "untouched", "missing"])
def test_a_file_named_like_a_framework_is_no_framework(seen: dict[str, Seen], program: str) -> None:
    examination = seen[program].examination

    assert examination.modules_loaded == ()
    assert examination.problem == ""
    assert examination.candidates == ()
