"""Calls that the filter refuses, made for real; and that the rest still works."""

from __future__ import annotations

import platform
import struct

import pytest
from restricted_child import printed_by_child

from grader.worker.seccomp import (
    OWN_NETWORK,
    UNIX_ONLY,
    filter_program,
    is_known_architecture,
)

pytestmark = pytest.mark.slow
RAW = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def raw(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments))
    return errno.errorcode[ctypes.get_errno()] if result < 0 else "done"
"""


@pytest.fixture(autouse=True)
def _needs_a_filter() -> None:
    if not is_known_architecture():
        pytest.skip(f"there is no system-call filter for {platform.machine()}")


def test_sockets_to_the_network_are_refused_and_unix_sockets_are_not() -> None:
    seen = printed_by_child(
        """
        refuse_calls(UNIX_ONLY)
        for family in ("AF_INET", "AF_INET6", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
            for kind in ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"):
                number = getattr(socket, family)
                print(tried(socket.socket, number, getattr(socket, kind)))
        print(tried(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW))
        a, b = socket.socketpair()
        a.send(b"still here")
        print(b.recv(20).decode())
        """
    )

    assert seen == ["EACCES"] * 15 + ["ENOTSUP", "still here"]


def test_with_a_network_of_its_own_loopback_is_left() -> None:
    seen = printed_by_child(
        """
        refuse_calls(OWN_NETWORK)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        print(tried(socket.socket().connect, listener.getsockname()))
        print(tried(socket.socket, socket.AF_PACKET, socket.SOCK_RAW))
        print(tried(socket.socket, socket.AF_VSOCK, socket.SOCK_STREAM))
        """
    )

    assert seen == ["done", "EACCES", "EACCES"]


def test_the_process_that_started_it_can_be_neither_traced_nor_read() -> None:
    seen = printed_by_child(
        RAW
        + """
PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_TRACEME = 16, 0x4206, 0
traced = {"x86_64": (101, 310, 311, 438, 312), "aarch64": (117, 270, 271, 438, 272)}
import platform
ptrace, readv, writev, getfd, kcmp = traced[platform.machine()]
parent = os.getpid()
print(raw(kcmp, parent, parent, 0, 0, 0))
if os.fork() == 0:
    refuse_calls(UNIX_ONLY)
    print(raw(ptrace, PTRACE_ATTACH, parent, 0, 0), raw(ptrace, PTRACE_SEIZE, parent, 0, 0),
          raw(ptrace, PTRACE_TRACEME, 0, 0, 0), raw(readv, parent, 0, 0, 0, 0, 0),
          raw(writev, parent, 0, 0, 0, 0, 0), raw(getfd, os.pidfd_open(parent), 0, 0),
          raw(kcmp, parent, parent, 0, 0, 0), flush=True)
    os._exit(0)
os.wait()
"""
    )

    assert sorted(seen) == ["EPERM EPERM EPERM EPERM EPERM EPERM EPERM", "done"]


def test_namespaces_mounts_and_risky_interfaces_are_refused() -> None:
    seen = printed_by_child(
        RAW
        + """
import platform
calls = {
    "x86_64": (272, 308, 165, 166, 155, 161, 428, 430, 442, 321, 323, 425, 250, 248, 298, 29, 240),
    "aarch64": (97, 268, 40, 39, 41, 51, 428, 430, 442, 280, 282, 425, 219, 217, 241, 194, 180),
}[platform.machine()]
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
refuse_calls(UNIX_ONLY)
print(*{raw(number, 0, 0, 0, 0, 0, 0) for number in calls})
CLONE_NEWUSER, SIGCHLD = 0x10000000, 17
print(raw(clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), raw(435, 0, 0))
"""
    )

    assert seen == ["EPERM", "EPERM ENOSYS"]


def test_threads_processes_and_files_work_as_before(tmp_path: object) -> None:
    seen = printed_by_child(
        """
        import subprocess, threading, multiprocessing
        refuse_calls(UNIX_ONLY)
        thread = threading.Thread(target=print, args=("thread",))
        thread.start(); thread.join()
        print(subprocess.check_output(["/bin/echo", "process"], text=True).strip())
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(sum(pool.map(abs, [-1, -2])))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(sum(pool.map(abs, [-3, -4])))
        print((Path(sys.argv[1]) / "a.txt").write_text("x"))
        """,
        tmp_path,
    )

    assert seen == ["thread", "process", "3", "7", "1"]


def test_threads_that_run_already_are_covered_too() -> None:
    seen = printed_by_child(
        """
        import threading
        go, results = threading.Event(), []

        def later():
            go.wait()
            results.append(tried(socket.socket))

        thread = threading.Thread(target=later)
        thread.start()
        refuse_calls(UNIX_ONLY)
        go.set(); thread.join()
        print(*results)
        """
    )

    assert seen == ["EACCES"]


def test_a_call_in_another_mode_of_the_processor_ends_the_process() -> None:
    if platform.machine() != "x86_64":
        pytest.skip("only x86_64 has a second set of numbers for its calls")

    seen = printed_by_child(
        RAW
        + """
child = os.fork()
if child == 0:
    refuse_calls(UNIX_ONLY)
    raw(0x40000000 | 39)
    os._exit(0)
print(signal.Signals(os.WTERMSIG(os.waitpid(child, 0)[1])).name)
"""
    )

    assert seen == ["SIGSYS"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("families", [UNIX_ONLY, OWN_NETWORK])
def test_every_jump_of_the_filter_ends_inside_it(machine: str, families: tuple[int, ...]) -> None:
    program = list(struct.iter_unpack("=HBBI", filter_program(machine, families)))

    assert program[-1] == (0x06, 0, 0, 0x7FFF0000)
    for at, (_, yes, no, _) in enumerate(program):
        assert at + 1 + max(yes, no) < len(program) or at == len(program) - 1


def test_an_unknown_processor_is_an_error_and_not_an_open_door() -> None:
    with pytest.raises(OSError, match="no system-call filter for riscv64"):
        filter_program("riscv64", UNIX_ONLY)
