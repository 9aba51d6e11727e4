"""One child that trains a step before any student's is forked: does forking work here?"""

from __future__ import annotations

import importlib
import os
import select
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from grader.worker.confinement import confine, confine_signals

TIMEOUT_S = 60.0


def _torch_step() -> bool:
    torch: Any = importlib.import_module("torch")
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()
    torch.nn.functional.mse_loss(model(torch.ones(4, 2)), torch.zeros(4, 1)).backward()
    optimizer.step()
    return not bool(torch.equal(before, model.weight.detach()))


def _keras_step() -> bool:
    keras: Any = importlib.import_module("keras")
    numpy: Any = importlib.import_module("numpy")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    before = model.get_weights()[0]
    model.fit(numpy.ones((4, 2)), numpy.zeros((4, 1)), verbose=0)
    return not bool(numpy.array_equal(before, model.get_weights()[0]))


LESSONS: dict[str, Callable[[], bool]] = {"pytorch": _torch_step, "keras": _keras_step}


def canary_problem(frameworks: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> str:
    """Fork a child per framework that trains one step.

    Args:
        frameworks: Keys of ``LESSONS``.
        timeout_s: How long each may take, seconds: a fork that does not work hangs.

    Returns:
        What went wrong; empty if every child finished.
    """
    for name in frameworks:
        pid = os.fork()
        if pid == 0:
            try:
                confine()
                confine_signals()
                os._exit(0 if LESSONS[name]() else 2)
            except Exception:  # noqa: BLE001  # a forked process must never go on as its parent
                traceback.print_exc()
            finally:
                os._exit(1)
        handle = os.pidfd_open(pid)
        ended, _, _ = select.select([handle], [], [], timeout_s)
        os.close(handle)
        if not ended:
            os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if not ended:
            return f"a forked process that trains with {name} hangs"
        if status != 0:
            return f"a forked process cannot train with {name} (exit status {status})"
    return ""
