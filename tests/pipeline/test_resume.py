"""A class goes on where it stopped: nothing is run twice without need, and nothing is lost."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.datasets.secret import Secret
from grader.errors import UsageError
from grader.evidence import RunState
from grader.pipeline import Setting, prepare
from grader.pipeline.store import ResultFolder
from pipeline.course_copy import copied_course, edit
from pipeline.prepared import PreparedRunner, graded, hand_in, write_module

pytestmark = pytest.mark.slow


@pytest.fixture
def runner(circles: Setting) -> PreparedRunner:
    return PreparedRunner(circles)


def evidence_of(out: Path) -> dict[Path, bytes]:
    """What is stored of every attempt."""
    folder = out / "private" / "students"
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("evidence.json")}


def keys_in_gradebook(out: Path) -> list[str]:
    with (out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return [row["key"] for row in csv.DictReader(file)]


def test_a_second_call_runs_nothing(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="cpu-limit", cem="nothing")
    (handed_in / "dan").mkdir()
    (handed_in / "dan" / "dan.py").write_bytes(b"")
    first = graded(circles, [handed_in], tmp_path / "out", runner=runner)
    stored, reports = evidence_of(tmp_path / "out"), tuple(first.reports)

    second = graded(circles, [handed_in], tmp_path / "out", runner=runner)

    assert sorted(runner.started) == ["cpu-limit", "nothing", "right"]
    assert (first.reused, second.reused) == (0, 4)
    assert tuple(second.reports) == reports
    assert evidence_of(tmp_path / "out") == stored


def test_other_limits_or_another_level_run_again(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    limits = circles.assignment.limits
    other = limits.model_copy(update={"cpu_s": 20.0})
    graded(circles, [handed_in], tmp_path / "out", runner=runner)

    again = [
        graded(circles, [handed_in], tmp_path / "out", runner=runner, **options).reused
        for options in ({"limits": limits}, {"limits": other}, {"limits": other},
                        {"isolation": "none"})
    ]  # fmt: skip

    assert again == [1, 0, 1, 0]
    assert len(runner.started) == 3


def test_a_changed_assignment_runs_again(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    changed = circles.assignment.model_copy(update={"sha256": "f" * 64})
    graded(circles, [handed_in], tmp_path / "out", runner=runner)

    result = graded(
        replace(circles, assignment=changed), [handed_in], tmp_path / "out", runner=runner
    )

    assert result.reused == 0
    assert [report.attempt.of for report in result.reports] == [1]


def test_evidence_of_another_grader_version_is_made_anew(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    monkeypatch.setattr("grader.pipeline.index.__version__", "99.0")

    assert graded(circles, [handed_in], tmp_path / "out", runner=runner).reused == 0


def test_our_own_failure_is_tried_twice_and_then_only_when_told(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="grader-failed", bea="right")

    first = graded(circles, [handed_in], tmp_path / "out", runner=runner)
    assert runner.started == ["grader-failed", "right", "grader-failed"]
    second = graded(circles, [handed_in], tmp_path / "out", runner=runner)
    assert (second.reused, len(runner.started)) == (2, 3)
    hand_in(tmp_path / "class", ada="grader-failed")
    third = graded(circles, [handed_in], tmp_path / "out", runner=runner, retry_failed=True)

    assert runner.started[3:] == ["grader-failed", "grader-failed"]
    for result in (first, second, third):
        ada = result.reports[0]
        assert (ada.run.state, ada.attempt.of) == (RunState.GRADER_FAILED, 1)
        assert (ada.totals.earned, ada.totals.pending) == (0, ada.totals.maximum)


@pytest.mark.parametrize("damage", ["evidence.json", "arrays/scores-hidden.npy", "worker.log"])
def test_a_damaged_attempt_is_run_again(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, damage: str
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")
    first = graded(circles, [handed_in], tmp_path / "out", runner=runner)
    totals = [r.totals for r in first.reports]
    path = tmp_path / "out" / "private" / "students" / "ada" / "1" / damage
    if damage == "evidence.json":
        path.write_bytes(path.read_bytes()[:100])
    elif damage == "worker.log":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")

    second = graded(circles, [handed_in], tmp_path / "out", runner=runner)

    assert second.reused == 1
    assert [r.totals for r in second.reports] == totals


def test_evidence_of_an_unknown_schema_is_made_anew(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    path = tmp_path / "out" / "private" / "students" / "ada" / "1" / "evidence.json"
    edit(path, '"schema_version": 1,\n "grader_version"', '"schema_version": 7,\n "grader_version"')

    assert graded(circles, [handed_in], tmp_path / "out", runner=runner).reused == 0
    assert graded(circles, [handed_in], tmp_path / "out", runner=runner).reused == 1


def test_new_content_is_the_next_attempt_and_counts(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="nothing", bea="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    stored = evidence_of(tmp_path / "out")
    hand_in(tmp_path / "class", ada="half-right")

    result = graded(circles, [handed_in], tmp_path / "out", runner=runner)

    ada, bea = result.reports
    assert (ada.attempt.number, ada.attempt.of, ada.run.headline) == (
        2, 2, "Every cell ran; 1 model trained.",
    )  # fmt: skip
    assert (bea.attempt.number, bea.attempt.of) == (1, 1)
    assert result.reused == 1
    kept = evidence_of(tmp_path / "out")
    assert len(kept) == 3
    assert stored.items() <= kept.items()
    earlier = tmp_path / "out" / "private" / "students" / "ada" / "1" / "report.json"
    assert json.loads(earlier.read_bytes())["attempt"]["of"] == 2
    feedback = json.loads((tmp_path / "out" / "feedback" / "ada" / "report.json").read_bytes())
    assert feedback["attempt"]["number"] == 2


def test_attempts_handed_in_together_keep_their_order_and_numbers(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    folder = tmp_path / "class"
    hand_in(folder, bea="right")
    for number, word in ((1, "nothing"), (2, "crashed"), (10, "right")):
        write_module(folder / "ada" / f"attempt-{number}" / "circles.py", word)

    first = graded(circles, [folder], tmp_path / "out", runner=runner)
    second = graded(circles, [folder], tmp_path / "out", runner=runner)

    for result in (first, second):
        ada = result.reports[0]
        assert (ada.attempt.number, ada.attempt.of, ada.totals.earned) == (3, 3, 13)
    assert second.reused == 4


def test_two_batches_make_one_gradebook(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("key,display_name\nada,Ada\nbea,Bea\ncem,Cem\ndan,Dan\n", encoding="utf-8")
    one = hand_in(tmp_path / "one", ada="right", bea="nothing")
    two = hand_in(tmp_path / "two", cem="half-right", bea="right")

    first = graded(circles, [one], tmp_path / "out", runner=runner, roster=roster)
    second = graded(circles, [two], tmp_path / "out", runner=runner, roster=roster)
    third = graded(circles, [one], tmp_path / "out", runner=runner)

    assert [student.key for student in first.missing] == ["cem", "dan"]
    assert [student.key for student in second.missing] == ["dan"]
    assert [student.key for student in third.missing] == ["dan"]
    assert [report.student.key for report in second.reports] == ["ada", "bea", "cem"]
    assert [report.attempt.number for report in second.reports] == [1, 2, 1]
    assert keys_in_gradebook(tmp_path / "out") == ["ada", "bea", "cem"]
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Dan" in index
    assert index.count("Cem") == 1
    assert third.reused == 2


def test_a_roster_that_comes_later_gives_names_without_a_new_run(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    roster = tmp_path / "roster.csv"
    lines = ["key,display_name,email", "ada,Ada Lovelace,ada@example.org", "bea,Bea,"]
    roster.write_text("\n".join(lines), encoding="utf-8")

    result = graded(circles, [handed_in], tmp_path / "out", runner=runner, roster=roster)

    assert result.reused == 2
    assert result.reports[0].student.display_name == "Ada Lovelace"
    text = (tmp_path / "out" / "gradebook.csv").read_text(encoding="utf-8")
    assert "ada,Ada Lovelace,ada@example.org," in text


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_class_keeps_what_was_stored_and_goes_on(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, workers: int
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing", cem="interrupt", dan="slow")
    runner.is_side_by_side = workers > 1

    with pytest.raises(KeyboardInterrupt):
        graded(circles, [handed_in], tmp_path / "out", runner=runner, workers=workers)

    assert runner.cancelled == workers - 1
    stored = evidence_of(tmp_path / "out")
    assert sorted(path.parts[0] for path in stored) == ["ada", "bea"]
    assert not (tmp_path / "out" / "gradebook.csv").exists()

    hand_in(tmp_path / "class", cem="right", dan="right")
    result = graded(circles, [handed_in], tmp_path / "out", runner=runner, workers=workers)
    assert result.reused == 2
    assert len(result.reports) == 4
    assert stored.items() <= evidence_of(tmp_path / "out").items()
    assert runner.started.count("nothing") == 1


def test_an_interruption_while_storing_cancels_what_is_under_way(
    circles: Setting, runner: PreparedRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="slow")

    def interrupted(*_: object) -> None:
        assert runner.slow_started.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(ResultFolder, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        graded(circles, [handed_in], tmp_path / "out", runner=runner, workers=2)

    assert runner.cancelled == 1


def test_a_half_written_attempt_counts_for_nothing(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    student = tmp_path / "out" / "private" / "students" / "ada"
    shutil.move(student / "1", student / ".1.part")

    result = graded(circles, [handed_in], tmp_path / "out", runner=runner)

    assert result.reused == 1
    assert [path.name for path in student.iterdir()] == ["1"]


def test_results_of_another_course_or_term_are_not_mixed(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    before = (tmp_path / "out" / "private" / "job.json").read_bytes()
    other = replace(circles, course=replace(circles.course, term="2027"))

    with pytest.raises(UsageError) as caught:
        graded(other, [handed_in], tmp_path / "out", runner=runner)

    assert "2026" in str(caught.value)
    assert "--out" in caught.value.hint
    assert (tmp_path / "out" / "private" / "job.json").read_bytes() == before
    assert len(runner.started) == 1


def test_results_of_another_assignment_are_not_mixed(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    other = replace(circles, assignment=circles.assignment.model_copy(update={"id": "squares"}))

    with pytest.raises(UsageError, match=r"holds results of circles .* not of squares"):
        graded(other, [handed_in], tmp_path / "out", runner=runner)


def test_results_with_another_hidden_set_are_not_mixed(
    circles: Setting, runner: PreparedRunner, tmp_path: Path
) -> None:
    handed_in = hand_in(tmp_path / "class", ada="right")
    graded(circles, [handed_in], tmp_path / "out", runner=runner)
    other = prepare(copied_course(tmp_path / "course"), "circles", secret=Secret(bytes(range(32))))

    with pytest.raises(UsageError, match="another hidden set"):
        graded(other, [handed_in], tmp_path / "out", runner=runner)

    assert len(list((tmp_path / "out" / "private" / "hidden").iterdir())) == 1
    assert len(runner.started) == 1
