"""The supervisor stays with a worker through limits, lies and silence; the worker is a script."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader.evidence import Limits, RunState
from grader.sandbox import supervise as supervising
from grader.sandbox.launch import Launch
from grader.sandbox.supervise import Watch, supervise

pytestmark = pytest.mark.sandbox
SAY = """
import json, os, sys, time
events = os.fdopen(int(sys.argv[-2]), "wb", buffering=0)
inputs = os.fdopen(int(sys.argv[-1]), "rb")
def say(kind, **more):
    events.write(json.dumps({"kind": kind, **more}).encode() + b"\\n")
"""


def watched(script: str, tmp_path: Path, *, hidden: bytes = b"", **limits: float) -> Watch:
    (tmp_path / "work").mkdir()
    return supervise(
        Launch(argv=[sys.executable, "-c", SAY + script], environment={}, folder=tmp_path),
        slot=tmp_path,
        limits=Limits(**{"cpu_s": 20, "wall_time_s": 20, **limits}),
        on_cells_done=lambda: hidden,
        cancelled=lambda: False,
    )


def state(watch: Watch) -> RunState:
    assert watch.outcome is not None
    return watch.outcome.state


def test_hidden_inputs_are_handed_over_when_the_cells_are_done(tmp_path: Path) -> None:
    script = """
say("started"); say("cell", cell=1); say("cells-ended"); say("cells-done")
length = int.from_bytes(inputs.read(8), "big")
assert inputs.read(length) == b"x" * 300_000
say("hidden-done"); time.sleep(60)
"""
    watch = watched(script, tmp_path, hidden=b"x" * 300_000)

    assert state(watch) is RunState.COMPLETED
    assert watch.cell == 1


def test_a_worker_that_never_reads_does_not_hold_us_up(tmp_path: Path) -> None:
    script = 'say("cells-done"); say("hidden-done"); time.sleep(60)'
    started_at = time.monotonic()

    watch = watched(script, tmp_path, hidden=b"x" * 10_000_000)

    assert state(watch) is RunState.COMPLETED
    assert time.monotonic() - started_at < 10


def test_the_wall_clock_strikes_and_names_the_cell(tmp_path: Path) -> None:
    watch = watched('say("cell", cell=3); time.sleep(60)', tmp_path, wall_time_s=1)

    assert state(watch) is RunState.WALL_TIME_LIMIT
    assert watch.outcome is not None
    assert watch.outcome.cell == 3
    assert watch.outcome.detail == "The code was still running after 1 s."


def test_cpu_time_of_children_counts(tmp_path: Path) -> None:
    script = """
say("cell", cell=1)
for _ in range(2):
    if os.fork() == 0:
        while True: pass
time.sleep(60)
"""
    assert state(watched(script, tmp_path, cpu_s=1)) is RunState.CPU_LIMIT


def test_memory_of_the_whole_tree_counts(tmp_path: Path) -> None:
    script = """
for _ in range(3):
    if os.fork() == 0:
        block = bytearray(os.urandom(1)) * 150_000_000
        time.sleep(60)
time.sleep(60)
"""
    assert state(watched(script, tmp_path, memory_mib=300)) is RunState.MEMORY_LIMIT


def test_files_in_the_slot_count(tmp_path: Path) -> None:
    script = """
for number in range(40):
    open(f"work/{number}", "wb").write(os.urandom(1 << 20))
time.sleep(60)
"""
    assert state(watched(script, tmp_path, slot_mib=16)) is RunState.DISK_LIMIT


@pytest.mark.parametrize(
    "line",
    [
        'events.write(b"not json\\n")',
        'say("no such event")',
        'say("cell", cell=1, more=2)',
        'events.write(b"x" * 100_000)',
        '[say("cell", cell=n) for n in range(30_000)]',
    ],
)
def test_a_worker_that_says_what_it_does_not_say_is_our_failure(line: str, tmp_path: Path) -> None:
    assert state(watched(f"{line}; time.sleep(60)", tmp_path)) is RunState.GRADER_FAILED


def test_a_worker_that_ends_early_is_our_failure(tmp_path: Path) -> None:
    assert state(watched('say("started"); os._exit(3)', tmp_path)) is RunState.GRADER_FAILED


def test_a_dead_kernel_is_named_by_its_signal(tmp_path: Path) -> None:
    watch = watched('say("kernel-died", cell=2, exit_code=-11)', tmp_path)

    assert state(watch) is RunState.KERNEL_DIED
    assert watch.outcome is not None
    assert "SIGSEGV" in watch.outcome.detail


def test_only_the_tail_of_the_log_is_kept_and_nothing_after_the_cells(tmp_path: Path) -> None:
    script = """
print("x" * 200_000); print("before", flush=True)
time.sleep(0.5); say("cells-done"); inputs.read(8)
print("after", flush=True); say("hidden-done"); time.sleep(60)
"""
    watch = watched(script, tmp_path)

    assert len(watch.log) <= supervising.MAX_LOG_BYTES
    assert b"before" in watch.log
    assert b"after" not in watch.log


def test_our_own_examination_has_limits_that_are_not_the_students(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "EXAMINATION_CPU_S", 0.5)

    watch = watched('say("cells-ended")\nwhile True: pass', tmp_path, cpu_s=100)

    assert state(watch) is RunState.GRADER_FAILED
    assert watch.outcome is not None
    assert watch.outcome.detail == "examining the models took too long"


def test_a_process_that_left_the_group_is_ended_too(tmp_path: Path) -> None:
    script = """
if os.fork() == 0:
    os.setsid()
    open("work/pid", "w").write(str(os.getpid()))
    time.sleep(60)
time.sleep(1); say("cells-done"); say("hidden-done"); time.sleep(60)
"""
    watch = watched(script, tmp_path)

    assert state(watch) is RunState.COMPLETED
    left = int((tmp_path / "work" / "pid").read_text())
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


def test_shared_memory_counts(tmp_path: Path) -> None:
    script = """
import mmap
block = mmap.mmap(-1, 500 << 20)
for start in range(0, len(block), 1 << 20):
    block[start : start + (1 << 20)] = b"x" * (1 << 20)
time.sleep(60)
"""
    assert state(watched(script, tmp_path, memory_mib=300)) is RunState.MEMORY_LIMIT


def test_folders_without_number_or_end_count(tmp_path: Path) -> None:
    script = """
os.chdir("work")
for _ in range(3000):
    os.mkdir("deep"); os.chdir("deep")
time.sleep(60)
"""
    assert state(watched(script, tmp_path)) is RunState.DISK_LIMIT
    subprocess.run(["/bin/rm", "-rf", str(tmp_path / "work")], check=True)
