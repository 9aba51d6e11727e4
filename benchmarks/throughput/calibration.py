"""How long the class's training takes on this machine, in CPU time of one core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from throughput.measuring import ONE_THREAD, BenchmarkError
from throughput.submissions import EPOCHS, TRAINING_CELL, TRAININGS, Submission

WANTED_S: Final = {"short": (1.0, 2.0), "long": (5.0, 12.0)}
"""Least and most CPU time of the cell that trains, seconds."""
PROGRAM: Final = """\
import json, sys, time
import matplotlib
matplotlib.use("Agg")
names, times = {}, []
for cell in json.loads(sys.argv[1]):
    started = time.process_time()
    exec(cell, names)
    times.append(time.process_time() - started)
sys.stderr.write(json.dumps(times))
"""


def calibrate(frameworks: Sequence[str], data: Mapping[str, bytes]) -> Iterator[str]:
    """Train the first submission of each class once and say what it took.

    CPU time hardly depends on what else runs, though a core that is shared with another busy one
    does less in it.
    """
    for framework in frameworks:
        for training in TRAININGS:
            seconds = cpu_times(Submission(framework, training, 1), data)[TRAINING_CELL]
            least, most = WANTED_S[training]
            verdict = "as wanted" if least <= seconds <= most else f"wanted: {least} to {most} s"
            epochs = EPOCHS[framework, training]
            yield f"{framework}, {training}: {epochs} epochs take {seconds:.2f} s ({verdict})"


def cpu_times(one: Submission, data: Mapping[str, bytes]) -> list[float]:
    """CPU time of each cell of a submission in a fresh process with one thread, seconds.

    Raises:
        BenchmarkError: A cell failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in data.items():
            (Path(folder) / name).write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps(one.cells)],
            cwd=folder,
            env=os.environ | ONE_THREAD,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise BenchmarkError(done.stderr[-3000:])
    times: list[float] = json.loads(done.stderr.splitlines()[-1])
    return times
