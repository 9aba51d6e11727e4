"""This grader: ``grader grade --preload``, and with one fresh sandbox per submission."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.course import open_course
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline import prepare
from throughput.environments import REPOSITORY, executable, process_environment
from throughput.measuring import BenchmarkError, Case, Command, Graded, Plan
from throughput.with_nbclient import lay_out

ASSIGNMENT: Final = "circles"
DECIDING: Final = "accuracy"
"""The rubric's criterion for accuracy on hidden data."""


@dataclass(frozen=True, slots=True)
class Ours:
    """``grader grade``, in one of its two ways to run submissions."""

    name: str
    title: str
    is_fresh: bool

    def prepare(self, case: Case) -> Plan:
        """The class as an instructor has it, and a secret for the hidden data.

        Raises:
            BenchmarkError: This version of the grader has no such mode.
        """
        program = executable("grader", "grader")
        environment = process_environment("grader")
        if "--preload" not in output_of([program, "grade", "--help"], environment):
            raise BenchmarkError("this version of `grader grade` has no option --preload")
        if not (Path(environment["HOME"]) / ".config" / "grader" / "secret").exists():
            output_of([program, "secret", "new"], environment)
        lay_out(case, case.folder / "class")
        argv = (
            program, "grade", ASSIGNMENT, str(case.folder / "class"),
            "--out", str(case.folder / "results"), "--course", str(REPOSITORY),
            "--workers", str(case.workers), "--isolation", "bwrap",
            "--fresh" if self.is_fresh else "--preload",
        )  # fmt: skip
        return Plan((Command(argv, case.folder),), 1, environment)

    def read(self, case: Case) -> dict[str, Graded]:
        """The instructor's reports; a submission counts as finished when its evidence is stored."""
        sound = {one.key: one.is_sound for one in case.submissions}
        found = {}
        for path in sorted(case.folder.glob("results/private/students/*/1/report.json")):
            key = path.parent.parent.name
            report = json.loads(path.read_text(encoding="utf-8"))
            found[key] = Graded(
                is_right=is_as_deserved(report, is_sound=sound.get(key, False)),
                said=what_it_says(report),
                finished_at=(path.parent / "evidence.json").stat().st_mtime,
                cells_s=tuple(report["run"]["resources"]["cells_s"]),
            )
        return found


def is_as_deserved(report: dict[str, Any], *, is_sound: bool) -> bool:
    """Whether a report decides everything, and grants the hidden accuracy to sound models alone."""
    totals = report["totals"]
    outcome = {one["id"]: one["outcome"] for one in report["criteria"]}[DECIDING]
    is_decided = report["run"]["state"] == "completed" and totals["pending"] == 0
    if is_sound:
        return bool(is_decided and outcome == "passed")
    return bool(is_decided and outcome == "failed" and 0 < totals["earned"] < totals["maximum"])


def what_it_says(report: dict[str, Any]) -> str:
    """A report in one line."""
    totals = report["totals"]
    points = f"{totals['earned']} of {totals['maximum']} points, {totals['pending']} pending"
    return f"{points}; {report['run']['headline']}"


def output_of(argv: list[str], environment: dict[str, str]) -> str:
    """What a short command of ours prints.

    Raises:
        BenchmarkError: It failed.
    """
    done = subprocess.run(
        argv, env={**environment, "COLUMNS": "200"}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(argv)}: {done.stderr[-1000:]}")
    return done.stdout


def public_data() -> dict[str, bytes]:
    """The files that lie beside every submission: ``train.npz`` and ``validation.npz``."""
    course = open_course(REPOSITORY, here=REPOSITORY)
    files = prepare(course, ASSIGNMENT, secret=DEMO_SECRET).files
    return {str(name): content for name, content in files.items()}
