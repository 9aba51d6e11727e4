"""The command line: what it does, one clear error, and words that fit 80 columns."""

from __future__ import annotations

import base64
import io
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pipeline.command_line import FRAMEWORKS, RUN_MAIN, Answer, Command, command, modules_after
from pipeline.course_copy import copied_course, edit
from pipeline.prepared import PreparedRunner, completed, hand_in

from grader import __version__
from grader.course import open_course
from grader.datasets.secret import (
    DEMO_SECRET,
    PREFIX,
    default_secret_path,
    import_secret,
    new_secret,
    read_secret,
)
from grader.pipeline import Setting, prepare
from grader.sandbox.interface import Job, RunResult
from grader.sandbox.landlocked import LandlockVariant
from grader.sandbox.levels import Level, Trial

pytestmark = pytest.mark.slow

F1 = "minimum = 0.90, full = 0.97"


@pytest.fixture
def grader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    return command(monkeypatch, capsys, tmp_path)


@dataclass(frozen=True)
class Workplace:
    """A course folder of one's own, a secret, a class, and prepared runs."""

    grader: Command
    root: Path
    runner: PreparedRunner

    @property
    def rubric(self) -> Path:
        """What a test changes."""
        return self.root / "course" / "rubrics" / "circles.toml"

    @property
    def assignment(self) -> Path:
        """What a test changes."""
        return self.root / "course" / "assignments" / "circles" / "assignment.toml"

    @property
    def out(self) -> Path:
        """The result folder."""
        return self.root / "out"

    def grade(self, *arguments: object, isolation: str = "none") -> Answer:
        """Grade the class."""
        return self.grader(
            "grade", "circles", self.root / "class", "--course", self.root / "course",
            "--out", self.out, "--isolation", isolation, *arguments,
        )  # fmt: skip


