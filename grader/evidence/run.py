"""The story of one run: what the worker tells, and what the supervisor adds from outside."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from grader.evidence.candidate import MAX_CANDIDATES, Candidate, Name, Prediction
from grader.evidence.facts import Count, Data
from grader.evidence.vocabulary import CellState, Framework, NoticeKind, RunState, Task

SCHEMA_VERSION: Final = 1
Text = Annotated[str, Field(max_length=2000)]


class ExerciseBrief(Data):
    """What the worker and a check may know of an exercise: nothing secret.

    Attributes:
        id: Of the exercise.
        task: Binary, multiclass or multilabel.
        classes: Class names, in the order of the labels.
        input_shape: Of one row: ``(2,)``.
        input_names: Names of the features, where there are any.
        model_hint: The variable name that the assignment suggests; ``auto`` if names are free.
    """

    id: Name
    task: Task
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    input_names: tuple[str, ...] = ()
    model_hint: Name = "auto"


class CellError(Data):
    """Why a cell failed.

    Attributes:
        name: Exception class: ``NameError``.
        message: Its message, shortened.
        line: Line within the cell, from 1; ``None`` if unknown.
        source_line: That line of the student's code, shortened.
        missing_name: The undefined name, where the error is a ``NameError``.
        caused_by_cell: The failed cell that should have defined it: a cascade, not a new fault.
    """

    name: Name
    message: Text = ""
    line: Count | None = None
    source_line: Text = ""
    missing_name: Name = ""
    caused_by_cell: Count | None = None


class CellRun(Data):
    """What became of one code cell.

    Attributes:
        number: Counts code cells from 1.
        state: Ran, failed or not run.
        error: Why it failed.
        wall_time_s: How long it took, seconds; differs from run to run.
    """

    number: Count
    state: CellState
    error: CellError | None = None
    wall_time_s: float = 0.0


class Notice(Data):
    """Something worth telling about a run; never costs points by itself."""

    kind: NoticeKind
    text: Text
    cell: Count | None = None


class Environment(Data):
    """Where a run took place, as far as it can change results."""

    python: Name = ""
    packages: dict[Name, Name] = Field(default_factory=dict, max_length=50)
    threads: Count = 1
    seed: int = 0


class Examination(Data):
    """What the probe found after the last cell, before any hidden input arrived.

    Attributes:
        modules_loaded: Frameworks that the student code imported.
        candidates: At most eight models, trained ones first in order of first use.
        models_seen: How many models were seen in all.
        notices: What the recorder noticed: calls by convention, signs of tampering.
        problem: Why the models could not be examined; empty if they were.
    """

    modules_loaded: tuple[Framework, ...] = ()
    candidates: tuple[Candidate, ...] = Field(default=(), max_length=MAX_CANDIDATES)
    models_seen: Count = 0
    notices: tuple[Notice, ...] = Field(default=(), max_length=100)
    problem: Text = ""


class HiddenAnswers(Data):
    """What the candidates said about hidden rows; written when no student text can pass any more.

    Every ``reason`` in it must be one of :class:`HiddenProblem`, so that nothing but arrays of
    numbers crosses the wall once hidden inputs are inside.
    """

    predictions: dict[Name, Annotated[tuple[Prediction, ...], Field(max_length=100)]] = Field(
        default_factory=dict, max_length=MAX_CANDIDATES
    )


class HiddenProblem(StrEnum):
    """Why there are no scores or labels for hidden rows."""

    NO_ROUTE = "there is no way from raw rows to the model"
    RAISED = "the model raised an error on the hidden rows"
    PREDICT_RAISED = "predict raised an error on the hidden rows"
    WRONG_SHAPE = "the result does not have one row for each hidden row"
    NOT_NUMBERS = "the result does not consist of numbers"
    NOT_FINITE = "the result holds values that are not finite"
    NOT_SEEN = "predict was not seen to run this model on the hidden rows"
    NOT_LABELS = "predict did not return one label of a known class for each row"
    NOT_USED = "this route has no labels of its own"


class Testimony(Data):
    """What the worker says, written inside the sandbox before any hidden input arrived.

    Attributes:
        entry_kind: Whether a notebook or a module was run.
        cells: One entry per code cell.
        notices: What the driver noticed: installs ignored, missing packages, output cut.
        examination: What the probe found.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    entry_kind: Literal["notebook", "module"]
    environment: Environment = Environment()
    cells: tuple[CellRun, ...] = Field(default=(), max_length=5000)
    notices: tuple[Notice, ...] = Field(default=(), max_length=200)
    examination: Examination = Examination()


class Limits(Data):
    """What a run may use.

    Attributes:
        cpu_s: CPU time of the whole process tree, seconds.
        wall_time_s: Wall time, seconds: the backstop.
        memory_mib: Memory of the whole process tree, MiB.
        processes: Processes and threads at one time.
        file_mib: Largest file, MiB.
        slot_mib: Everything written to the working folder, MiB.
        cell_output_mib: What is kept of one cell's output, MiB.
        output_mib: What is kept of all output, MiB.
    """

    cpu_s: Annotated[float, Field(gt=0)] = 240
    wall_time_s: Annotated[float, Field(gt=0)] = 600
    memory_mib: Annotated[int, Field(ge=256)] = 3072
    processes: Annotated[int, Field(ge=32)] = 256
    file_mib: Annotated[int, Field(ge=1)] = 256
    slot_mib: Annotated[int, Field(ge=1)] = 512
    cell_output_mib: Annotated[int, Field(ge=1, le=8)] = 2
    output_mib: Annotated[int, Field(ge=1, le=32)] = 16


class RunOutcome(Data):
    """How the run ended, seen from outside.

    Attributes:
        state: The kind of end.
        detail: One sentence for the student, with the value of a limit that struck.
        cell: The code cell that was running, where the run did not complete.
    """

    state: RunState
    detail: Text = ""
    cell: int | None = None


class Resources(Data):
    """What a run used; differs from run to run, so nothing is judged by it.

    Attributes:
        worker: How it was started: ``preloaded``, or ``fresh`` and why.
    """

    started_at: str = ""
    wall_time_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    worker: Text = ""


class RunRecord(Data):
    """Everything kept of one attempt: ``evidence.json``; enough to score it again.

    Attributes:
        assignment_sha256: Digest of the assignment file that the run was made under.
        submission_sha256: Digest of the files that were handed in.
        hidden_sets: Digest of the hidden set of each exercise that was predicted.
        isolation: Level that was in force: ``bwrap``, ``landlock``, ``none``.
        outcome: How the run ended.
        testimony: What the worker said; ``None`` where it never got to speak.
        hidden: Predictions on hidden rows, per candidate id.
        arrays: SHA-256 of each ``.npy`` file beside this one.
        resources: What it used.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    grader_version: Name
    assignment: Name
    assignment_sha256: Name = ""
    submission_sha256: Name
    hidden_sets: dict[str, str] = Field(default_factory=dict)
    isolation: Name
    limits: Limits = Limits()
    outcome: RunOutcome
    testimony: Testimony | None = None
    hidden: dict[str, tuple[Prediction, ...]] = Field(default_factory=dict)
    arrays: dict[str, str] = Field(default_factory=dict)
    resources: Resources = Resources()
