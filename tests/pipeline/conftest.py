"""What the tests of the pipeline share: one class that shows every outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.pipeline import GradeResult, Setting
from grader.report.model import Report
from pipeline.prepared import RESULTS, PreparedRunner, graded, hand_in


@dataclass(frozen=True)
class GradedClass:
    """A graded class that tests may read and must not change.

    Attributes:
        out: The result folder.
        result: What ``grade`` returned.
        runner: What was run.
    """

    out: Path
    result: GradeResult
    runner: PreparedRunner

    def report(self, key: str) -> Report:
        """The instructor's report of a student."""
        return next(each for each in self.result.reports if each.student.key == key)


@pytest.fixture(scope="session")
def every_outcome(circles: Setting, tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """One student for each prepared result, two that cannot be run, and one who is missing."""
    folder = tmp_path_factory.mktemp("every-outcome")
    handed_in = hand_in(folder / "class", **{word.replace("-", "_"): word for word in RESULTS})
    (handed_in / "empty.py").write_bytes(b"")
    (handed_in / "broken.ipynb").write_text("{", encoding="utf-8")
    keys = [*RESULTS, "empty", "broken", "nowhere-seen"]
    roster = folder / "roster.csv"
    lines = [f"{key},{key.title()},{key}@example.org" for key in keys]
    roster.write_text("\n".join(["key,display_name,email", *lines]), encoding="utf-8")
    runner = PreparedRunner(circles)
    result = graded(
        circles, [handed_in], folder / "out", runner=runner, roster=roster, workers=2
    )  # fmt: skip
    return GradedClass(out=folder / "out", result=result, runner=runner)
