"""Stored evidence and today's rubric: what changed is told, and what cannot be used is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from grader.course import Course, open_course
from grader.datasets.secret import DEMO_SECRET
from grader.errors import CourseError, DataError, EvidenceError
from grader.pipeline import prepare, regrade
from pipeline.course_copy import copied_course, edit
from pipeline.prepared import graded, hand_in

pytestmark = pytest.mark.slow

F1 = 'params = { average = "macro", minimum = 0.90, full = 0.97, at_minimum = 0.5 }'


@dataclass(frozen=True)
class Stored:
    """A class graded in a course folder of its own."""

    course: Course
    out: Path

    @property
    def rubric(self) -> Path:
        """What a test changes."""
        return self.course.root / "rubrics" / "circles.toml"

    @property
    def ada(self) -> Path:
        """Where the evidence on one student lies."""
        return self.out / "private" / "students" / "ada" / "1"

    def files(self) -> dict[str, bytes]:
        """Everything in the result folder; of the database what it says."""
        found = {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in sorted(self.out.rglob("*"))
            if path.is_file()
        }
        with closing(sqlite3.connect(self.out / "gradebook.sqlite3")) as connection:
            found["gradebook.sqlite3"] = "\n".join(connection.iterdump()).encode()
        return found


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder and a class graded in it, to be copied by each test."""
    folder = tmp_path_factory.mktemp("regrade")
    setting = prepare(copied_course(folder / "course"), "circles", secret=DEMO_SECRET)
    roster = folder / "roster.csv"
    roster.write_text(
        "key,display_name,email\nada,Ada,ada@example.org\nbea,Bea,\ncem,Cem,\ndan,Dan,\n",
        encoding="utf-8",
    )
    handed_in = hand_in(folder / "class", ada="half-right", bea="right", cem="cpu-limit")
    graded(setting, [handed_in], folder / "out", roster=roster)
    return folder


@pytest.fixture
def stored(graded_once: Path, tmp_path: Path) -> Stored:
    shutil.copytree(graded_once, tmp_path, dirs_exist_ok=True)
    root = tmp_path / "course"
    return Stored(open_course(root, here=root), tmp_path / "out")


def refused(stored: Stored, course: Course | None = None) -> EvidenceError:
    """Regrade, which must refuse and write nothing."""
    before = stored.files()
    with pytest.raises(EvidenceError) as caught:
        regrade(course or stored.course, stored.out)
    assert stored.files() == before
    return caught.value


def test_an_unchanged_rubric_changes_no_byte(stored: Stored) -> None:
    before = stored.files()

    result = regrade(stored.course, stored.out)

    assert result.changes == ()
    assert stored.files() == before
    assert result.totals_before == {"ada": Decimal("12.43"), "bea": 13, "cem": 0}


def test_one_threshold_changes_exactly_the_criteria_concerned(stored: Stored) -> None:
    before = stored.files()
    edit(stored.rubric, F1, F1.replace("0.90", "0.96"))

    result = regrade(stored.course, stored.out)

    (change,) = result.changes
    assert (change.key, change.display_name, change.criterion) == ("ada", "Ada", "f1")
    assert change.before == "3.43 of 4 (partial)"
    assert change.after == "0 of 4 (failed)"
    assert "0.9500" in change.why
    assert "0.96" in change.why
    ada, bea, cem = result.reports
    assert (ada.totals.earned, bea.totals.earned, cem.totals.earned) == (9, 13, 0)
    after = stored.files()
    assert set(after) == set(before)
    evidence = ("evidence.json", "submission.json", ".npy", ".npz", "job.json", ".log", ".ipynb")
    for name, content in after.items():
        if name.endswith(evidence):
            assert content == before[name], name
    assert after["gradebook.csv"] != before["gradebook.csv"]
    assert b"ada@example.org" in after["gradebook.csv"]
    assert b"Dan" in after["index.html"]
    shown = json.loads(after["feedback/ada/report.json"])
    assert shown["totals"]["earned"] == 9


def test_a_criterion_that_was_added_or_taken_away_is_told(stored: Stored) -> None:
    edit(stored.rubric, '[[criteria]]\nid = "optimizer"\ncheck = "optimizer"\npoints = 0.5\n\n', "")
    with stored.rubric.open("a", encoding="utf-8") as file:
        file.write('\n[[criteria]]\nid = "extra"\ncheck = "was-trained"\npoints = 2\n')

    result = regrade(stored.course, stored.out)

    told = {(c.key, c.criterion): (c.before, c.after, c.why) for c in result.changes}
    assert set(told) == {
        (key, criterion) for key in ("ada", "bea", "cem") for criterion in ("optimizer", "extra")
    }
    assert told["bea", "optimizer"] == (
        "0.5 of 0.5 (passed)", None, "no longer part of the rubric",
    )  # fmt: skip
    assert told["bea", "extra"][:2] == (None, "2 of 2 (passed)")
    assert told["cem", "extra"][:2] == (None, "0 of 2 (failed)")
    assert all(report.totals.maximum == Decimal("14.5") for report in result.reports)


