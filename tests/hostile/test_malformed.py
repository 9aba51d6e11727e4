"""Malformed hand-ins cost their own student, and nobody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from contained import CANARY, LIMITS
from ground import Ground, prepared_ground
from malformed import MALFORMED

from grader.evidence import Limits, RunState
from grader.pipeline import GradeOptions, Setting, grade
from grader.pipeline.store import EXECUTED_FILE, ResultFolder
from grader.report.model import Report
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner

pytestmark = [pytest.mark.sandbox, pytest.mark.hostile]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared_ground() as prepared:
        yield prepared


@pytest.fixture(scope="module")
def graded(
    ground: Ground, circles: Setting, walls: Trial, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Report], Path]:
    """All of them as one class, with an honest student before and after."""
    folder = tmp_path_factory.mktemp("malformed")
    for name, malformed in MALFORMED.items():
        (folder / "class" / name).mkdir(parents=True)
        malformed.make(folder / "class" / name)
    for name in ("a-canary", "zz-canary"):
        shutil.copytree(CANARY, folder / "class" / name)
        (folder / "class" / name / "outside.json").write_text(json.dumps(ground.told))
    before = ground.look()
    out = folder / "out"
    result = grade(
        circles,
        [folder / "class"],
        GradeOptions(out=out, limits=Limits.model_validate(LIMITS), isolation=str(walls.level)),
        runner=FreshSandboxRunner(walls),
        on_progress=lambda *_: None,
    )
    assert ground.processes() == []
    assert ground.look() == before
    assert ground.heard() == []
    return {report.student.key: report for report in result.reports}, out


def shown(out: Path, key: str) -> str:
    path = ResultFolder(out).attempt_folder(key, 1) / EXECUTED_FILE
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_a_malformed_hand_in_is_told_apart(
    name: str, graded: tuple[dict[str, Report], Path]
) -> None:
    reports, out = graded
    expected, report = MALFORMED[name], reports[name]
    attempt = ResultFolder(out).load(name, 1)
    assert attempt is not None
    problem = attempt.handed_in.problem

    assert float(report.totals.earned) == 0
    assert (problem.kind if problem else None) == expected.problem, (problem, report.run)
    if problem is None:
        assert report.run.state is expected.state, report.run
        assert expected.words in shown(out, name)
    else:
        assert report.run.state is RunState.NOT_RUN
        assert expected.words in problem.detail
        assert report.needs_review is problem.kind.needs_review


def test_honest_students_beside_them_are_graded_alike(
    graded: tuple[dict[str, Report], Path],
) -> None:
    reports, out = graded

    before, after = (shown(out, f"{name}-canary") for name in ("a", "zz"))

    assert {"a-canary", "zz-canary"} | set(MALFORMED) == set(reports)
    assert reports["a-canary"].run.state is RunState.COMPLETED
    cells = nbformat.reads(before, as_version=4).cells
    assert "rows (800, 2)" in cells[0].outputs[0].text
    assert before == after


def test_nothing_of_them_was_loaded(graded: tuple[dict[str, Report], Path]) -> None:
    """The pickles among them would have made a file."""
    assert list(Path("/tmp").glob("left-by*")) == []
