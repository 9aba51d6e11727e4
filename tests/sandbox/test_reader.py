"""Once hidden inputs are inside, no text and no name of the student's comes out any more."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from grader.evidence import (
    ArrayRef,
    Candidate,
    Examination,
    HiddenAnswers,
    HiddenProblem,
    Limits,
    Prediction,
    RunOutcome,
    RunState,
    Testimony,
    absent,
    known,
)
from grader.pipeline.grade import public_rows
from grader.pipeline.setting import Setting
from grader.sandbox.interface import Job
from grader.sandbox.runner import SlotReader
from grader.sandbox.scratch import Seat, scratch_for

pytestmark = pytest.mark.slow

NAME = "hidden-circles-m1-scores.npy"


@pytest.fixture
def job(circles: Setting) -> Job:
    return Job(
        notebook="{}",
        entry_kind="notebook",
        entry_name="x.ipynb",
        files={},
        briefs=(circles.assignment.exercises[0].brief(),),
        public=public_rows(circles),
        hidden_inputs={"circles": circles.hidden["circles"].inputs},
        limits=Limits(),
    )


@pytest.fixture
def reader(job: Job, tmp_path: Path) -> SlotReader:
    out = tmp_path / "out"
    out.mkdir()
    candidate = Candidate(id="m1", framework="pytorch", is_trained=True)
    testimony = Testimony(
        entry_kind="notebook", examination=Examination(candidates=(candidate,), models_seen=1)
    )
    (out / "evidence.json").write_text(testimony.model_dump_json())
    return SlotReader(slot=tmp_path, job=job)


def answer(reader: SlotReader, file: str, shape: tuple[int, ...] = (2000, 1)) -> None:
    scores = known(ArrayRef(file=file, shape=shape, dtype="float32"))
    prediction = Prediction(
        exercise="circles",
        split="hidden",
        route="model",
        scores=scores,
        labels=absent("a long story with hidden rows in it"),
    )
    answers = HiddenAnswers(predictions={"m1": (prediction,)})
    (reader.slot / "out" / "hidden.json").write_text(answers.model_dump_json())
    np.save(reader.slot / "out" / file, np.zeros(shape, dtype=np.float32))


def test_arrays_come_back_under_names_of_ours_and_reasons_are_ours(reader: SlotReader) -> None:
    assert reader.after_cells() != b""
    answer(reader, NAME)

    reader.after_end(RunOutcome(state=RunState.COMPLETED))

    assert list(reader.arrays) == [NAME]
    (prediction,) = reader.hidden["m1"]
    assert prediction.scores.is_known
    assert prediction.labels.reason in tuple(HiddenProblem)


@pytest.mark.parametrize("name", ["late-text-0.7488.npy", "validation-circles-m1-scores.npy"])
def test_another_name_is_refused(reader: SlotReader, name: str) -> None:
    reader.after_cells()
    answer(reader, name)

    reader.after_end(RunOutcome(state=RunState.COMPLETED))

    assert reader.arrays == {}
    assert reader.hidden["m1"][0].scores.is_unknown


def test_an_array_that_is_larger_than_any_answer_is_not_read(reader: SlotReader) -> None:
    reader.after_cells()
    answer(reader, NAME, (2000, 3000))

    reader.after_end(RunOutcome(state=RunState.COMPLETED))

    assert reader.arrays == {}


def test_a_notebook_that_could_not_be_read_in_time_is_never_read(reader: SlotReader) -> None:
    executed = reader.slot / "out" / "executed.ipynb"
    executed.write_text("early")
    os.link(executed, reader.slot / "second-link")
    reader.after_cells()
    executed.unlink()
    executed.write_text("late text with hidden rows")

    reader.after_end(RunOutcome(state=RunState.MEMORY_LIMIT))

    assert reader.executed == ""


def test_a_run_without_models_gets_no_hidden_inputs(reader: SlotReader) -> None:
    testimony = Testimony(entry_kind="notebook")
    (reader.slot / "out" / "evidence.json").write_text(testimony.model_dump_json())

    assert reader.after_cells() == b""


def test_what_a_run_leaves_is_removed_however_deep_and_locked(job: Job) -> None:
    with scratch_for(job, Seat()) as scratch:
        home = Path.cwd()
        os.chdir(scratch.slot / "work")
        try:
            for _ in range(2500):
                os.mkdir("deep")  # noqa: PTH102  # as a student would, one below the other
                os.chdir("deep")
        finally:
            os.chdir(home)
        locked = scratch.slot / "work" / "locked"
        (locked / "inner").mkdir(parents=True)
        (locked / "inner" / "file").write_text(json.dumps(1))
        (locked / "inner").chmod(0)
        locked.chmod(0)
        mode_of_parent = scratch.root.parent.stat().st_mode
        root = scratch.root

    assert not root.exists()
    assert root.parent.stat().st_mode == mode_of_parent