@pytest.fixture
def workplace(grader: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    course = copied_course(tmp_path / "course")
    setting = prepare(course, "circles", secret=new_secret(default_secret_path()))
    runner = PreparedRunner(setting, isolation="none")
    monkeypatch.setattr("grader.sandbox.runner.FreshSandboxRunner", lambda trial: runner)
    hand_in(tmp_path / "class", ada="half-right", bea="right", cem="nothing")
    return Workplace(grader, tmp_path, runner)


@pytest.mark.slow
def test_regrade_imports_no_framework(workplace: Workplace) -> None:
    assert workplace.grade().status == 0
    edit(workplace.rubric, F1, "minimum = 0.96, full = 0.97")

    modules, printed = modules_after(RUN_MAIN, "regrade", workplace.out, cwd=workplace.root)

    assert "3 students scored again: 1 criterion of 1 student changed." in printed
    assert "pydantic" in modules
    assert not modules & FRAMEWORKS


@pytest.mark.parametrize(
    ("old", "new", "place", "text"),
    [
        ("minimum = 0.90, full", "minimum = 62, full", '"f1", params.minimum', "got 62"),
        ('check = "optimizer"', 'check = "optimiser"', '"optimizer", check', "no check"),
        ("points = 4", 'points = 4\nexercise = "moons"', '"f1", exercise', "no exercise"),
        ('id = "f1"', 'id = "accuracy"', "id", "already the id"),
    ],
)
def test_a_mistake_in_the_rubric_is_one_clear_error(
    workplace: Workplace, old: str, new: str, place: str, text: str
) -> None:
    edit(workplace.rubric, old, new)

    answer = workplace.grade()

    assert_one_error(answer, "rubrics/circles.toml", place, text)
    assert not workplace.out.exists()
    assert workplace.runner.started == []


def test_two_classes_with_three_names_are_one_clear_error(workplace: Workplace) -> None:
    edit(workplace.assignment, '["outer", "inner"]', '["outer", "inner", "middle"]')

    answer = workplace.grade()

    assert_one_error(answer, "assignments/circles/assignment.toml", "classes", "got 3")
    assert not workplace.out.exists()


def assert_one_error(answer: Answer, *parts: str) -> None:
    """Exit status 2, nothing on stdout, and one message with at most one hint."""
    assert answer.status == 2
    assert answer.out == ""
    first, *more = answer.err.splitlines()
    assert first.startswith("grader: ")
    for part in parts:
        assert part in first
    assert len(more) <= 1
    assert all(line.startswith("  hint: ") for line in more)
    assert "Traceback" not in answer.err


def test_an_unknown_assignment_is_told_with_the_nearest(grader: Command) -> None:
    answer = grader("grade", "circels", "class", "--out", "out")

    assert_one_error(answer, '"circels"')
    assert "circles" in answer.err.splitlines()[1]


def test_without_a_secret_nothing_is_graded(grader: Command, tmp_path: Path) -> None:
    hand_in(tmp_path / "class", ada="right", bea="nothing")

    answer = grader("grade", "circles", "class", "--out", "out")

    assert_one_error(answer, "there is no secret yet")
    assert answer.err.splitlines()[1].endswith("grader secret new")
    assert not (tmp_path / "out").exists()
    assert not default_secret_path().exists()


def test_the_demo_secret_is_refused(workplace: Workplace) -> None:
    text = PREFIX + base64.urlsafe_b64encode(DEMO_SECRET.value).decode().rstrip("=")
    default_secret_path().write_text(text, encoding="ascii")

    answer = workplace.grade()

    assert_one_error(answer, "demo secret")
    assert "grader secret new" in answer.err
    assert not workplace.out.exists()


def test_a_secret_is_made_exported_and_imported(
    grader: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = grader("secret", "new")
    path = default_secret_path()
    assert made.status == 0
    assert path.is_relative_to(tmp_path / "config")
    assert str(path) in made.out
    secret = read_secret(path)
    assert secret.value.hex() not in made.out

    exported = grader("secret", "export")
    assert exported.status == 0
    assert_one_error(grader("secret", "new"), "there is a secret already")
    assert read_secret(path) == secret

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert_one_error(grader("secret", "export"), "no secret yet")
    monkeypatch.setattr(sys, "stdin", io.StringIO(exported.out))
    imported = grader("secret", "import")

    assert imported.status == 0
    assert default_secret_path() != path
    assert read_secret(default_secret_path()) == secret
    assert made.out.split()[-1] == imported.out.split()[-1]
    monkeypatch.setattr(sys, "stdin", io.StringIO("nonsense"))
    assert_one_error(grader("secret", "import"), "is not a secret of this grader")
    assert import_secret(default_secret_path(), exported.out) == secret


def test_assignments_are_listed(grader: Command) -> None:
    listed, as_json = grader("assignments"), grader("assignments", "--json")

    assert listed.status == as_json.status == 0
    assert "circles" in listed.out
    assert "Two circles" in listed.out
    (row,) = [each for each in json.loads(as_json.out) if each["id"] == "circles"]
    assert row == {
        "id": "circles",
        "title": "Two circles",
        "frameworks": ["pytorch", "keras"],
        "exercises": ["circles"],
    }


def test_a_folder_that_is_no_course_is_told(grader: Command, tmp_path: Path) -> None:
    answer = grader("assignments", "--course", tmp_path)

    assert_one_error(answer, "no course.toml in it")
    assert "--course" in answer.err


def test_an_unknown_isolation_level_is_told(workplace: Workplace) -> None:
    answer = workplace.grade(isolation="nonsense")

    assert_one_error(answer, "--isolation", "'nonsense'")
    assert "bwrap, container, landlock, none" in answer.err
    assert not workplace.out.exists()


def test_a_weaker_level_is_never_taken_silently(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, level in (("bwrap", Level.BWRAP), ("container", Level.CONTAINER)):
        trial = Trial(level, works=False, why="no namespaces", remedy="allow them")
        monkeypatch.setattr(f"grader.sandbox.levels.try_{name}", lambda trial=trial: trial)
    landlock = Trial(Level.LANDLOCK, works=True, landlock=LandlockVariant(as_root=False))
    monkeypatch.setattr("grader.sandbox.levels.try_landlock", lambda: landlock)
    grade = ("grade", "circles", workplace.root / "class", "--out", workplace.out,
             "--course", workplace.root / "course")  # fmt: skip

    refused = workplace.grader(*grade)
    assert_one_error(refused, "no namespaces")
    assert "--allow-weaker" in refused.err
    assert not workplace.out.exists()

    accepted = workplace.grader(*grade, "--allow-weaker")
    assert accepted.status == 0
    assert "isolation: landlock" in accepted.err
    assert "limits: 240 s of computing time" in " ".join(accepted.err.split())
    assert "no namespaces" in " ".join(accepted.err.split())


def test_a_result_folder_that_is_a_file_is_told(workplace: Workplace) -> None:
    workplace.out.write_text("mine", encoding="utf-8")

    answer = workplace.grade()

    assert answer.status == 2
    assert answer.out == ""
    assert "cannot be stored" in answer.err.splitlines()[-1]
    assert "Traceback" not in answer.err
    assert workplace.out.read_text(encoding="utf-8") == "mine"


def test_a_class_that_is_not_there_is_told(workplace: Workplace) -> None:
    answer = workplace.grader(
        "grade", "circles", "nowhere", "--out", workplace.out, "--isolation", "none",
        "--course", workplace.root / "course",
    )  # fmt: skip

    assert answer.status == 2
    assert "nowhere" in answer.err
    assert "Traceback" not in answer.err
    assert not workplace.out.exists()


def fits(text: str) -> bool:
    """Whether every line fits 80 columns; those with the paths of a test cannot."""
    paths = ("class overview ", "gradebook ", "for students ", "not for students ")
    return all(len(line) <= 80 for line in text.splitlines() if not line.startswith(paths))


def test_a_graded_class_is_shown(workplace: Workplace) -> None:
    answer = workplace.grade()

    assert answer.status == 0
    assert fits(answer.out)
    assert fits(answer.err)
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert "ada 12.43 / 13 lost: F1 on hidden data" in lines
    assert "bea 13 / 13 everything right" in lines
    assert "cem 0 / 13 nothing trained" in lines
    assert "3 students: 8.48 points on average, median 12.43, of 13 points" in lines
    assert f"class overview {workplace.out}/index.html" in lines
    assert f"gradebook {workplace.out}/gradebook.csv" in lines
    assert f"for students {workplace.out}/feedback/" in lines
    assert f"not for students {workplace.out}/private/" in lines
    assert "isolation: none" in answer.err


def test_what_was_run_before_is_counted(workplace: Workplace) -> None:
    workplace.grade()
    assert "3 had been run before and were not run again." in workplace.grade().err

    hand_in(workplace.root / "class", ada="crashed", bea="untrained")
    assert "1 had been run before and was not run again." in workplace.grade().err
    assert len(workplace.runner.started) == 5


def test_limits_can_be_given(workplace: Workplace) -> None:
    workplace.grade("--cpu", 7, "--wall-time", 90, "--memory", 1024)

    limits = workplace.runner.jobs[0].limits
    assert (limits.cpu_s, limits.wall_time_s, limits.memory_mib) == (7, 90, 1024)


def test_a_graded_class_is_printed_as_json(workplace: Workplace) -> None:
    roster = workplace.root / "roster.csv"
    roster.write_text("key,display_name\nada,Ada\nbea,B\ncem,C\nzoe,Zoe\n", encoding="utf-8")

    answer = workplace.grade("--json", "--roster", roster)

    assert answer.status == 0
    printed = json.loads(answer.out)
    assert printed["missing"] == ["zoe"]
    ada, *_ = printed["students"]
    assert (ada["key"], ada["earned"], ada["pending"], ada["maximum"]) == ("ada", 12.43, 0, 13)
    assert ada["criteria"]["f1"] == 3.43
    assert "nothing handed in: Zoe" in workplace.grade("--roster", roster).out


def test_our_own_failure_has_an_exit_status_of_its_own(workplace: Workplace) -> None:
    hand_in(workplace.root / "class", cem="grader-failed")

    answer = workplace.grade()

    assert answer.status == 1
    assert "the grader failed" in answer.out
    assert "1 to review, 1 with pending points" in answer.out


def test_an_interrupted_class_says_how_to_go_on(workplace: Workplace) -> None:
    hand_in(workplace.root / "class", cem="interrupt")

    answer = workplace.grade("--workers", 1)

    assert answer.status == 130
    assert "run the same command again" in answer.err
    assert "Traceback" not in answer.err
    assert len(list(workplace.out.rglob("evidence.json"))) == 2


@pytest.mark.parametrize(
    ("bounds", "last"),
    [
        ("minimum = 0.90, full = 0.97", "3 students scored again; nothing changed."),
        (
            "minimum = 0.96, full = 0.97",
            "3 students scored again: 1 criterion of 1 student changed.",
        ),
        (
            "minimum = 0.96, full = 1.00",  # who got everything right still does
            "3 students scored again: 1 criterion of 1 student changed.",
        ),
    ],
)
def test_regrade_says_what_changed(workplace: Workplace, bounds: str, last: str) -> None:
    workplace.grade()
    edit(workplace.rubric, F1, bounds)

    answer = workplace.grader("regrade", workplace.out)

    assert (answer.status, answer.err) == (0, "")
    assert fits(answer.out)
    assert last in answer.out
    changed = "changed." in last and "nothing" not in last
    assert ("Reports and gradebook were written anew." in answer.out) == changed
    assert ("3.43 of 4 (partial)" in answer.out) == changed


def test_regrade_counts_criteria_and_students(workplace: Workplace) -> None:
    workplace.grade()
    edit(workplace.rubric, "points = 4", "points = 5")

    answer = workplace.grader("regrade", workplace.out)

    assert "3 students scored again: 3 criteria of 3 students changed." in answer.out
    again = workplace.grader("regrade", workplace.out, "--json")
    assert json.loads(again.out) == []


def test_regrade_prints_changes_as_json(workplace: Workplace) -> None:
    workplace.grade()
    edit(workplace.rubric, F1, "minimum = 0.96, full = 0.97")

    (change,) = json.loads(workplace.grader("regrade", workplace.out, "--json").out)

    assert (change["key"], change["criterion"]) == ("ada", "f1")
    assert (change["before"], change["after"]) == ("3.43 of 4 (partial)", "0 of 4 (failed)")


def test_regrade_takes_the_course_that_it_is_told(workplace: Workplace, tmp_path: Path) -> None:
    workplace.grade()
    moved = tmp_path / "moved"
    (workplace.root / "course").rename(moved)

    lost = workplace.grader("regrade", workplace.out)
    found = workplace.grader("regrade", workplace.out, "--course", moved)

    assert_one_error(lost, "no course.toml in it")
    assert "--course" in lost.err
    assert (found.status, found.out) == (0, "3 students scored again; nothing changed.\n")


def test_regrade_of_a_folder_without_results_is_told(grader: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    for name in ("empty", "nowhere"):
        answer = grader("regrade", name)
        assert_one_error(answer, f"{name}: no results in it")
        assert "--out" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_the_demo_needs_no_secret_and_no_arguments(
    grader: Command, circles: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Idle(PreparedRunner):
        def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
            del cancelled
            self.jobs.append(job)
            return completed(self)

    runner = Idle(circles, isolation="none")
    monkeypatch.setattr("grader.sandbox.runner.FreshSandboxRunner", lambda trial: runner)

    answer = grader("demo", "--isolation", "none")

    assert answer.status == 0
    assert fits(answer.out)
    assert "31 students: 0 points on average" in answer.out
    assert answer.out.count("nothing trained") >= 14
    assert "demo-results/index.html" in answer.out
    assert {job.limits.cpu_s for job in runner.jobs} == {20.0}


def test_doctor_tells_what_there_is(grader: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {
        "try_bwrap": Trial(Level.BWRAP, works=False, why="it is not there", remedy="get it"),
        "try_container": Trial(Level.CONTAINER, works=False, why="no engine", remedy="start one"),
        "try_landlock": Trial(
            Level.LANDLOCK, works=True, landlock=LandlockVariant(as_root=True, setpriv="setpriv")
        ),
    }
    for name, trial in trials.items():
        monkeypatch.setattr(f"grader.sandbox.levels.{name}", lambda trial=trial: trial)

    answer, as_json = grader("doctor"), grader("doctor", "--json")

    assert (answer.status, as_json.status) == (0, 0)
    text = " ".join(answer.out.split())
    for each in (
        f"grader {__version__}",
        "bwrap does not work: it is not there get it",
        "container does not work: no engine start one",
        "landlock works: student code runs as an unprivileged user, without a network",
        "none works: no wall",
        "torch",
    ):
        assert each in text
    machine = json.loads(as_json.out)
    assert [level["works"] for level in machine["levels"]] == [False, False, True, True]
    assert machine["python"] == platform.python_version()
    assert machine["cores"] >= 1


def test_a_course_is_found_from_within(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workplace.rubric.parent)
    edit(workplace.root / "course" / "course.toml", 'title = "Bundled assignments"', 'title = "X"')

    assert workplace.grader("assignments").out.startswith("X (catalogue, 2026)")
    assert open_course(None, here=Path.cwd()).root == workplace.root / "course"
