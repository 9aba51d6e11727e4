"""Runs forked from a preloaded sandbox: the same results, and nothing of one run for the next."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import jupytext
import nbformat
import numpy as np
import psutil
import pytest

from grader.evidence import Limits, RunState, Testimony
from grader.pipeline.grade import public_rows
from grader.pipeline.setting import Setting
from grader.sandbox.forked import ForkedRunner
from grader.sandbox.interface import Job, Runner, RunResult
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner
from grader.sandbox.supervise import _is_alive

pytestmark = [pytest.mark.kernel, pytest.mark.sandbox]
SAMPLES = Path(__file__).parents[2] / "assignments" / "circles" / "samples" / "class"
PYTORCH = """
import copy
import torch
from torch import nn
rows = torch.randn(64, 2)
labels = (rows.norm(dim=1) < 1).float()[:, None]
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
loss, optimizer = nn.BCEWithLogitsLoss(), torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(5):
    optimizer.zero_grad()
    loss(model(rows), labels).backward()
    optimizer.step()
model = copy.deepcopy(model)
"""
AVERAGED = """
from torch.optim.swa_utils import AveragedModel
model = AveragedModel(model)
"""
SPLIT = """
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
rows, labels = np.random.rand(80, 2).astype("float32"), np.random.rand(80) > 0.5
train, test, train_labels, test_labels = train_test_split(rows, labels, test_size=0.25)
train = StandardScaler().fit_transform(train)
"""
KERAS = (
    SPLIT
    + """
