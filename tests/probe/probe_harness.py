"""Runs small student programs under a session, each in a forked child of one process.

As a script: ``probe_harness.py FRAMEWORK FOLDER`` reads ``FOLDER/programs.json`` and leaves
``FOLDER/<program>/examination.json`` (and ``hidden.json``, arrays, ``digest``) for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.evidence import (
    Candidate,
    Examination,
    ExerciseBrief,
    HiddenAnswers,
    Task,
)
from grader.probe.session import PublicRows, Session

SEED = 7
BRIEF = ExerciseBrief(
    id="circles",
    task=Task.BINARY,
    classes=("outer", "inner"),
    input_shape=(2,),
    input_names=("x1", "x2"),
)


def circles(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, size=n)
    radius = np.array([3.0, 1.5])[labels]
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + 0.7
    return points.astype(np.float32), labels.astype(np.int64)


TRAIN = circles(1, 120)
VALIDATION = circles(2, 40)
HIDDEN = circles(3, 50)[0]
PLOT = np.stack(np.meshgrid(*[np.linspace(-4, 4, 5)] * 2), axis=-1).reshape(-1, 2)


@dataclass(frozen=True)
class Seen:
    """What a program left."""

    examination: Examination
    hidden: HiddenAnswers
    folder: Path

    @property
    def only(self) -> Candidate:
        """The one candidate."""
        assert not self.examination.problem
        assert len(self.examination.candidates) == 1, self.examination
        return self.examination.candidates[0]

    def array(self, name: str) -> np.ndarray:
        """An array that was written."""
        return np.load(self.folder / name, allow_pickle=False)


def run_programs(framework: str, programs: dict[str, str], folder: Path) -> dict[str, Seen]:
    """Run every program, in one process for all of them."""
    (folder / "programs.json").write_text(json.dumps(programs))
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, __file__, framework, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return {name: read(folder / name) for name in programs}


def read(folder: Path) -> Seen:
    problem = folder / "problem"
    assert not problem.exists(), problem.read_text()
    return Seen(
        Examination.model_validate_json((folder / "examination.json").read_text()),
        HiddenAnswers.model_validate_json((folder / "hidden.json").read_text()),
        folder,
    )


def main() -> None:
    framework, folder = sys.argv[1], Path(sys.argv[2])
    if framework == "torch":
        import torch._dynamo  # noqa: F401  # imported once for all children
    elif framework == "keras":
        import keras  # noqa: F401  # imported once for all children
    for name, source in json.loads((folder / "programs.json").read_text()).items():
        (folder / name).mkdir()
        child = os.fork()
        if child == 0:
            try:
                run_one(source, folder / name, is_recorded=not name.endswith("-alone"))
            except BaseException:  # noqa: BLE001  # the child must end here, whatever happens
                (folder / name / "problem").write_text(traceback.format_exc())
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)


def run_one(source: str, folder: Path, *, is_recorded: bool) -> None:
    public = PublicRows(*TRAIN, *VALIDATION, PLOT.astype(np.float32))
    session = Session(briefs=(BRIEF,), public={"circles": public}, out=folder, seed=SEED)
    if is_recorded:
        session.install()
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "_X": TRAIN[0].copy(),
        "_y": TRAIN[1].copy(),
        "_V": VALIDATION[0].copy(),
        "_W": VALIDATION[1].copy(),
    }
    exec(compile(source, "student", "exec"), namespace)  # noqa: S102  # our own test programs
    if "_digest" in namespace:
        (folder / "digest").write_text(namespace["_digest"])
    examination = session.examine(namespace)
    hidden = session.answer_hidden({"circles": HIDDEN}, namespace)
    (folder / "examination.json").write_text(examination.model_dump_json())
    (folder / "hidden.json").write_text(hidden.model_dump_json())


if __name__ == "__main__":
    main()
