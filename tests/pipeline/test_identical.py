"""Identical work is run once, our own failures twice, and the index follows the folders."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.evidence import RunState
from grader.pipeline import Setting
from grader.pipeline.index import open_index
from grader.pipeline.store import ResultFolder
from grader.sandbox.interface import Job, RunResult
from pipeline.prepared import PreparedRunner, graded, hand_in, write_module

pytestmark = pytest.mark.slow


class Dies(BaseException):
    """Ends the grader as a kill would: nothing gets a chance to tidy up."""


@pytest.fixture
def runner(circles: Setting) -> PreparedRunner:
    return PreparedRunner(circles)


def table(out: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(out / "gradebook.sqlite3")) as connection:
        return connection.execute(query).fetchall()


def dump(out: Path) -> str:
    with closing(sqlite3.connect(out / "gradebook.sqlite3")) as connection:
        return "\n".join(sorted(connection.iterdump()))


@pytest.mark.parametrize("workers", [1, 3])
def test_identical_submissions_are_run_once(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "class"
    for name in ("adalovelace.py", "bea.py", "cem/hw.py"):  # the file's name makes no difference
        write_module(folder / name, "half-right")
    write_module(folder / "dan.py", "half-right", more="# not the same\n")
    write_module(folder / "eve" / "hw.py", "half-right")
    (folder / "eve" / "more.txt").write_text("nor this", encoding="utf-8")

    result = graded(circles, [folder], tmp_path / "out", runner=runner, workers=workers)

    assert runner.started == ["half-right"] * 3
    assert result.identical == 2
    assert len({report.totals.earned for report in result.reports}) == 1
    assert len({report.header.submission_sha256 for report in result.reports}) == 5
    assert {job.entry_name for job in runner.jobs} == {"submission.py"}
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "bea/1 like adalovelace/1, cem/1 like adalovelace/1" in index
    for key in ("bea", "cem"):
        for path in (tmp_path / "out" / "feedback" / key).iterdir():
            assert "adalovelace" not in path.read_text(encoding="utf-8").lower()


def test_what_was_run_by_an_earlier_call_is_not_run_for_another_student(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    graded(circles, [hand_in(tmp_path / "1", ada="right")], tmp_path / "out", runner=runner)
    (tmp_path / "out" / "gradebook.sqlite3").unlink()

    result = graded(
        circles, [hand_in(tmp_path / "2", bea="right")], tmp_path / "out", runner=runner
    )

    assert runner.started == ["right"]
    assert [report.totals.earned for report in result.reports] == [13, 13]
    again = graded(circles, [tmp_path / "1", tmp_path / "2"], tmp_path / "out", runner=runner)
    assert (again.reused, again.identical, runner.started) == (2, 1, ["right"])


def test_what_raises_on_our_side_is_tried_twice_and_waits(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="no-such-word", cem="no-such-word")

    result = graded(circles, [handed_in], tmp_path / "out", runner=runner, workers=2)

    assert runner.started.count("no-such-word") == 2  # cem's is identical
    for report in result.reports[1:]:
        assert report.run.state is RunState.GRADER_FAILED
        assert (report.totals.earned, report.totals.pending) == (0, report.totals.maximum)
    assert result.reports[0].totals.earned == 13


def killed_by(word: str, runner: PreparedRunner) -> Callable[..., RunResult]:
    def run(job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        if f"# prepared: {word}\n" in job.notebook.replace("\\n", "\n"):
            runner.started.append(word)
            raise Dies
        return PreparedRunner.run(runner, job, cancelled=cancelled)

    return run


def test_what_takes_the_grader_down_is_put_last_and_marked_after_two_tries(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="slow", bea="right", cem="nothing")
    monkeypatch.setattr(runner, "run", killed_by("slow", runner))
    with monkeypatch.context() as killed:
        killed.setattr("grader.gradebook.database.Database.give_back_tries", lambda self: None)
        with pytest.raises(Dies):
            graded(circles, [handed_in], tmp_path / "out", runner=runner)
        assert runner.started == ["slow"]
        with pytest.raises(Dies):
            graded(circles, [handed_in], tmp_path / "out", runner=runner)
    assert runner.started == ["slow", "right", "nothing", "slow"]

    result = graded(circles, [handed_in], tmp_path / "out", runner=runner)

    ada = result.reports[0]
    assert len(runner.started) == 4
    assert ada.run.state is RunState.GRADER_FAILED
    assert ada.totals.pending == ada.totals.maximum
    with pytest.raises(Dies):
        graded(circles, [handed_in], tmp_path / "out", runner=runner, retry_failed=True)
    assert runner.started[4:] == ["slow"]


def test_the_database_says_what_the_reports_say(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="nothing", bea="half-right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    hand_in(handed_in, ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)

    latest = "SELECT student_key, attempt, earned, pending, maximum FROM attempts WHERE is_latest"
    assert sorted(table(tmp_path / "out", latest)) == [
        ("ada", 2, 13.0, 0.0, 13.0), ("bea", 1, 12.43, 0.0, 13.0),
    ]  # fmt: skip
    points = "SELECT earned, outcome FROM criteria WHERE student_key='bea' AND criterion='f1'"
    assert table(tmp_path / "out", points) == [(3.43, "partial")]
    assert table(tmp_path / "out", "SELECT * FROM runs") == []


def test_the_database_can_be_made_again_from_the_folders(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="right", cem="crashed", dan="nothing")
    (handed_in / "eve.py").write_bytes(b"")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    before = dump(tmp_path / "out")
    (tmp_path / "out" / "gradebook.sqlite3").write_bytes(b"gone")

    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    assert dump(tmp_path / "out") == before
    assert len(runner.started) == 3
    assert (tmp_path / "out" / "gradebook.sqlite3.old").read_bytes() == b"gone"

    shutil.rmtree(tmp_path / "out" / "private" / "students" / "dan")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    assert runner.started[3:] == ["nothing"]
    assert dump(tmp_path / "out") == before


def test_two_graders_do_not_work_in_one_folder(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")

    with (
        open_index(ResultFolder(tmp_path / "out")),
        pytest.raises(UsageError, match="another grader is at work"),
    ):
        graded(circles, [handed_in], tmp_path / "out", runner=runner)

    assert runner.started == []