import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "relu"),
                          keras.layers.Dense(1, "sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(train, train_labels, epochs=2, verbose=0)
"""
)
THROUGH_TENSORFLOW = KERAS.replace("import keras\n", "import tensorflow as tf\nkeras = tf.keras\n")
LOOKS_AROUND = """
import sys
names = ("torch", "tensorflow", "keras", "sklearn", "pandas", "matplotlib", "scipy")
print([name for name in names if name in sys.modules])
"""
MakeJob = Callable[..., Job]


@pytest.fixture(scope="module")
def forked(walls: Trial) -> Iterator[ForkedRunner]:
    said: list[str] = []
    runner = ForkedRunner(walls, say=said.append)
    yield runner
    runner.close()
    assert said == []


@pytest.fixture
def job(circles: Setting) -> MakeJob:
    def make(*cells: str, files: dict[str, bytes] | None = None, **limits: float) -> Job:
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
        for number, cell in enumerate(book.cells):
            cell["id"] = f"cell-{number}"
        return Job(
            notebook=str(nbformat.writes(book)),
            entry_kind="notebook",
            entry_name="work.ipynb",
            files={PurePosixPath(name): content for name, content in (files or {}).items()},
            briefs=(circles.assignment.exercises[0].brief(),),
            public=public_rows(circles),
            hidden_inputs={"circles": circles.hidden["circles"].inputs},
            limits=Limits(**{"cpu_s": 60, "wall_time_s": 120, **limits}),
        )

    return make


def ran(runner: Runner, job: Job) -> RunResult:
    return runner.run(job, cancelled=lambda: False)


def told(result: RunResult) -> Testimony:
    assert result.outcome.state is RunState.COMPLETED, (result.outcome, result.log)
    assert result.testimony is not None
    cells = tuple(cell.model_copy(update={"wall_time_s": 0.0}) for cell in result.testimony.cells)
    return result.testimony.model_copy(update={"cells": cells})


def assert_same(forked: RunResult, fresh: RunResult) -> None:
    assert forked.resources.worker == "preloaded"
    assert fresh.resources.worker == "fresh"
    assert told(forked).model_dump_json() == told(fresh).model_dump_json()
    assert forked.hidden == fresh.hidden
    assert forked.arrays.keys() == fresh.arrays.keys()
    for name, array in forked.arrays.items():
        assert np.array_equal(array, fresh.arrays[name], equal_nan=True), name


@pytest.mark.torch
@pytest.mark.parametrize("cells", [(PYTORCH,), (PYTORCH, AVERAGED), (SPLIT, PYTORCH)])
def test_a_pytorch_run_gives_the_same_bytes(
    cells: tuple[str, ...], walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    work = job(LOOKS_AROUND, *cells)

    result = ran(forked, work)

    assert_same(result, ran(FreshSandboxRunner(walls), work))
    assert told(result).examination.candidates
    assert "[]" in result.executed


@pytest.mark.keras
@pytest.mark.parametrize("cell", [KERAS, THROUGH_TENSORFLOW])
def test_a_keras_run_gives_the_same_bytes(
    cell: str, walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    work = job(LOOKS_AROUND, cell)

    result = ran(forked, work)

    assert_same(result, ran(FreshSandboxRunner(walls), work))
    assert told(result).examination.candidates
    assert "[]" in result.executed


@pytest.mark.torch
def test_a_bundled_sample_gives_the_same_bytes(
    walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    module = jupytext.read(SAMPLES / "gustavo-reyes.py")
    work = job(*[cell.source for cell in module.cells if cell.cell_type == "code"])

    assert_same(ran(forked, work), ran(FreshSandboxRunner(walls), work))


def test_what_a_framework_free_run_sees_is_the_same(
    walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    work = job(
        "import os, sys, random; print(os.getcwd(), sys.argv, sys.path, os.getuid() > 0)",
        "print(sorted(os.environ), random.random(), sorted(os.listdir('/proc/self/fd')) != [])",
        "import numpy as np; print(np.random.rand(), os.getpid() == os.getsid(0))",
        "import no_such_package",
        "print(open('/proc/self/limits').read())",
        LOOKS_AROUND,
    )
    result, fresh = ran(forked, work), ran(FreshSandboxRunner(walls), work)

    assert_same(result, fresh)
    assert result.executed == fresh.executed


def test_a_file_of_the_submission_shadows_what_it_would_shadow(
    walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    files = {"statistics.py": b"mean = 'mine'", "pandas.py": b"mine = True"}
    work = job("import pandas; print(pandas.mine, pandas.__file__)", files=files)
    result = ran(forked, work)

    assert result.executed == ran(FreshSandboxRunner(walls), work).executed
    assert "True /slot/work/pandas.py" in result.executed


def test_nothing_of_one_run_is_left_for_the_next(forked: ForkedRunner, job: MakeJob) -> None:
    left = ran(
        forked,
        job(
            "import os, subprocess, sys, pathlib, numpy, time",
            "for folder in ('/tmp', '/dev/shm', os.path.expanduser('~'), '/slot', '/slot/out'):\n"
            "    (pathlib.Path(folder) / 'left').write_text('left')\n"
            "    (pathlib.Path(folder) / '.left').mkdir(mode=0)",
            "subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
            "if os.fork() == 0:\n    os.setsid()\n"
            "    if os.fork() == 0: time.sleep(600)\n    os._exit(0)",
            "numpy.mean = None; sys.modules['json'] = None; os.environ['LEFT'] = '1'",
        ),
    )
    told(left)

    result = ran(
        forked,
        job(
            "import os, json, numpy, pathlib\n"
            "print(os.environ.get('LEFT'), numpy.mean([1.0]))\n"
            "folders = ('/tmp', '/dev/shm', '/slot', '/slot/out', os.path.expanduser('~'))\n"
            "print([str(p) for f in folders for p in pathlib.Path(f).glob('*left')])\n"
            "print([pathlib.Path('/proc', p, 'cmdline').read_bytes() for p in os.listdir('/proc')"
            " if p.isdigit() and b'sleep' in pathlib.Path('/proc', p, 'cmdline').read_bytes()])"
        ),
    )

    assert told(result).cells[0].error is None
    assert result.resources.worker == "preloaded"
    assert "None 1.0" in result.executed
    assert result.executed.count("[]\\n") == 2


def test_a_run_can_reach_neither_the_driver_nor_what_it_was_forked_from(
    forked: ForkedRunner, job: MakeJob
) -> None:
    result = ran(
        forked,
        job(
            "import os, signal\n"
            "def tried(pid):\n"
            "    try: os.kill(pid, signal.SIGKILL)\n"
            "    except OSError as exc: return type(exc).__name__\n"
            "    return 'killed'\n"
            "pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]\n"
            "others = [pid for pid in pids if pid != os.getpid()]\n"
            "print(len(others), {tried(pid) for pid in others})\n"
            "def opened(pid):\n"
            "    try: return os.listdir(f'/proc/{pid}/fd')\n"
            "    except OSError as exc: return type(exc).__name__\n"
            "print([opened(os.getppid())])"
        ),
    )

    told(result)
    assert "{'PermissionError'}" in result.executed
    assert "['PermissionError']" in result.executed


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("import os; os._exit(3)", RunState.KERNEL_DIED),
        ("import ctypes; ctypes.string_at(0)", RunState.KERNEL_DIED),
        ("import time; time.sleep(600)", RunState.WALL_TIME_LIMIT),
        ("while True: pass", RunState.CPU_LIMIT),
        ("x = bytearray(900 << 20)", RunState.MEMORY_LIMIT),
    ],
)
def test_what_ends_badly_ends_as_it_would_in_a_fresh_sandbox(
    cell: str, state: RunState, walls: Trial, forked: ForkedRunner, job: MakeJob
) -> None:
    limits = {"cpu_s": 3.0, "wall_time_s": 6.0, "memory_mib": 512}
    work = job("print('before')", cell, **limits)
    result, fresh = ran(forked, work), ran(FreshSandboxRunner(walls), work)

    assert result.outcome.state is state
    assert result.outcome == fresh.outcome
    assert result.resources.worker == "preloaded"
    assert "still here" in ran(forked, job("print('still here')")).executed


def test_a_sandbox_whose_limits_were_lowered_is_not_used_again(walls: Trial, job: MakeJob) -> None:
    """The kernel lets a process set the limits of another one of the same user."""
    runner = ForkedRunner(walls)
    try:
        first = ran(
            runner,
            job(
                "import os, resource\n"
                "for pid in [int(p) for p in os.listdir('/proc') if p.isdigit()]:\n"
                "    try: resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))\n"
                "    except OSError: pass"
            ),
        )
        second = ran(runner, job("open('file', 'w').write('x' * 100)"))
    finally:
        runner.close()

    assert first.outcome.state in (RunState.COMPLETED, RunState.GRADER_FAILED)
    assert told(second).cells[0].error is None


def test_a_run_whose_sandbox_is_killed_is_run_again_in_a_fresh_one(
    walls: Trial, job: MakeJob
) -> None:
    runner = ForkedRunner(walls)
    told(ran(runner, job("x = 1")))
    (sandbox,) = runner._idle
    os.kill(sandbox.base_pid, signal.SIGKILL)

    result = ran(runner, job("print('graded')"))
    runner.close()

    assert "graded" in result.executed
    assert result.resources.worker == "fresh: the preloaded one ended"


def test_a_sandbox_is_replaced_after_so_many_runs(
    walls: Trial, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.forked.RUNS_PER_SANDBOX", 1)
    runner = ForkedRunner(walls)
    try:
        told(ran(runner, job("x = 1")))
        assert runner._idle == []
    finally:
        runner.close()


def test_where_forking_does_not_work_every_run_is_fresh_and_that_is_said_once(
    walls: Trial, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    runner = ForkedRunner(walls, say=said.append)
    monkeypatch.setattr("grader.sandbox.zygote.START_TIMEOUT_S", 0.0)

    results = [ran(runner, job("x = 1")) for _ in range(2)]
    runner.close()

    assert len(said) == 1
    assert "a sandbox of its own" in said[0]
    assert all(result.outcome.state is RunState.COMPLETED for result in results)
    assert all(result.resources.worker.startswith("fresh: ") for result in results)


def test_nothing_is_left_when_the_runner_is_closed(walls: Trial, job: MakeJob) -> None:
    runner = ForkedRunner(walls)
    told(ran(runner, job("x = 1")))
    (sandbox,) = runner._idle
    processes = psutil.Process(sandbox.process.pid).children(recursive=True)

    runner.close()

    assert processes
    assert not any(_is_alive(process) for process in processes)
    assert not sandbox.scratch.root.exists()
