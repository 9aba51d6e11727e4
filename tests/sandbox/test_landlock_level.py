"""The level ``landlock``, for real: what a submission may do there and what it may not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from cell_runs import run_cells, states, told

from grader.evidence import CellState, NoticeKind, RunState
from grader.pipeline.setting import Setting
from grader.sandbox.interface import RunResult
from grader.sandbox.levels import Trial, try_landlock

pytestmark = [pytest.mark.kernel, pytest.mark.sandbox, pytest.mark.hostile]
Run = Callable[..., RunResult]


@pytest.fixture(scope="module")
def landlocked() -> Trial:
    trial = try_landlock()
    if not trial.works:
        pytest.skip(f"level landlock does not work here: {trial.why}; {trial.remedy}")
    return trial


@pytest.fixture
def run(landlocked: Trial, circles: Setting) -> Run:
    return partial(run_cells, landlocked, circles)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A TCP and a UDP server on the same loopback port; what reaches it is noted."""
    reached: list[bytes] = []
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(5)
        port = int(tcp.getsockname()[1])
        udp.bind(("127.0.0.1", port))
        for server in (tcp, udp):
            server.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                for wait_for in (lambda: tcp.accept()[0].close(), lambda: udp.recv(10)):
                    try:
                        wait_for()
                        reached.append(b"reached")
                    except TimeoutError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield port, reached
        stop.set()
        thread.join()


def test_ordinary_work_runs_as_anywhere(run: Run) -> None:
    result = run(
        "import numpy as np, os, tempfile\nopen('mine.txt', 'w').write('x')",
        "!echo from the shell > shell.txt; cat mine.txt shell.txt",
        "import helpers; print(helpers.answer())",
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p:\n"
        "    print('pool', sum(p.map(abs, [-40, -2])))",
        "tempfile.NamedTemporaryFile().write(b'x')",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        files={"helpers.py": b"def answer(): return 'of the helper'\n"},
    )

    assert [cell.error for cell in told(result).cells] == [None] * 6
    for words in ("from the shell", "of the helper", "pool 42", "image/png"):
        assert words in result.executed
    assert result.isolation == "landlock"


def test_no_connection_reaches_a_listener(run: Run, listener: tuple[int, list[bytes]]) -> None:
    port, reached = listener

    result = run(
        f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        f"!{sys.executable} -c \"import socket; socket.create_connection(('127.0.0.1', {port}))\"",
    )

    testimony = told(result)
    assert [cell.error and cell.error.name for cell in testimony.cells[:3]] == [
        "PermissionError",
        "PermissionError",
        "URLError",
    ]
    assert NoticeKind.NO_NETWORK in [notice.kind for notice in testimony.notices]
    assert "PermissionError" in result.executed
    assert reached == []


def test_files_outside_are_neither_read_nor_written(run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "labels.csv"
    outside.write_text("hidden", encoding="utf-8")
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o011 != 0o011:
            folder.chmod(folder.stat().st_mode | 0o011)
    outside.chmod(0o666)
    package = Path(sys.modules["grader"].__file__ or "").parent

    cells = told(
        run(
            f"print(open('{outside}').read())",
            f"open('{outside}', 'w').write('changed')",
            f"import os; os.listdir('{tmp_path}')",
            f"print(open('{package / 'metrics.py'}').read())",
            f"print(open('{package.parent / 'rubrics' / 'circles.toml'}').read())",
            "open('/etc/passwd').read()",
            "open('/tmp/left-behind', 'w').write('x')",
            "open('../../given/request.json', 'w').write('x')",
        )
    ).cells

    assert {cell.error and cell.error.name for cell in cells} == {"PermissionError"}
    assert outside.read_text(encoding="utf-8") == "hidden"
    assert not Path("/tmp/left-behind").exists()


def test_other_processes_are_out_of_reach(run: Run) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"]) as bystander:
        try:
            cells = told(
                run(
                    f"import os; os.kill({bystander.pid}, 9)",
                    f"import os; os.kill({os.getpid()}, 19)",
                    "os.kill(os.getppid(), 9)",
                    f"open('/proc/{os.getpid()}/environ', 'rb').read()",
                    f"open('/proc/{os.getpid()}/mem', 'rb').read()",
                    f"import ctypes; raise PermissionError if ctypes.CDLL(None).ptrace("
                    f"16, {bystander.pid}, 0, 0) else ValueError('traced')",
                )
            ).cells
            assert bystander.poll() is None
        finally:
            bystander.kill()

    assert [cell.error and cell.error.name for cell in cells] == ["PermissionError"] * 6


def test_nothing_that_detaches_itself_outlives_the_run(run: Run) -> None:
    mark = f"grader-test-{os.getpid()}-{time.monotonic_ns()}"
    daemon = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        sleep = 'import time; time.sleep(300)'\n"
        f"        os.execv(sys.executable, [sys.executable, '-c', sleep, '{mark}'])\n"
        "    os._exit(0)\n"
        "time.sleep(1)"
    )

    told(run(daemon))

    alive = [
        p
        for p in psutil.process_iter(["cmdline", "status"])
        if mark in (p.info["cmdline"] or []) and p.info["status"] != psutil.STATUS_ZOMBIE
    ]
    assert alive == []


@pytest.mark.parametrize(
    ("cell", "limits", "state", "value"),
    [
        ("while True: pass", {"cpu_s": 2}, RunState.CPU_LIMIT, "2 s"),
        ("import time; time.sleep(60)", {"wall_time_s": 2}, RunState.WALL_TIME_LIMIT, "2 s"),
        (
            "b = [bytearray(50 << 20) for _ in range(20)]; import time; time.sleep(60)",
            {"memory_mib": 300},
            RunState.MEMORY_LIMIT,
            "300 MiB",
        ),
        (
            "for n in range(40): open(str(n), 'wb').write(bytes(1 << 20))\n"
            "import time; time.sleep(60)",
            {"slot_mib": 16},
            RunState.DISK_LIMIT,
            "16 MiB",
        ),
    ],
)
def test_a_limit_that_strikes_is_named_with_its_value(
    run: Run, cell: str, limits: dict[str, float], state: RunState, value: str
) -> None:
    result = run("x = 1", cell, **limits)

    assert result.outcome.state is state, result.outcome
    assert value in result.outcome.detail
    assert result.outcome.cell == 2


def test_the_worker_is_nobody_in_particular_and_gains_no_rights(run: Run) -> None:
    cells = told(
        run(
            "import os, re\nstatus = open('/proc/self/status').read()\n"
            "assert 'NoNewPrivs:\\t1' in status and 'Seccomp:\\t2' in status\n"
            "allowed = 1 << 2  # CAP_DAC_READ_SEARCH, where the interpreter needs it\n"
            "assert not int(re.search(r'CapEff:\\t(\\w+)', status)[1], 16) & ~allowed\n"
            f"assert os.getuid() {'!= 0' if os.geteuid() == 0 else f'== {os.geteuid()}'}",
            "import subprocess; assert subprocess.run(['unshare', '--user', 'true']).returncode",
        )
    ).cells

    assert states(cells) == [CellState.RAN, CellState.RAN]
