"""Runs programs of the battery, and reads back what the recorder and the probe found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from battery.data import Rows, rows_of
from battery.specification import FOLDER, Program
from grader.evidence import CellError, Examination, ModelDescription

REPOSITORY = FOLDER.parents[1]
INSIDE = FOLDER / "inside.py"
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run of a program left.

    Attributes:
        program: The program.
        problem: Why nothing was left: our failure, or a program that never ended.
        examination: What the probe found.
        error: Why the program stopped; ``None`` if it ran to its end.
        folder: Where its predictions lie.
        cpu_s: CPU time of the program and of the examination, seconds.
        techniques: What each technique by itself said, by candidate and technique; a text says
            why it said nothing. Empty unless asked for.
    """

    program: Program
    problem: str
    examination: Examination
    error: CellError | None
    folder: Path
    cpu_s: tuple[float, float] = (0.0, 0.0)
    techniques: dict[str, dict[str, ModelDescription | str]] = field(default_factory=dict)

    @property
    def exercise(self) -> Rows | None:
        """The data it worked on, where it answers an exercise."""
        exercise = self.program.sheet.exercise
        return None if exercise is None else rows_of(exercise.data)


def run_battery(
    programs: Sequence[Program], folder: Path, *, with_techniques: bool = False
) -> dict[str, Seen]:
    """Run programs of any framework.

    Args:
        programs: Which.
        folder: Empty; holds a folder for each of them afterwards.
        with_techniques: Whether to ask each technique by itself as well.

    Returns:
        What each left, by its name.
    """
    if with_techniques:
        (folder / "techniques").touch()
    for framework in sorted({program.framework for program in programs}):
        chosen = [program for program in programs if program.framework == framework]
        for program in chosen:
            prepare_folder(program, folder / program.name)
        names = json.dumps([program.name for program in chosen])
        (folder / "programs.json").write_text(names)
        done = subprocess.run(
            [sys.executable, INSIDE, framework, folder],
            env=os.environ | ONE_THREAD | {"PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=600 + 120 * len(chosen),
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-4000:])
    return {program.name: _read(program, folder / program.name) for program in programs}


def prepare_folder(program: Program, folder: Path) -> None:
    """Put a program, and the data of its exercise if it has one, where it will run."""
    work = folder / "work"
    work.mkdir(parents=True)
    shutil.copy(program.source, work / "submission.py")
    if program.sheet.exercise is None:
        return
    rows = rows_of(program.sheet.exercise.data)
    np.savez(work / "train.npz", inputs=rows.train_inputs, labels=rows.train_labels)
    np.savez(work / "validation.npz", inputs=rows.validation_inputs, labels=rows.validation_labels)
    np.savez(
        folder / "rows.npz",
        train_inputs=rows.train_inputs,
        train_labels=rows.train_labels,
        validation_inputs=rows.validation_inputs,
        validation_labels=rows.validation_labels,
        plot_inputs=np.empty((0, *rows.brief.input_shape), dtype=np.float32),
    )
    (folder / "brief.json").write_text(rows.brief.model_dump_json())


def _read(program: Program, folder: Path) -> Seen:
    problem = folder / "problem"
    if problem.exists():
        return Seen(program, problem.read_text(), Examination(), None, folder)
    try:
        ran = json.loads((folder / "ran.json").read_text())
        examination = Examination.model_validate_json((folder / "examination.json").read_text())
        error = CellError.model_validate(ran["error"]) if ran["error"] else None
    except (OSError, ValueError) as failure:
        return Seen(program, f"the run cannot be read: {failure}", Examination(), None, folder)
    cpu_s = (ran["run_cpu_s"], ran["examine_cpu_s"])
    return Seen(program, "", examination, error, folder, cpu_s, _techniques(folder))


def _techniques(folder: Path) -> dict[str, dict[str, ModelDescription | str]]:
    path = folder / "techniques.json"
    if not path.exists():
        return {}
    return {
        candidate: {
            name: one if isinstance(one, str) else ModelDescription.model_validate(one)
            for name, one in said.items()
        }
        for candidate, said in json.loads(path.read_text()).items()
    }
