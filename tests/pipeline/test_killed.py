"""A grader that is killed again and again loses nothing and grades nothing twice.

A real class in real sandboxes: thirty small modules without any framework. The grader is a process
of its own and gets SIGKILL at twenty moments drawn from a seed; what is stored is compared before
and after.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.sandbox.levels import Trial
from pipeline.course_copy import copied_course

pytestmark = pytest.mark.sandbox

STUDENTS = 30
KILLS = 20
SEED = 4
LONGEST_S = 2.5
"""A kill comes at most so long after the grader began to run submissions."""
SCRIPT = """
import sys
from pathlib import Path
from grader.course import open_course
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline import GradeOptions, grade, prepare
from grader.sandbox.levels import try_bwrap
from grader.sandbox.runner import FreshSandboxRunner

course, handed_in, out, retry = sys.argv[1:]
setting = prepare(open_course(Path(course), here=Path(course)), "circles", secret=DEMO_SECRET)
options = GradeOptions(out=Path(out), workers=2, retry_failed=retry == "retry")
say = lambda done, total, name: print(done, flush=True)
grade(setting, [Path(handed_in)], options, runner=FreshSandboxRunner(try_bwrap()), on_progress=say)
print("ended", flush=True)
"""


def start(root: Path, *, retry: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {"TMPDIR": str(root / "temporary")}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, root / "course", root / "class", root / "out", retry],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def stored(root: Path) -> dict[str, tuple[str, bytes]]:
    """State and evidence of every stored attempt."""
    folder = root / "out" / "private" / "students"
    contents = {
        str(path.relative_to(folder).parent): path.read_bytes()
        for path in folder.glob("*/*/evidence.json")
        if not path.parent.name.startswith(".")
    }
    return {
        name: (json.loads(content)["outcome"]["state"], content)
        for name, content in contents.items()
    }


def finish(root: Path, *, retry: str = "") -> None:
    process = start(root, retry=retry)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "ended"


def test_a_class_survives_twenty_kills(walls: Trial, tmp_path: Path) -> None:
    copied_course(tmp_path / "course")
    (tmp_path / "class").mkdir()
    (tmp_path / "temporary").mkdir()
    for number in range(STUDENTS):
        text = f"total = sum(range({number}))\nprint(total)\n"
        (tmp_path / "class" / f"student-{number:02}.py").write_text(text, encoding="utf-8")
    moments = random.Random(SEED)  # noqa: S311 - to be drawn again alike, not to be secret

    before: dict[str, tuple[str, bytes]] = {}
    for _ in range(KILLS):
        process = start(tmp_path)
        assert process.stdout is not None
        process.stdout.readline()  # the first word comes when everything stored has been looked at
        time.sleep(moments.uniform(0, LONGEST_S))
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.wait()
        after = stored(tmp_path)
        assert before.items() <= after.items()  # nothing lost, nothing graded again
        before = after

    finish(tmp_path)
    after = stored(tmp_path)
    assert before.items() <= after.items()
    assert sorted(after) == [f"student-{number:02}/1" for number in range(STUDENTS)]
    # Whatever was running at two kills looks like what takes the grader down, and waits.
    marked = {name for name, (state, _) in after.items() if state == "grader failed"}
    assert {state for state, _ in after.values()} <= {"completed", "grader failed"}

    finish(tmp_path, retry="retry")
    last = stored(tmp_path)
    assert {state for state, _ in last.values()} == {"completed"}
    assert {name: last[name] for name in last.keys() - marked} == {
        name: after[name] for name in after.keys() - marked
    }
    assert list((tmp_path / "temporary").glob("grader-*")) == []
    assert not list((tmp_path / "out").rglob("*.part"))
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8") as file:
        assert len(file.readlines()) == STUDENTS + 1
