"""Real runs without any framework: what a cell may try, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from cell_runs import run_cells, states, told

from grader.evidence import CellState, NoticeKind, RunState
from grader.pipeline.setting import Setting
from grader.sandbox.interface import RunResult
from grader.sandbox.levels import Trial
from grader.worker.landlock import ABI_SCOPES, landlock_abi

pytestmark = [pytest.mark.kernel, pytest.mark.sandbox]
Run = Callable[..., RunResult]


@pytest.fixture
def run(walls: Trial, circles: Setting) -> Run:
    """Run some cells in a sandbox."""
    return partial(run_cells, walls, circles)


def test_what_does_no_harm_is_named_and_the_rest_runs_on(run: Run) -> None:
    result = run(
        "!pip install torch==1.0\n%pip install x\n%conda install y\n!wget http://example.org/a",
        "import no_such_package",
        "answer = input('your name?')",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        "import sys, warnings; warnings.warn('careful'); print('E: bad', file=sys.stderr)",
        "!echo from the shell",
        "exit()",
        "print('still here')",
    )

    testimony = told(result)
    ran, failed = CellState.RAN, CellState.FAILED
    assert states(testimony.cells) == [ran, failed, failed, failed, ran, ran, ran, ran]
    kinds = [notice.kind for notice in testimony.notices]
    assert kinds == [
        NoticeKind.INSTALL_IGNORED,
        NoticeKind.INSTALL_IGNORED,
        NoticeKind.INSTALL_IGNORED,
        NoticeKind.SHELL_IGNORED,
        NoticeKind.MISSING_PACKAGE,
        NoticeKind.NO_INPUT,
        NoticeKind.NO_NETWORK,
    ]
    assert "from the shell" in result.executed
    assert "still here" in result.executed


def test_a_syntax_error_and_its_consequences_are_told_apart(run: Run) -> None:
    testimony = told(run("x = (1", "print(x)", "y = 2", "print(y)"))

    first, second = testimony.cells[0].error, testimony.cells[1].error
    assert first is not None
    assert (first.name, first.caused_by_cell) == ("SyntaxError", None)
    assert second is not None
    assert (second.missing_name, second.caused_by_cell) == ("x", 1)
    assert states(testimony.cells)[2:] == [CellState.RAN, CellState.RAN]


def test_a_module_runs_as_main_with_its_name_and_its_helpers(run: Run) -> None:
    source = """
from pathlib import Path
import helpers
import sys
assert __name__ == "__main__"
assert Path(__file__).name == "work.py"
assert (Path(__file__).parent / "data" / "notes.txt").read_text() == "notes"
assert helpers.answer() == 42
sys.exit(0)
"""
    files = {"helpers.py": b"def answer(): return 42\n", "data/notes.txt": b"notes"}

    testimony = told(run(source, kind="module", files=files))

    assert states(testimony.cells) == [CellState.RAN]


def test_files_of_the_submission_cannot_stand_in_for_ours(run: Run) -> None:
    files = dict.fromkeys(
        ("grader.py", "nbformat.py", "json5.py", "pydantic.py", "grader/probe.py"),
        b"raise SystemError('shadowed')\n",
    )

    testimony = told(run("x = 1", "print(x)", files=files))

    assert states(testimony.cells) == [CellState.RAN, CellState.RAN]
    assert testimony.examination.problem == ""


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", "signal 9 (SIGKILL)"),
        ("import os; os._exit(7)", "exit status 7"),
        ("import ctypes; ctypes.string_at(0)", "signal 11 (SIGSEGV)"),
    ],
)
def test_a_process_that_ends_is_told_with_its_cell_and_its_way(
    run: Run, cell: str, words: str
) -> None:
    result = run("a = 1", cell, "b = 2")

    assert result.outcome.state is RunState.KERNEL_DIED
    assert words in result.outcome.detail
    assert result.outcome.cell == 2
    assert result.testimony is not None
    assert states(result.testimony.cells) == [
        CellState.RAN,
        CellState.FAILED,
        CellState.NOT_RUN,
    ]


def test_a_flood_of_output_is_cut_and_named(run: Run) -> None:
    result = run("for n in range(200_000): print('x' * 100)", "print('next', 'cell')")

    kinds = [notice.kind for notice in told(result).notices]
    assert kinds == [NoticeKind.OUTPUT_CUT]
    assert len(result.executed) < 8 << 20
    assert "next cell" in result.executed


def test_the_worker_cannot_be_stopped_or_traced_by_what_it_runs(run: Run) -> None:
    if landlock_abi() < ABI_SCOPES:
        pytest.skip("this kernel's Landlock does not keep signals in (Linux 6.12 does)")
    attempts = [
        f"import os; os.kill({who}, {signal})"
        for who in ("os.getppid()", "1")
        for signal in (9, 19)
    ]
    trace = "import ctypes; assert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == -1"

    cells = told(run(*attempts, trace)).cells

    assert [cell.error and cell.error.name for cell in cells] == [*["PermissionError"] * 4, None]


def test_the_worker_is_an_ordinary_user_without_a_network(run: Run) -> None:
    result = run(
        "import os, socket\n"
        "assert os.getuid() != 0\n"
        "status = open('/proc/self/status').read()\n"
        "assert 'CapEff:\\t0000000000000000' in status and 'NoNewPrivs:\\t1' in status\n"
        "assert [name for _, name in socket.if_nameindex()] == ['lo']\n"
        "import subprocess\n"
        "assert subprocess.run(['unshare', '--user', 'true']).returncode != 0\n"
        "try:\n"
        "    open('/usr/x', 'w')\n"
        "except OSError:\n"
        "    pass\n"
        "else:\n"
        "    raise AssertionError('writable')\n"
    )

    assert told(result).cells[0].error is None


def test_what_all_cells_print_together_is_limited_too(run: Run) -> None:
    cells = ["print('x' * 900_000)"] * 3

    result = run(*cells, cell_output_mib=1, output_mib=2)

    cut = [(notice.cell, notice.text) for notice in told(result).notices]
    words = "this cell printed more than the 2 MiB that are kept of all cells; the rest was dropped"
    assert cut == [(3, words)]


def test_a_file_that_grows_too_large_is_named_with_the_limit(run: Run) -> None:
    result = run("open('large', 'wb').write(bytes(3 << 20))", file_mib=2)

    testimony = told(result)
    assert testimony.cells[0].error is not None
    assert [(notice.kind, notice.text) for notice in testimony.notices] == [
        (NoticeKind.LIMIT, "a file may be no larger than 2 MiB")
    ]


def test_too_many_threads_are_named_with_the_limit(run: Run) -> None:
    starting = (
        "import threading, time\n"
        "for _ in range(200): threading.Thread(target=time.sleep, args=(30,)).start()"
    )

    outcome = run(starting, processes=64).outcome

    assert (outcome.state, outcome.cell) == (RunState.PROCESS_LIMIT, 1)
    assert "64 processes and threads" in outcome.detail