def test_every_attempt_is_judged_again_and_the_latest_compared(
    stored: Stored, tmp_path: Path
) -> None:
    setting = prepare(stored.course, "circles", secret=DEMO_SECRET)
    graded(setting, [hand_in(tmp_path / "later", ada="right", bea="half-right")], stored.out)
    edit(stored.rubric, F1, F1.replace("0.90", "0.96"))

    result = regrade(stored.course, stored.out)

    assert [(change.key, change.criterion) for change in result.changes] == [("bea", "f1")]
    earlier = json.loads((stored.ada / "report.json").read_bytes())
    assert earlier["totals"]["earned"] == 9


def test_a_rubric_with_a_mistake_writes_nothing(stored: Stored) -> None:
    edit(stored.rubric, F1, F1.replace("0.90", "90"))
    before = stored.files()

    with pytest.raises(CourseError, match=r"minimum"):
        regrade(stored.course, stored.out)

    assert stored.files() == before


def test_evidence_with_another_hidden_set_is_refused(stored: Stored) -> None:
    path = stored.ada / "evidence.json"
    digest = json.loads(path.read_bytes())["hidden_sets"]["circles"]
    edit(path, digest, "0" * 64)

    error = refused(stored)

    assert "another hidden set: ada/1" in str(error)
    assert error.hint == "grade these again"


@pytest.mark.parametrize("name", ["evidence.json", "job.json"])
def test_an_unknown_schema_is_refused(stored: Stored, name: str) -> None:
    path = stored.ada / name if name == "evidence.json" else stored.out / "private" / name
    content = json.loads(path.read_bytes())
    content["schema_version"] = 9
    path.write_text(json.dumps(content), encoding="utf-8")

    error = refused(stored)

    assert name in str(error)
    assert "schema" in str(error)
    assert len(error.message.splitlines()) == 1


def array_changed(stored: Stored) -> None:
    path = stored.ada / "arrays" / "scores-hidden.npy"
    scores = np.load(path)
    scores[:] = 4.0
    np.save(path, scores)


def array_missing(stored: Stored) -> None:
    (stored.ada / "arrays" / "scores-hidden.npy").unlink()


def evidence_cut(stored: Stored) -> None:
    path = stored.ada / "evidence.json"
    path.write_bytes(path.read_bytes()[:200])


def evidence_with_an_unknown_key(stored: Stored) -> None:
    edit(stored.ada / "evidence.json", '"isolation":', '"labels": [1], "isolation":')


@pytest.mark.parametrize(
    "damage", [array_changed, array_missing, evidence_cut, evidence_with_an_unknown_key]
)
def test_damaged_evidence_is_refused(stored: Stored, damage: Callable[[Stored], None]) -> None:
    damage(stored)

    error = refused(stored)

    assert "ada/1" in str(error)
    assert len(error.message.splitlines()) == 1


def test_another_course_or_term_is_refused(stored: Stored, tmp_path: Path) -> None:
    other = copied_course(tmp_path / "other")
    edit(other.root / "course.toml", 'term = "2026"', 'term = "2027"')

    error = refused(stored, open_course(other.root, here=other.root))

    assert "(2026), not in catalogue (2027)" in str(error)
    renamed = replace(stored.course, id="mine")
    assert "not in mine" in str(refused(stored, renamed))


def test_other_exercises_are_refused(stored: Stored) -> None:
    path = stored.course.root / "assignments" / "circles" / "assignment.toml"
    edit(path, '[[exercises]]\nid = "circles"', '[[exercises]]\nid = "rings"')

    error = refused(stored)

    assert "the exercises circles; the assignment now has rings" in str(error)


def test_a_missing_hidden_set_is_told(stored: Stored) -> None:
    (hidden,) = (stored.out / "private" / "hidden").iterdir()
    hidden.unlink()

    with pytest.raises(DataError, match="no such hidden set"):
        regrade(stored.course, stored.out)


def test_a_folder_without_results_is_told(stored: Stored, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(EvidenceError, match="no results in it") as caught:
        regrade(stored.course, tmp_path / "empty")

    assert "--out" in caught.value.hint
    assert list((tmp_path / "empty").iterdir()) == []
