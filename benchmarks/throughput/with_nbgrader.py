"""nbgrader, set up as its user guide says, with one batch call of ``nbgrader autograde``.

The course folder is made as an instructor makes it: a source notebook with a solution cell per step
and two test cells, ``nbgrader generate_assignment``, and the students' work under ``submitted/``.
nbgrader has no parallel grading (its FAQ says so), so two workers are two calls, each over half of
the class in a course folder of its own, which spares them a common SQLite file.

Source: nbgrader user guide, "Managing assignment files manually", "Autograding resources", FAQ.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from throughput.environments import executable, process_environment
from throughput.measuring import BenchmarkError, Case, Command, Graded, Plan
from throughput.questions import (
    ACCURACY_POINTS,
    ACCURACY_QUESTION,
    MAXIMUM,
    SHAPE,
    SHAPE_POINTS,
    SHAPE_QUESTION,
    expected_points,
    nbgrader_hidden_test,
)
from throughput.submissions import ENTRY, Submission, code_cell, dump
from throughput.with_nbclient import cell_times

ASSIGNMENT: Final = "circles"
STEPS: Final = ("imports", "data", "network", "loss", "training", "evaluation", "plot")
"""Ids of the solution cells, in the order of a submission's cells."""
CONFIGURATION: Final = """\
c = get_config()
c.CourseDirectory.course_id = "throughput"
c.Execute.timeout = 600
"""


@dataclass(frozen=True, slots=True)
class Nbgrader:
    """``nbgrader autograde circles`` over all that was submitted."""

    name: str = "nbgrader"
    title: str = "nbgrader (batch)"

    def prepare(self, case: Case) -> Plan:
        """A course folder for each worker, with its share of the class."""
        environment = process_environment("nbgrader")
        template = self._template(case, environment)
        released = json.loads((template / "release" / ASSIGNMENT / ENTRY).read_text("utf-8"))
        program = executable("nbgrader", "nbgrader")
        commands = []
        for worker in range(case.workers):
            course = case.folder / f"course{worker + 1}"
            shutil.copytree(template, course)
            for one in case.part(worker):
                target = course / "submitted" / one.key / ASSIGNMENT
                target.mkdir(parents=True)
                (target / ENTRY).write_bytes(filled_in(released, one))
                for name, content in case.data.items():
                    (target / name).write_bytes(content)
            if case.part(worker):
                commands.append(Command((program, "autograde", ASSIGNMENT), course))
        return Plan(tuple(commands), case.workers, environment)

    def read(self, case: Case) -> dict[str, Graded]:
        """Scores from ``nbgrader export``, cell times from the autograded notebooks.

        Raises:
            BenchmarkError: The export failed.
        """
        submissions = {one.key: one for one in case.submissions}
        found = {}
        for course in sorted(case.folder.glob("course*")):
            argv = [executable("nbgrader", "nbgrader"), "export"]
            called(argv, course, process_environment("nbgrader"))
            scores = scores_of_export((course / "grades.csv").read_text(encoding="utf-8"))
            for key, score in scores.items():
                notebook = course / "autograded" / key / ASSIGNMENT / ENTRY
                expected = expected_points(submissions[key]) if key in submissions else None
                found[key] = Graded(
                    is_right=score == (expected, MAXIMUM),
                    said=f"{score[0]:g} of {score[1]:g} points, {expected} expected",
                    finished_at=notebook.stat().st_mtime,
                    cells_s=cell_times(step_cells(json.loads(notebook.read_text("utf-8")))),
                )
        return found

    def _template(self, case: Case, environment: dict[str, str]) -> Path:
        """A course folder with a released assignment and an empty ``submitted/``; made once."""
        course = case.shared / f"nbgrader-{case.framework}"
        if (course / "release" / ASSIGNMENT / ENTRY).is_file():
            return course
        shutil.rmtree(course, ignore_errors=True)
        source = course / "source" / ASSIGNMENT
        source.mkdir(parents=True)
        (course / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
        (source / ENTRY).write_bytes(source_notebook(case.submissions[0]))
        for name, content in case.data.items():
            (source / name).write_bytes(content)
        argv = [executable("nbgrader", "nbgrader"), "generate_assignment", ASSIGNMENT]
        called(argv, course, environment)
        return course


def source_notebook(model_answer: Submission) -> bytes:
    """The instructor's version: the steps as solution cells, then the two tests."""
    cells = [
        code_cell(0, source, marks(step, is_solution=True), cell_id=step)
        for step, source in zip(STEPS, model_answer.cells, strict=True)
    ]
    framework = model_answer.framework
    for question, source, points in (
        (SHAPE_QUESTION, SHAPE[framework], SHAPE_POINTS),
        (ACCURACY_QUESTION, nbgrader_hidden_test(framework), ACCURACY_POINTS),
    ):
        cells.append(code_cell(0, source, marks(question, points=points), cell_id=question))
    return dump(cells)


def marks(grade_id: str, *, is_solution: bool = False, points: int = 0) -> dict[str, Any]:
    """What nbgrader's toolbar writes into a cell: an autograded answer, or autograder tests.

    Source: nbgrader metadata schema, version 3.
    """
    mark: dict[str, Any] = {
        "grade": not is_solution,
        "grade_id": grade_id,
        "locked": not is_solution,
        "schema_version": 3,
        "solution": is_solution,
        "task": False,
    }
    if not is_solution:
        mark["points"] = points
    return {"nbgrader": mark}


def filled_in(released: dict[str, Any], one: Submission) -> bytes:
    """The released notebook with a student's cells in the places for solutions.

    Raises:
        BenchmarkError: The release has no such places.
    """
    notebook = json.loads(json.dumps(released))
    places = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    if set(places) != set(STEPS):
        raise BenchmarkError(f"nbgrader released other cells than those of the steps: {places}")
    for step, source in zip(STEPS, one.cells, strict=True):
        places[step]["source"] = source.splitlines(keepends=True)
    return json.dumps(notebook, indent=1).encode() + b"\n"


def step_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The student's cells of an autograded notebook, without the tests."""
    return [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in STEPS
    ]


def scores_of_export(text: str) -> dict[str, tuple[float, float]]:
    """Score and maximum by student, from the CSV file of ``nbgrader export``."""
    return {
        row["student_id"]: (float(row["score"]), float(row["max_score"]))
        for row in csv.DictReader(io.StringIO(text))
        if row["assignment"] == ASSIGNMENT
    }


def called(argv: Sequence[str], cwd: Path, environment: dict[str, str]) -> None:
    """Run a short command.

    Raises:
        BenchmarkError: It failed.
    """
    done = subprocess.run(
        list(argv), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(argv)}: {done.stderr[-2000:]}")
