"""The student's process as a fork of a preloaded one, and what nbclient starts it through."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from grader.evidence.exchange import Request
from grader.worker import inside, kernel
from grader.worker.confinement import confine_signals
from grader.worker.hardening import make_readable
from grader.worker.preload import Hidden

POLL_S = 0.01


@dataclass(slots=True)
class ForkedProcess:
    """A child of this process, spoken to as to a ``subprocess.Popen``.

    Attributes:
        pid: Its process id.
        go: Where the name of the connection file is written to; the child waits for it.
        returncode: Exit status, negative for a signal; ``None`` while it runs.
    """

    pid: int
    go: int
    returncode: int | None = None
    stdin: None = None
    stdout: None = None
    stderr: None = None

    def start(self, connection_file: str) -> None:
        """Let the kernel begin."""
        os.write(self.go, connection_file.encode())
        os.close(self.go)

    def poll(self) -> int | None:
        """Look whether it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int | None:
        """Wait until it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ChildProcessError):
                _, status = os.waitpid(self.pid, 0)
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel that has been forked already, instead of an interpreter."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401  # as the base class
        """Tell the waiting process where its connection file lies."""
        del cmd, kwargs
        process: Any = self.process
        manager: Any = self.parent
        process.start(str(manager.connection_file))
        self.pid = process.pid
        self.pgid = process.pid  # it leads a session of its own
        return self.connection_info


def provisioner_of(process: ForkedProcess, manager: AsyncKernelManager) -> ForkedProvisioner:
    """Make a provisioner for a process that waits to become a kernel."""
    spec = KernelSpec(
        argv=["kernel", "{connection_file}"], display_name="grader", language="python"
    )
    manager._kernel_spec = spec  # no public way to give a spec by value
    made: Any = ForkedProvisioner(kernel_id="kernel", kernel_spec=spec, parent=manager)
    made.process = process
    provisioner: ForkedProvisioner = made
    return provisioner


def fork_kernel(request: Request, hidden: Hidden, *, keep_out: tuple[int, ...]) -> ForkedProcess:
    """Fork the student's process; it waits for the name of its connection file.

    Args:
        request: What is run.
        hidden: The preloaded modules; they look as if they had not been imported yet.
        keep_out: Descriptors of this process that the student's must not have.
    """
    wait, go = os.pipe()
    pid = os.fork()
    if pid:
        os.close(wait)
        return ForkedProcess(pid=pid, go=go)
    try:
        for descriptor in (*keep_out, go):
            os.close(descriptor)
        _be_kernel(request, hidden, wait)
        os._exit(0)
    except BaseException:  # noqa: BLE001  # a forked process must never go on as its parent
        traceback.print_exc()
    finally:
        os._exit(1)


def _be_kernel(request: Request, hidden: Hidden, wait: int) -> None:
    os.setsid()
    make_readable()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.chdir(request.work)
    confine_signals()
    hidden.hide()
    with hidden.following_patches():
        inside.install(request)
    hidden.follow_hooks()
    connection_file = os.read(wait, 4096).decode()
    os.close(wait)
    if not connection_file:
        return
    sys.argv = ["kernel", "-f", connection_file]
    asyncio.set_event_loop(None)
    kernel.serve(request, ["-f", connection_file])
