"""Measures the supervisor's memory over a class; writes ``supervisor_memory.md``.

A stand-in runner returns the same small result for every submission at once, so that only what the
supervisor itself keeps is measured: intake, queue, store, index, judging and reports are real.
"""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SIZES = (100, 1000)
PAGE = Path(__file__).with_suffix(".md")


class StandIn:
    """Runs nothing."""

    def run(self, job: object, *, cancelled: Callable[[], bool]) -> object:
        """Return a completed run of one cell that trained nothing."""
        from grader.evidence import CellRun, CellState, RunOutcome, RunState, Testimony
        from grader.sandbox.interface import RunResult

        cells = (CellRun(number=1, state=CellState.RAN),)
        testimony = Testimony(entry_kind="module", cells=cells)
        outcome = RunOutcome(state=RunState.COMPLETED)
        return RunResult(outcome=outcome, isolation="bwrap", testimony=testimony, executed="{}")


def grade_class(students: int) -> None:
    """Grade a class in this process and print its peak memory, MiB, as JSON."""
    from grader.course import bundled_catalogue, open_course
    from grader.datasets.secret import DEMO_SECRET
    from grader.pipeline import GradeOptions, grade, prepare

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "class").mkdir()
        for number in range(students):
            text = f"total = sum(range({number}))\n" + "# a line of comment\n" * 500
            (root / "class" / f"student-{number:05}.py").write_text(text, encoding="utf-8")
        course = open_course(bundled_catalogue(), here=root)
        setting = prepare(course, "circles", secret=DEMO_SECRET)
        result = grade(
            setting,
            [root / "class"],
            GradeOptions(out=root / "out", workers=2),
            runner=StandIn(),  # type: ignore[arg-type]  # its results are built late
            on_progress=lambda *_: None,
        )
        graded = len(result.reports)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"students": graded, "peak_mib": round(peak, 1)}))


def main() -> None:
    """Measure each size in a process of its own and write the page."""
    measured = []
    for size in SIZES:
        done = subprocess.run(
            [sys.executable, __file__, str(size)], check=True, capture_output=True, text=True
        )
        measured.append(json.loads(done.stdout))
    first, last = measured[0]["peak_mib"], measured[-1]["peak_mib"]
    rows = "\n".join(f"| {each['students']} | {each['peak_mib']} |" for each in measured)
    PAGE.write_text(
        f"""# The supervisor's memory

Written by `make bench-memory`. Peak resident memory of the process that grades, each class in a
process of its own, Python {platform.python_version()}.

| submissions | peak MiB |
|---|---|
{rows}

{SIZES[-1]} submissions took {100 * (last / first - 1):+.1f} % against {SIZES[0]}; the aim is at
most 10 %. Modules of 10 kB without any framework. Student code was not run: a stand-in for the
sandbox gave the same small result at once. Finding, reading, queue, store, index, judging and
reports are the real ones.
""",
        encoding="utf-8",
    )
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        grade_class(int(sys.argv[1]))
    else:
        main()
