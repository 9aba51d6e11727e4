"""From submissions to files: every outcome gets its points, its words and its place."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from grader.checks.base import Check, Finding, NoParams, Outcome
from grader.errors import UsageError
from grader.evidence import Evidence, RunState
from grader.pipeline import Setting
from grader.report.model import CriterionReport, Report, View
from grader.rubric.model import Alternative, Criterion
from pipeline.conftest import GradedClass
from pipeline.prepared import LIMITS, PreparedRunner, graded, hand_in

pytestmark = pytest.mark.slow

FULL = Decimal(13)
NOTHING = Decimal(0)


def of_id(report: Report, name: str) -> CriterionReport:
    return next(each for each in report.criteria if each.id == name)


def with_criterion(setting: Setting, *checks: Check, **fields: object) -> Setting:
    """The same setting with one more criterion, and the checks that it needs."""
    criterion = Criterion.model_validate({"exercise": "circles", **fields})
    rubric = setting.rubric.model_copy(update={"criteria": (*setting.rubric.criteria, criterion)})
    known = {**setting.checks, **{check.id: check for check in checks}}
    return replace(setting, rubric=rubric, checks=known)


@pytest.mark.parametrize(
    ("key", "earned", "pending"),
    [
        ("right", FULL, NOTHING),
        ("predict", FULL, NOTHING),
        ("half-right", Decimal("12.43"), NOTHING),
        ("undertrained", Decimal(8), NOTHING),
        ("diverged", Decimal("7.5"), NOTHING),
        ("untrained", NOTHING, NOTHING),
        ("nothing", NOTHING, NOTHING),
        ("crashed", NOTHING, NOTHING),
        ("empty", NOTHING, NOTHING),
        *((str(state).replace(" ", "-"), NOTHING, NOTHING) for state in LIMITS),
        ("hidden-unknown", Decimal("7.5"), Decimal("5.5")),
        ("predict-disagrees", Decimal("7.5"), Decimal("5.5")),
        ("missing-package", NOTHING, FULL),
        ("tampered", NOTHING, FULL),
        ("not-examined", NOTHING, FULL),
        ("no-testimony", NOTHING, FULL),
        ("grader-failed", NOTHING, FULL),
        ("broken", NOTHING, FULL),
    ],
)
def test_points_and_review_follow_from_the_outcome(
    every_outcome: GradedClass, key: str, earned: Decimal, pending: Decimal
) -> None:
    report = every_outcome.report(key)

    assert (report.totals.earned, report.totals.pending) == (earned, pending)
    assert report.totals.maximum == FULL
    assert report.needs_review == (pending > 0) == bool(report.review_reasons)


def test_every_report_adds_up(every_outcome: GradedClass) -> None:
    assert len(every_outcome.result.reports) == 23
    for report in every_outcome.result.reports:
        assert sum(each.earned for each in report.criteria) == report.totals.earned
        assert sum(each.pending for each in report.criteria) == report.totals.pending
        for each in report.criteria:
            assert each.outcome.is_pending == (each.pending > 0), (report.student.key, each.id)
            assert not (each.pending and each.earned)


def test_a_limit_is_named_with_the_cell_and_what_to_do(every_outcome: GradedClass) -> None:
    for state, detail in LIMITS.items():
        report = every_outcome.report(str(state).replace(" ", "-"))
        assert report.run.state is state
        assert report.run.cell == 4
        assert detail in report.run.headline
        assert "cell 4" in report.first_thing


@pytest.mark.parametrize(
    ("key", "headline", "first"),
    [
        ("right", "Every cell ran; 1 model trained.", ""),
        ("nothing", "Every cell ran; nothing trained.", "Run the training loop"),
        ("untrained", "Every cell ran; nothing trained.", "Run the training loop"),
        ("crashed", "The code ran, but cell 1 failed with FileNotFoundError", "Mend cell 1 first"),
        ("missing-package", "The code ran, but cell 1 failed with ModuleNotFoundError", ""),
        ("not-examined", "Every cell ran; its models could not be examined.", ""),
        ("grader-failed", "The grader failed while running this", ""),
        ("empty", "Nothing was run: ", "Hand in a notebook or module"),
    ],
)
def test_the_story_is_told_in_one_sentence(
    every_outcome: GradedClass, key: str, headline: str, first: str
) -> None:
    report = every_outcome.report(key)

    assert report.run.headline.startswith(headline)
    assert report.first_thing.startswith(first)
    assert bool(report.first_thing) == bool(first)


def test_what_is_unknown_for_one_reason_is_one_reason_to_review(every_outcome: GradedClass) -> None:
    (reason,) = every_outcome.report("missing-package").review_reasons

    assert reason.endswith("the package torchinfo is not installed here")
    assert len(every_outcome.report("hidden-unknown").review_reasons) == 2


def test_a_cascade_is_folded_into_its_root_cause(every_outcome: GradedClass) -> None:
    (cell,) = every_outcome.report("crashed").run.cells_failed

    assert (cell.number, cell.consequences) == (1, (2,))


def test_the_metrics_are_those_of_the_hidden_labels(every_outcome: GradedClass) -> None:
    report = every_outcome.report("half-right")

    hidden, validation = report.exercises[0].metrics
    assert (hidden.split, hidden.samples, hidden.accuracy) == ("hidden", 2000, 0.95)
    assert hidden.confusion == ((950, 50), (50, 950))
    assert (validation.split, validation.samples, validation.accuracy) == ("validation", 200, 1.0)
    f1 = of_id(report, "f1")
    assert f1.outcome is Outcome.PARTIAL
    assert "0.9500" in f1.seen
    assert f1.earned == Decimal("3.43")  # 4 times (0.5 + 0.5 * 0.05 / 0.07)


def test_the_pictures_show_public_points_alone(
    every_outcome: GradedClass, circles: Setting
) -> None:
    boundary = every_outcome.report("right").exercises[0].boundary

    assert boundary is not None
    public = circles.public["circles"].train
    known = {(round(float(x), 4), round(float(y), 4)) for x, y in public.inputs}
    assert {(x, y) for x, y, _ in boundary.points} <= known
    assert (len(boundary.decided), len(boundary.decided[0])) == (100, 100)
    assert {value for row in boundary.decided for value in row} == {0, 1}


def test_every_file_is_where_the_design_says(every_outcome: GradedClass) -> None:
    out, student = every_outcome.out, every_outcome.out / "private" / "students" / "right" / "1"

    assert sorted(path.name for path in out.iterdir()) == [
        "feedback", "gradebook.csv", "gradebook.sqlite3", "index.html", "private",
    ]  # fmt: skip
    assert sorted(path.name for path in (out / "private").iterdir()) == [
        "hidden", "job.json", "lock", "students",
    ]  # fmt: skip
    assert sorted(path.name for path in (out / "feedback" / "right").iterdir()) == [
        "report.html", "report.json", "report.md",
    ]  # fmt: skip
    assert sorted(path.name for path in student.iterdir()) == [
        "arrays", "evidence.json", "executed.ipynb", "report.html", "report.json", "report.md",
        "submission.json", "worker.log",
    ]  # fmt: skip
    assert sorted(path.name for path in (student / "arrays").iterdir()) == [
        "scores-hidden.npy", "scores-plot.npy", "scores-validation.npy",
    ]  # fmt: skip
    assert len(list((out / "feedback").iterdir())) == len(every_outcome.result.reports)


def test_both_views_are_written(every_outcome: GradedClass) -> None:
    for report in every_outcome.result.reports:
        key = report.student.key
        private = every_outcome.out / "private" / "students" / key / "1" / "report.json"
        feedback = every_outcome.out / "feedback" / key / "report.json"
        assert Report.model_validate_json(private.read_bytes()).view is View.INSTRUCTOR
        shown = Report.model_validate_json(feedback.read_bytes())
        assert shown.view is View.STUDENT
        assert shown.run.resources.log == ""
        assert shown.totals == report.totals


def test_what_is_private_is_closed_to_others(every_outcome: GradedClass, circles: Setting) -> None:
    private = every_outcome.out / "private"
    (hidden,) = (private / "hidden").iterdir()

    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "hidden").stat().st_mode) == 0o700
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o600
    assert hidden.stem == circles.hidden["circles"].sha256


def test_the_job_file_says_what_the_folder_is_about(
    every_outcome: GradedClass, circles: Setting
) -> None:
    job = json.loads((every_outcome.out / "private" / "job.json").read_bytes())

    assert job["assignment"] == "circles"
    assert (job["course"], job["term"]) == (circles.course.id, circles.course.term)
    assert job["hidden_sets"] == circles.hidden_digests
    assert job["missing"] == [["nowhere-seen", "Nowhere-Seen"]]


def test_the_gradebook_writes_pending_and_never_zero(every_outcome: GradedClass) -> None:
    with (every_outcome.out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}

    assert len(rows) == 23
    assert (rows["right"]["earned"], rows["right"]["f1"]) == ("13", "4")
    assert rows["right"]["email"] == "right@example.org"
    assert rows["hidden-unknown"]["f1"] == rows["hidden-unknown"]["accuracy"] == "pending"
    assert rows["hidden-unknown"]["pending"] == "5.5"
    assert rows["nothing"]["f1"] == "0"
    criteria = list(rows["grader-failed"])[10:]
    assert {rows["grader-failed"][name] for name in criteria} == {"pending"}


def test_missing_students_are_told(every_outcome: GradedClass) -> None:
    (missing,) = every_outcome.result.missing

    assert missing.key == "nowhere-seen"
    index = (every_outcome.out / "index.html").read_text(encoding="utf-8")
    assert "Nowhere-Seen" in index
    assert "isolation level: bwrap" in index


def test_what_cannot_be_run_is_not_run(every_outcome: GradedClass) -> None:
    assert len(set(every_outcome.runner.started)) == 21
    assert every_outcome.report("empty").run.state is RunState.NOT_RUN
    assert every_outcome.report("broken").run.state is RunState.NOT_RUN


def test_a_job_holds_no_label_and_no_rubric(every_outcome: GradedClass, circles: Setting) -> None:
    labels = circles.hidden["circles"].labels
    (job, *_) = every_outcome.runner.jobs

    assert set(job.hidden_inputs) == {"circles"}
    assert np.array_equal(job.hidden_inputs["circles"], circles.hidden["circles"].inputs)
    assert not hasattr(job, "rubric")
    assert labels.tobytes() not in b"".join(job.files.values())
    assert {str(name) for name in job.files} == {"train.npz", "validation.npz"}


def broken_check(evidence: Evidence, params: NoParams) -> Finding:
    """A check with a fault of its own."""
    del evidence, params
    message = "a fault in /opt/course/checks/broken.py"
    raise KeyError(message)


BROKEN = Check(id="broken", title="A check that breaks", params=NoParams, run=broken_check)


def test_a_check_that_raises_waits_for_a_person(circles: Setting, tmp_path: Path) -> None:
    setting = with_criterion(circles, BROKEN, id="mine", check="broken", points=2)

    result = graded(setting, [hand_in(tmp_path / "class", ada="right")], tmp_path / "out")

    (report,) = result.reports
    criterion = of_id(report, "mine")
    assert criterion.outcome is Outcome.ERROR
    assert (criterion.earned, criterion.pending) == (0, 2)
    assert report.totals.earned == FULL
    assert report.needs_review
    assert report.review_reasons == ("the check broken raised an error",)
    private = tmp_path / "out" / "private" / "students" / "ada" / "1"
    for name in ("report.html", "report.json", "report.md"):
        assert "KeyError" in (private / name).read_text(encoding="utf-8")
    for path in (tmp_path / "out" / "feedback" / "ada").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "KeyError" not in text
        assert "Traceback" not in text
        assert "broken.py" not in text
    assert "mine" in (tmp_path / "out" / "gradebook.csv").read_text(encoding="utf-8")


def test_the_best_of_several_alternatives_counts(circles: Setting, tmp_path: Path) -> None:
    ways = (
        Alternative(check="hidden-accuracy", params={"minimum": Decimal("0.99")}),
        Alternative(check="hidden-accuracy", params={"minimum": Decimal("0.95")}),
    )
    setting = with_criterion(circles, id="either", title="Either", any_of=ways, points=1)
    handed_in = hand_in(tmp_path / "class", ada="half-right", bea="undertrained")

    ada, bea = graded(setting, [handed_in], tmp_path / "out").reports

    assert of_id(ada, "either").outcome is Outcome.PASSED
    assert "0.95" in of_id(ada, "either").expected
    assert of_id(bea, "either").outcome is Outcome.FAILED


def test_an_alternative_that_passes_beats_one_that_breaks(circles: Setting, tmp_path: Path) -> None:
    ways = (Alternative(check="broken"), Alternative(check="was-trained"))
    setting = with_criterion(circles, BROKEN, id="either", any_of=ways, points=1)
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")

    ada, bea = graded(setting, [handed_in], tmp_path / "out").reports

    assert of_id(ada, "either").earned == 1
    assert not ada.needs_review
    assert (of_id(bea, "either").earned, of_id(bea, "either").pending) == (0, 1)
    assert bea.needs_review


def test_a_private_criterion_does_not_tell_students_what_it_asks(
    circles: Setting, tmp_path: Path
) -> None:
    setting = with_criterion(
        circles,
        id="quiet",
        title="Something more",
        check="hidden-accuracy",
        points=1,
        params={"minimum": Decimal("0.987123")},
        private=True,
    )
    handed_in = hand_in(tmp_path / "class", ada="half-right")

    (report,) = graded(setting, [handed_in], tmp_path / "out").reports

    assert "0.987123" in of_id(report, "quiet").expected
    for path in (tmp_path / "out" / "feedback" / "ada").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "0.987123" not in text
        assert "Something more" in text
    shown = Report.model_validate_json(
        (tmp_path / "out" / "feedback" / "ada" / "report.json").read_bytes()
    )
    assert of_id(shown, "quiet").outcome is Outcome.FAILED
    assert of_id(shown, "quiet").expected == "what exactly is asked for is not published"


def test_a_bonus_raises_no_maximum(circles: Setting, tmp_path: Path) -> None:
    setting = with_criterion(circles, id="more", check="was-trained", points=2, bonus=True)

    (report,) = graded(
        setting, [hand_in(tmp_path / "class", ada="right")], tmp_path / "out"
    ).reports

    assert (report.totals.earned, report.totals.maximum) == (FULL + 2, FULL)


def test_nothing_but_resources_differs_between_two_gradings(
    circles: Setting, tmp_path: Path
) -> None:
    words = {"ada": "right", "bea": "half-right", "cem": "crashed", "dan": "cpu-limit"}
    handed_in = hand_in(tmp_path / "class", **words)
    runner = PreparedRunner(circles)

    first = graded(circles, [handed_in], tmp_path / "first", runner=runner)
    second = graded(circles, [handed_in], tmp_path / "some" / "second", runner=runner)

    assert first.reused == second.reused == 0
    differing = 0
    for path in sorted((tmp_path / "first").rglob("report.json")):
        other = tmp_path / "some" / "second" / path.relative_to(tmp_path / "first")
        one, two = json.loads(path.read_bytes()), json.loads(other.read_bytes())
        differing += one["run"]["resources"] != two["run"]["resources"]
        del one["run"]["resources"], two["run"]["resources"]
        assert json.dumps(one) == json.dumps(two)
    assert differing == 6  # three runs with testimony, in both views
    for name in ("gradebook.csv", "index.html"):
        assert (tmp_path / "first" / name).read_bytes() == (
            tmp_path / "some" / "second" / name
        ).read_bytes()


def test_nothing_to_grade_is_a_mistake_and_writes_nothing(circles: Setting, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()

    with pytest.raises(UsageError):
        graded(circles, [tmp_path / "class"], tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_progress_counts_every_attempt(circles: Setting, tmp_path: Path) -> None:
    from grader.pipeline import GradeOptions, grade

    told: list[tuple[int, int, str]] = []
    handed_in = hand_in(tmp_path / "class", ada="right", bea="nothing")

    grade(
        circles,
        [handed_in],
        GradeOptions(out=tmp_path / "out"),
        runner=PreparedRunner(circles),
        on_progress=lambda *each: told.append(each),
    )

    assert told == [(0, 2, ""), (1, 2, "ada"), (2, 2, "bea")]
