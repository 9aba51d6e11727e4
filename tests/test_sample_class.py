"""The bundled sample class, graded for real: every student gets what reading the work promises."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest

from grader.course import Course
from grader.evidence import Limits
from grader.pipeline import GradeOptions, GradeResult, Setting, grade
from grader.report.model import Report
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.kernel,
    pytest.mark.torch,
    pytest.mark.keras,
    pytest.mark.hostile,
]
SAMPLES = Path(__file__).resolve().parent.parent / "assignments" / "circles" / "samples"
KEYS = sorted(path.stem for path in (SAMPLES / "expected").glob("*.json"))
AGAIN = (
    "amara-okonkwo", "ben-hartley", "chen-yulin.ipynb", "daria-petrova", "elias-lindgren",
    "hana-kobayashi", "leonor-carvalho", "mei-lin-tan", "priya-raman", "tomas-novak",
    "yusuf-demir",
)  # fmt: skip
"""Eleven whose results must not depend on who else is in the class."""


@dataclass(frozen=True, slots=True)
class GradedClass:
    """What ``grader demo`` left behind."""

    out: Path
    printed: str

    def report(self, key: str) -> Report:
        """The instructor's report on the latest attempt."""
        attempts = sorted((self.out / "private" / "students" / key).iterdir())
        return Report.model_validate_json((attempts[-1] / "report.json").read_bytes())


@pytest.fixture(scope="module")
def graded(walls: Trial, tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """The whole class, graded once by the command that a newcomer types."""
    out = tmp_path_factory.mktemp("class") / "results"
    done = subprocess.run(
        [sys.executable, "-m", "grader", "demo", "--out", out],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return GradedClass(out=out, printed=done.stdout + done.stderr)


def expectation(key: str) -> dict[str, Any]:
    content = json.loads((SAMPLES / "expected" / f"{key}.json").read_text())
    assert isinstance(content, dict)
    return content


def test_every_sample_has_an_expectation_and_the_other_way_round(graded: GradedClass) -> None:
    assert sorted(path.name for path in (graded.out / "feedback").iterdir()) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_gets_what_reading_it_promises(graded: GradedClass, key: str) -> None:
    report, expected = graded.report(key), expectation(key)

    assert report.run.state == expected["state"], report.run.headline
    assert report.needs_review is expected["needs_review"], report.review_reasons
    assert report.attempt.number == expected.get("attempt", 1)
    assert expected.get("headline_contains", "").lower() in report.run.headline.lower()
    if expected["failed_cells"] is not None:
        assert [cell.number for cell in report.run.cells_failed] == expected["failed_cells"]
    for criterion in report.criteria:
        points, wanted = float(criterion.earned), expected["criteria"][criterion.id]
        low, high = (wanted["min"], wanted["max"]) if isinstance(wanted, dict) else (wanted, wanted)
        assert low <= points <= high, criterion
        outcome = expected["outcomes"].get(criterion.id, criterion.outcome)
        assert criterion.outcome == outcome, criterion


def test_the_class_is_shown_with_the_level_and_where_the_reports_lie(graded: GradedClass) -> None:
    assert "isolation: bwrap" in graded.printed
    assert "index.html" in graded.printed
    assert (graded.out / "index.html").is_file()
    assert (graded.out / "gradebook.csv").read_text().count("\n") == len(KEYS) + 1


def test_attempts_are_all_kept_and_the_latest_counts(graded: GradedClass) -> None:
    attempts = sorted(p.name for p in (graded.out / "private/students/carlos-mendes").iterdir())

    assert attempts == ["1", "2"]
    assert graded.report("carlos-mendes").attempt.of == 2


def test_the_hostile_sample_leaves_no_trace_of_its_forgeries(graded: GradedClass) -> None:
    report = graded.report("bianca-rossi")

    assert report.totals.earned == 0
    assert report.exercises[0].model is None


def test_grading_again_in_other_company_gives_the_same_bytes(
    graded: GradedClass, circles: Setting, walls: Trial, tmp_path: Path
) -> None:
    """Neither another run nor the endless, memory-eating and killed ones change anything."""
    chosen = tmp_path / "class"
    chosen.mkdir()
    for name in AGAIN:
        source = SAMPLES / "class" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, chosen / name)

    result = grade_with_demo_limits(circles, walls, [chosen], tmp_path / "again")

    assert len(result.reports) == len(AGAIN)
    for report in result.reports:
        key = report.student.key
        assert without_resources(
            graded.out / "private/students" / key / "1" / "report.json"
        ) == without_resources(tmp_path / "again/private/students" / key / "1" / "report.json")


@pytest.mark.catalogue
def test_references_earn_full_points_as_module_and_as_notebook(
    catalogue: Course, circles: Setting, walls: Trial, tmp_path: Path
) -> None:
    handed_in = tmp_path / "references"
    handed_in.mkdir()
    for file in sorted(catalogue.reference_folder("circles").glob("*.py")):
        shutil.copy(file, handed_in / f"{file.stem}-module.py")
        nbformat.write(jupytext.read(file), handed_in / f"{file.stem}-notebook.ipynb")

    result = grade_with_demo_limits(circles, walls, [handed_in], tmp_path / "out", roster=None)

    assert len(result.reports) == 4
    for report in result.reports:
        lost = [each for each in report.criteria if each.earned != each.maximum]
        assert lost == []
        assert not report.needs_review


def test_no_hidden_label_row_or_path_leaves_the_house(
    graded: GradedClass, circles: Setting
) -> None:
    hidden = circles.hidden["circles"]
    labels = "".join(map(str, hidden.labels[:64]))
    rows = [f"{value:.5f}" for value in np.abs(hidden.inputs[:200]).ravel()]
    forbidden = [labels, ", ".join(labels), str(graded.out), str(SAMPLES.parents[2]), "Traceback"]

    for path in (graded.out / "feedback").rglob("*"):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        assert not [word for word in forbidden if word in text], path
        assert sum(row in text for row in rows) <= 2, path


def grade_with_demo_limits(
    circles: Setting,
    walls: Trial,
    paths: list[Path],
    out: Path,
    *,
    roster: Path | None = SAMPLES / "roster.csv",
) -> GradeResult:
    options = GradeOptions(
        out=out,
        roster=roster,
        limits=Limits(cpu_s=20, wall_time_s=90, memory_mib=2048),
        workers=2,
    )
    runner = FreshSandboxRunner(walls)
    return grade(circles, paths, options, runner=runner, on_progress=lambda *_: None)


def without_resources(path: Path) -> str:
    report = json.loads(path.read_text(encoding="utf-8"))
    del report["run"]["resources"]
    return json.dumps(report)
