"""A process that has imported frameworks and forks one worker per submission.

Started as ``python -m grader.worker.zygote CONTROL_FD FRAMEWORK...`` in a sandbox of its own. It
runs no operation of any framework, reads nothing of any submission, and starts no thread: a process
with threads must not be forked. Whatever a run leaves behind is killed and removed before the next.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import select
import socket
import sys
import traceback
from pathlib import Path

from grader.evidence.exchange import REQUEST_FILE, Request, ZygoteNews, ZygoteState
from grader.worker.canary import LESSONS, canary_problem
from grader.worker.channel import Channel
from grader.worker.cleaning import Ground
from grader.worker.confinement import confine, confinement_problem
from grader.worker.driver import drive
from grader.worker.forked_kernel import fork_kernel, provisioner_of
from grader.worker.hardening import adopt_orphans, limit_resources, make_unreadable
from grader.worker.preload import Hidden, Preloaded, preload

GIVEN = Path("/given")
PLAIN = (
    "nbclient", "numpy.random", "pandas", "scipy.stats", "sklearn.compose", "sklearn.datasets",
    "sklearn.metrics", "sklearn.model_selection", "sklearn.pipeline", "sklearn.preprocessing",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.gridspec",
)  # fmt: skip
"""Not ``pyplot`` itself: importing it does something to the IPython shell."""
OF_FRAMEWORK = {
    "pytorch": ("torch", "torch._dynamo", "torch.utils.data", "grader.probe.pytorch"),
    "keras": ("tensorflow", "keras", "grader.probe.keras"),
}
RUN = b"run"
DESCRIPTORS = 3
"""That come with ``RUN``: for events, for hidden inputs, for the log."""


def main() -> None:
    """Preload, try, and serve runs until the supervisor hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    frameworks = sys.argv[2:]
    environment = dict(os.environ)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as the kernel sets it
    names = [name for each in frameworks for name in OF_FRAMEWORK[each]]
    preloaded = preload([*PLAIN, *names])
    os.environ.clear()  # libraries set variables of their own
    os.environ.update(environment)
    make_unreadable()
    adopt_orphans()
    gc.collect()
    gc.freeze()
    problem = _problem(preloaded, [name for name in frameworks if name in LESSONS])
    if problem:
        _say(control, ZygoteNews(state=ZygoteState.UNFIT, detail=problem[:500]))
        return
    ground = Ground.now()
    _say(control, ZygoteNews(state=ZygoteState.READY))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, DESCRIPTORS)
        if message != RUN or len(descriptors) != DESCRIPTORS:
            return
        status = _run(control, descriptors, preloaded)
        left = ground.cleared()
        state = ZygoteState.SPOILT if left else ZygoteState.CLEAN
        _say(control, ZygoteNews(state=state, exit_status=status, detail=left[:500]))
        if left:
            return


def _problem(preloaded: Preloaded, frameworks: list[str]) -> str:
    """Why this process must not be forked; empty if it may."""
    missing = [name for name in preloaded.missing if name.split(".")[0] in ("torch", "keras")]
    if missing:
        return f"{missing[0]} could not be imported"
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        return f"importing the frameworks started {threads - 1} threads"
    return confinement_problem() or canary_problem(frameworks)


def _run(control: socket.socket, descriptors: list[int], preloaded: Preloaded) -> int:
    """Fork a worker for one submission and wait for its end."""
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            _be_driver(descriptors, preloaded)
            os._exit(0)
        except BaseException:  # noqa: BLE001  # a forked process must never go on as its parent
            traceback.print_exc()
        finally:
            os._exit(1)
    for descriptor in descriptors:
        os.close(descriptor)
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(control.fileno(), 0)  # only that the supervisor hung up
        ended = False
        while not ended:
            for descriptor, event in poll.poll():
                ended = ended or descriptor == handle
                if descriptor != handle and event & (select.POLLHUP | select.POLLERR):
                    os._exit(0)
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(handle)
    return os.waitstatus_to_exitcode(status)


def _be_driver(descriptors: list[int], preloaded: Preloaded) -> None:
    events, inputs, log = descriptors
    os.setsid()
    for standard in (1, 2):
        os.dup2(log, standard)
    os.close(log)
    request = Request.model_validate_json((GIVEN / REQUEST_FILE).read_bytes())
    os.chdir(request.work)
    limit_resources(request.limits, has_own_user=request.has_own_user)
    confine()
    process = fork_kernel(request, Hidden(preloaded), keep_out=(events, inputs))
    channel = Channel.over(events_fd=events, inputs_fd=inputs)
    asyncio.run(drive(request, channel, provisioner=functools.partial(provisioner_of, process)))


def _say(control: socket.socket, news: ZygoteNews) -> None:
    control.sendall(news.model_dump_json().encode())


if __name__ == "__main__":
    main()
