"""Submissions that forge: what each achieves, which is also told in ``docs/trust.md``."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.course import bundled_catalogue, open_course
from grader.datasets.secret import DEMO_SECRET
from grader.evidence import Limits, RunState
from grader.pipeline import GradeOptions, grade, prepare
from grader.report.model import Report
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.torch,
    pytest.mark.keras,
    pytest.mark.hostile,
]
FORGERIES = Path(__file__).with_name("forgeries")
MEASURED = {"majority", "accuracy", "f1"}


@dataclass(frozen=True)
class Achieved:
    """What a forgery gets.

    Attributes:
        at_most: Points without those that wait for a person.
        is_reviewed: Whether a person is asked to look.
        why: Why it gets no more, or why it may get that.
    """

    at_most: float
    is_reviewed: bool
    why: str


EXPECTED = {
    "patched-backward": Achieved(0, True, "the replaced function is noticed"),
    "patched-call": Achieved(0, True, "the replaced function is noticed"),
    "patched-step": Achieved(0, False, "no parameter moved, whatever was called"),
    "patched-loss": Achieved(0, True, "the replaced function is noticed"),
    "hooks-deleted": Achieved(0, True, "the missing hooks are noticed"),
    "equal-to-everything": Achieved(7.5, False, "what predict returns is no array of labels"),
    "own-evidence": Achieved(0, False, "nothing of it is read"),
    "examination-replaced": Achieved(0, True, "training that left no trace is a contradiction"),
    "numbers-patched": Achieved(0, True, "what cannot be read is pending"),
    "lying-parameters": Achieved(5.5, False, "the computation is read, not the list"),
    "another-copy": Achieved(5, True, "the copy computes something else than the model"),
    "two-faces": Achieved(5, True, "it computes something else when examined"),
    "class-lies": Achieved(0, False, "it is no model"),
    "memorised": Achieved(13, False, "predictions on hidden rows are what they are"),
    "predict-alone": Achieved(9, True, "predict does not say what the model says"),
    "fake-torch-module": Achieved(0, False, "nothing was trained"),
    "patched-fit": Achieved(0, True, "the replaced function is noticed"),
    "patched-apply": Achieved(0, True, "the replaced function is noticed"),
    "own-torch": Achieved(0, False, "a file called torch.py is not PyTorch"),
}


@pytest.fixture(scope="module")
def reports(walls: Trial, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """Every forgery graded as a class of its own, beside one honest student."""
    folder = tmp_path_factory.mktemp("forgeries")
    for path in sorted(FORGERIES.iterdir()):
        target = folder / "class" / path.stem
        if path.is_dir():
            shutil.copytree(path, target)
        elif path.suffix == ".py":
            target.mkdir(parents=True)
            shutil.copy(path, target / "work.py")
    course = open_course(bundled_catalogue(), here=Path.cwd())
    setting = prepare(course, "circles", secret=DEMO_SECRET)
    result = grade(
        setting,
        [folder / "class"],
        GradeOptions(
            out=folder / "out",
            limits=Limits(cpu_s=60, wall_time_s=180, memory_mib=2048),
            workers=2,
            isolation=str(walls.level),
        ),
        runner=FreshSandboxRunner(walls),
        on_progress=lambda done, total, name: None,
    )
    return {report.student.key: report for report in result.reports}


def test_every_forgery_has_an_expectation() -> None:
    names = {path.stem for path in FORGERIES.iterdir() if path.name != "__pycache__"}

    assert names == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_forgery_achieves_no_more_than_is_said(name: str, reports: dict[str, Report]) -> None:
    report, expected = reports[name], EXPECTED[name]

    assert report.run.state in (RunState.COMPLETED, RunState.GRADER_FAILED), report.run.headline
    assert float(report.totals.earned) <= expected.at_most
    assert report.needs_review is expected.is_reviewed, report.review_reasons


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_trust_md_tells_what_each_forgery_achieves(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")

    assert f"`{name}`" in text
