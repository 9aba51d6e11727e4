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
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.sandbox.levels import Trial
from pipeline.course_copy import copied_course

pytestmark = pytest.mark.sandbox

STUDENTS = 30
KILLS = 20
SEED = 4
LONGEST_S = 3.0
"""A kill comes at most so long after the grader began to run submissions."""
SCRIPT = """
import os, sys
from pathlib import Path
from grader.course import open_course
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline import GradeOptions, grade, prepare
from grader.sandbox.levels import try_bwrap
from grader.sandbox.runner import FreshSandboxRunner

root = Path(sys.argv[1])
course = open_course(root / "course", here=root)
setting = prepare(course, "circles", secret=DEMO_SECRET)
runner = FreshSandboxRunner(try_bwrap())
say = lambda done, total, name: print(done, flush=True)
for line in sys.stdin:  # every line asks for a grader of its own, forked to save the imports
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        print("ended", os.waitpid(pid, 0)[1], flush=True)
        continue
    options = GradeOptions(out=root / "out", workers=2)
    grade(setting, [root / "class"], options, runner=runner, on_progress=say)
    os._exit(0)
"""


@dataclass(frozen=True)
class Graders:
    """Starts graders, one after the other."""

    process: subprocess.Popen[str]

    def start(self, word: str = "resume") -> int:
        """Start one, and wait until it has looked at everything that is stored.

        Returns:
            Its process id.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        first, second = int(self._line()), int(self._line())
        return max(first, second)  # the count of what is stored may come before the id

    def wait(self) -> int:
        """Wait for its end.

        Returns:
            Its wait status.
        """
        while True:
            line = self._line()
            if line.startswith("ended"):
                return int(line.split()[1])

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@pytest.fixture
def graders(tmp_path: Path) -> Iterator[Graders]:
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    with process:
        yield Graders(process)
        process.kill()


def running(root: Path) -> int:
    """How many runs were under way when the grader was killed."""
    with closing(sqlite3.connect(root / "out" / "gradebook.sqlite3")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM runs WHERE is_running").fetchone()
    return int(count)


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


def test_a_class_survives_twenty_kills(walls: Trial, graders: Graders, tmp_path: Path) -> None:
    copied_course(tmp_path / "course")
    (tmp_path / "class").mkdir()
    for number in range(STUDENTS):
        text = f"total = sum(range({number}))\nprint(total)\n"
        (tmp_path / "class" / f"student-{number:02}.py").write_text(text, encoding="utf-8")
    moments = random.Random(SEED)  # noqa: S311  # to be drawn again alike, not to be secret

    before: dict[str, tuple[str, bytes]] = {}
    hit = 0
    for _ in range(KILLS):
        grader = graders.start()
        time.sleep(moments.uniform(0, LONGEST_S))
        os.kill(grader, signal.SIGKILL)
        graders.wait()
        hit += running(tmp_path)
        after = stored(tmp_path)
        assert before.items() <= after.items()  # nothing lost, nothing graded again
        before = after

    graders.start()
    assert graders.wait() == 0
    after = stored(tmp_path)
    assert hit >= KILLS / 2
    assert before.items() <= after.items()
    assert sorted(after) == [f"student-{number:02}/1" for number in range(STUDENTS)]
    assert {state for state, _ in after.values()} == {"completed"}
    assert list((tmp_path / "temporary").glob("grader-*")) == []
    assert not list((tmp_path / "out").rglob("*.part"))
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8") as file:
        assert len(file.readlines()) == STUDENTS + 1
