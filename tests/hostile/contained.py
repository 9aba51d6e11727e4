"""Cases of the hostile suite, the ways to run them, and what came of a run."""

from __future__ import annotations

import difflib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from ground import Ground
from pydantic import Field

from grader.evidence import CellState, Data, Limits, NoticeKind, RunState
from grader.pipeline import GradeOptions, Setting, grade
from grader.pipeline.store import EXECUTED_FILE, Attempt, ResultFolder
from grader.report.model import Report
from grader.sandbox.interface import Runner
from grader.sandbox.levels import Level, Trial
from grader.sandbox.runner import FreshSandboxRunner

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
CANARY = HERE / "canary"
EXPECTED_FILE = "expected.json"
LIMITS = {
    "cpu_s": 15, "wall_time_s": 40, "memory_mib": 1024, "processes": 64, "file_mib": 16,
    "slot_mib": 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to run submissions.

    Attributes:
        level: Isolation level in force.
        start: Makes the runner, from the level as tried.
        is_whole: Whether every case runs this way; otherwise the representative ones.
    """

    level: Level
    start: Callable[[Trial], Runner]
    is_whole: bool = True


MODES = {
    "fresh": Mode(Level.BWRAP, FreshSandboxRunner),
}


class Expected(Data):
    """What must come of a submission: its ``expected.json``.

    Attributes:
        attack: What it tries, one sentence.
        states: Ends that count as contained; nearly always one.
        detail: Words of the outcome's sentence: the limit that struck, with its value.
        cell: Code cell in which it ended.
        cells: What became of each code cell.
        notices: Kinds that must be among the run's notices.
        printed: What the executed notebook must show: proof that the attack took place.
        not_printed: What it must not show.
        never_in_reports: What must stand in no HTML or CSV file.
        earned: Points that it gets; ``None`` where any number is right.
        is_reviewed: Whether a person is asked to look; ``None`` where it depends on a race.
        limits: Other limits than the suite's.
        representative: Whether it also runs where only a part of the suite does.
    """

    attack: str
    states: tuple[RunState, ...] = (RunState.COMPLETED,)
    detail: str = ""
    cell: int | None = None
    cells: tuple[CellState, ...] | None = None
    notices: tuple[NoticeKind, ...] = ()
    printed: tuple[str, ...] = ()
    not_printed: tuple[str, ...] = ()
    never_in_reports: tuple[str, ...] = ()
    earned: float | None = 0
    is_reviewed: bool | None = False
    limits: dict[str, float] = Field(default_factory=dict)
    representative: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """One submission, graded for real.

    Attributes:
        attempt: What the run left behind.
        executed: The executed notebook; empty where there is none.
        report: The instructor's report.
        out: The result folder.
    """

    attempt: Attempt
    executed: str
    report: Report
    out: Path

    @property
    def shown(self) -> str:
        """All that the executed notebook shows as output."""
        if not self.executed:
            return ""
        book = nbformat.reads(self.executed, as_version=4)
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        parts = [
            (output.get("text", ""), str(output.get("data", "")), *output.get("traceback", []))
            for output in outputs
        ]
        return "\n".join(text for part in parts for text in part)

    @property
    def story(self) -> dict[str, Any]:
        """Everything about the run that must be the same the next time, byte for byte."""
        record = json.loads(self.attempt.record.model_dump_json(exclude={"resources"}))
        for cell in (record["testimony"] or {}).get("cells", ()):
            cell.pop("wall_time_s")
        arrays = {name: array.tobytes().hex() for name, array in self.attempt.arrays.items()}
        return {"record": record, "executed": self.executed.splitlines(), "arrays": arrays}


@dataclass(slots=True)
class Proving:
    """Grades submissions one by one through the same runner.

    Attributes:
        setting: The assignment.
        ground: What lies outside.
        runner: Starts the runs.
        level: Isolation level in force.
        before: What the canary gave before any hostile submission.
        idle: Processes that the runner keeps while it has nothing to do.
    """

    setting: Setting
    ground: Ground
    runner: Runner
    level: Level
    before: dict[str, Any] = field(default_factory=dict)
    idle: int = 0

    def graded(self, folder: Path, limits: dict[str, float], into: Path) -> Graded:
        """Grade one folder as a class of two, of whom the other handed in nothing.

        Alone, a folder with many modules could be taken for a class.
        """
        student = into / "class" / "student"
        shutil.copytree(folder, student, ignore=_not_handed_in)
        (student / "outside.json").write_text(json.dumps(self.ground.told), encoding="utf-8")
        (into / "class" / "nobody").mkdir()
        (into / "class" / "nobody" / "notes.txt").write_text("nothing yet", encoding="utf-8")
        out = into / "out"
        result = grade(
            self.setting,
            [into / "class"],
            GradeOptions(
                out=out,
                limits=Limits.model_validate(LIMITS | limits),
                isolation=str(self.level),
            ),
            runner=self.runner,
            on_progress=lambda *_: None,
        )
        folder_of_results = ResultFolder(out)
        attempt = folder_of_results.load("student", 1)
        assert attempt is not None
        path = folder_of_results.attempt_folder("student", 1) / EXECUTED_FILE
        executed = path.read_text(encoding="utf-8") if path.exists() else ""
        report = next(one for one in result.reports if one.student.key == "student")
        return Graded(attempt=attempt, executed=executed, report=report, out=out)

    def canary_differs(self) -> list[str]:
        """Grade the canary again; say in which lines it differs from the first time."""
        before, after = (json.dumps(each, indent=1) for each in (self.before, self.canary()))
        if before == after:
            return []
        return list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))

    def canary(self) -> dict[str, Any]:
        """Grade an honest submission that tells everything that it can see."""
        with tempfile.TemporaryDirectory() as folder:
            graded = self.graded(CANARY, {}, Path(folder))
            assert graded.attempt.record.outcome.state is RunState.COMPLETED, graded.attempt.log
            assert "rows (800, 2)" in graded.shown
            return graded.story


def _not_handed_in(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name in (EXPECTED_FILE, "__pycache__")]


def cases() -> list[str]:
    """Names of all submissions of the suite."""
    return sorted(path.parent.name for path in SUBMISSIONS.glob(f"*/{EXPECTED_FILE}"))


def expected_of(case: str) -> Expected:
    """What must come of one."""
    text = (SUBMISSIONS / case / EXPECTED_FILE).read_text(encoding="utf-8")
    return Expected.model_validate_json(text)


def reports(out: Path) -> list[Path]:
    """Files that a person opens in a browser or a spreadsheet; Markdown quotes code as it is."""
    opened = (".html", ".csv")
    return [path for path in sorted(out.rglob("*")) if path.suffix in opened and path.is_file()]


def differences(graded: Graded, expected: Expected) -> list[str]:
    """Where a run did not end as it must."""
    outcome, report = graded.attempt.record.outcome, graded.report
    testimony = graded.attempt.record.testimony
    cells = testimony.cells if testimony else ()
    kinds = [notice.kind for notice in report.run.notices]
    wrong = []
    if outcome.state not in expected.states:
        wrong.append(f"ended as {outcome.state}: {outcome.detail} {graded.attempt.log[-2000:]}")
    if expected.detail not in outcome.detail:
        wrong.append(f"said {outcome.detail!r}, not {expected.detail!r}")
    if expected.cell is not None and outcome.cell != expected.cell:
        wrong.append(f"ended in cell {outcome.cell}")
    if expected.cells is not None and tuple(cell.state for cell in cells) != expected.cells:
        wrong.append(f"cells: {cells}")
    wrong += [f"no notice of {kind}: {kinds}" for kind in expected.notices if kind not in kinds]
    wrong += [f"did not show {word!r}" for word in expected.printed if word not in graded.shown]
    wrong += [f"showed {word!r}" for word in expected.not_printed if word in graded.shown]
    wrong += [
        f"{path} holds {word!r}"
        for word in expected.never_in_reports
        for path in reports(graded.out)
        if word in path.read_text(encoding="utf-8")
    ]
    if expected.earned is not None and float(report.totals.earned) != expected.earned:
        wrong.append(f"earned {report.totals.earned}")
    if expected.is_reviewed is not None and report.needs_review is not expected.is_reviewed:
        wrong.append(f"review: {report.review_reasons}")
    if wrong:
        wrong.append(f"shown: {graded.shown[-3000:]}")
    return wrong
