"""The whole story of one submission as data; both views and every format are made from it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, PlainSerializer

from grader.checks.base import Outcome
from grader.evidence import (
    CellError,
    CellState,
    Data,
    Limits,
    LossPoint,
    Notice,
    Provenance,
    RunState,
)

REPORT_SCHEMA_VERSION: Final = 1
Points = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class View(StrEnum):
    """For whom a report is made."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


class CriterionReport(Data):
    """One criterion: what was seen, what was expected, what follows.

    Attributes:
        id: Of the criterion.
        title: For people.
        check: Id of the check that decided.
        exercise: Id of the exercise it is about.
        outcome: What the check found.
        earned: Points earned, rounded half-up to 0.01.
        pending: Points that wait for a person.
        maximum: Points at most; bonus points are not part of the total's maximum.
        bonus: Whether its points come on top.
        private: Whether students do not see its parameters.
        seen: What the evidence shows.
        seen_by_student: The same with hidden metrics rounded, which takes the place of ``seen`` in
            the student view; empty where ``seen`` may be shown as it is.
        expected: What was asked for.
        advice: What to do.
        provenance: The weakest evidence it rests on.
        traceback: Of a check that raised; instructor view only.
    """

    id: str
    title: str
    check: str
    exercise: str
    outcome: Outcome
    earned: Points
    pending: Points
    maximum: Points
    bonus: bool = False
    private: bool = False
    seen: str
    seen_by_student: str = ""
    expected: str
    advice: str = ""
    provenance: Provenance
    traceback: str = ""


class Totals(Data):
    """Sums over criteria, each already rounded."""

    earned: Points
    pending: Points
    maximum: Points


class ClassScores(Data):
    """Precision, recall and F1 of one class or one average."""

    name: str
    precision: float
    recall: float
    f1: float


class MetricsReport(Data):
    """Metrics on one split.

    Attributes:
        split: ``hidden`` or ``validation``.
        samples: Number of rows.
        accuracy: In [0, 1].
        scores: Per class, then per average.
        confusion: Rows are true classes, columns predicted ones. Counts in the instructor view;
            in the student view shares of the true class, rounded to two decimals.
    """

    split: Literal["hidden", "validation"]
    samples: int
    accuracy: float
    scores: tuple[ClassScores, ...] = ()
    confusion: tuple[tuple[float, ...], ...] = ()


class Boundary(Data):
    """Decisions over a grid of the plane, with public training points, for a plot.

    Attributes:
        x: Grid coordinates of the first feature.
        y: Grid coordinates of the second feature.
        decided: Class index for each grid point, ``[len(y)][len(x)]``.
        points: Public training points ``(x, y, label)``; never hidden ones.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    decided: tuple[tuple[int, ...], ...]
    points: tuple[tuple[float, float, int], ...] = ()


class ModelReport(Data):
    """The chosen model in words and numbers.

    Attributes:
        name: Variable that held it, or a description.
        why: Why this model was chosen for the exercise, one sentence.
        framework: ``pytorch`` or ``keras``.
        rows: Table of (what, value, provenance) for people: layers, loss, optimizer, steps.
        others: The other candidates, one sentence each.
    """

    name: str
    why: str
    framework: str
    rows: tuple[tuple[str, str, str], ...] = ()
    others: tuple[str, ...] = ()


class DiagnosisReport(Data):
    """A finding without points: something in the model or its training that is likely wrong.

    Attributes:
        id: Of the rule; its page is ``docs/rules/<id>.md``.
        severity: An error cannot work; a warning works, but badly or by luck; a note is harmless.
        title: For people.
        seen: What the evidence shows.
        why: Why it matters.
        change: What to change.
        follows: What else was found that follows from this, one sentence each.
        provenance: The weakest evidence it rests on.
    """

    id: str
    severity: Literal["error", "warning", "note"]
    title: str
    seen: str
    why: str
    change: str
    follows: tuple[str, ...] = ()
    provenance: Provenance


class ExerciseReport(Data):
    """One exercise of a submission.

    Attributes:
        diagnoses: Of the chosen model, or of a run without one; root causes first.
    """

    id: str
    task: str
    classes: tuple[str, ...]
    input_names: tuple[str, ...] = ()
    model: ModelReport | None = None
    no_model: str = ""
    metrics: tuple[MetricsReport, ...] = ()
    metrics_problem: str = ""
    curve: tuple[LossPoint, ...] = ()
    curve_of: str = ""
    boundary: Boundary | None = None
    diagnoses: tuple[DiagnosisReport, ...] = ()


class CellReport(Data):
    """A cell that did not run through.

    Attributes:
        number: Code cell, from 1.
        state: Failed or not run.
        error: Why.
        consequences: Later cells that failed only because this one did.
    """

    number: int
    state: CellState
    error: CellError | None = None
    consequences: tuple[int, ...] = ()


class RunReportResources(Data):
    """What the run used: the only part of a report that may differ between two gradings.

    Attributes:
        started_at: ISO 8601, UTC.
        wall_time_s: Wall time, seconds.
        cpu_s: CPU time of the process tree, seconds.
        peak_memory_mib: Highest private memory of the process tree, MiB.
        worker: How the worker was started: ``preloaded``, or ``fresh`` and why.
        cells_s: Wall time of each code cell, seconds.
        log: Tail of the worker's own log; instructor view only.
    """

    started_at: str = ""
    wall_time_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    worker: str = ""
    cells_s: tuple[float, ...] = ()
    log: str = ""


class RunReport(Data):
    """The run's story.

    Attributes:
        state: How it ended.
        headline: One sentence: what happened.
        cell: The code cell that was running, where the run did not come to its end.
        cells_total: Number of code cells.
        cells_failed: Root causes, with their consequences folded in.
        notices: Installs ignored, missing packages, ...
        entry: What was run.
        isolation: Level in force.
        limits: In force.
        packages: Versions that can change results.
        resources: What it used, and other things that differ from run to run.
    """

    state: RunState
    headline: str
    cell: int | None = None
    cells_total: int = 0
    cells_failed: tuple[CellReport, ...] = ()
    notices: tuple[Notice, ...] = ()
    entry: str = ""
    isolation: str = ""
    limits: Limits = Limits()
    packages: dict[str, str] = Field(default_factory=dict)
    resources: RunReportResources = RunReportResources()


class Header(Data):
    """What makes a report reproducible and defensible."""

    course: str
    term: str
    assignment: str
    title: str
    grader_version: str
    rubric_sha256: str
    assignment_sha256: str
    submission_sha256: str
    secret_fingerprint: str
    seed: int = 0


class StudentReport(Data):
    """Whose report it is."""

    key: str
    display_name: str


class AttemptReport(Data):
    """Which attempt was graded.

    Attributes:
        number: From 1.
        of: How many there were; the latest counts.
        source: Where it was found; instructor view only.
        notes: What the intake mended.
    """

    number: int = 1
    of: int = 1
    source: str = ""
    notes: tuple[str, ...] = ()


class Report(Data):
    """One attempt of one student, judged.

    Attributes:
        schema_version: Of this format; see ``docs/schema/report.schema.json``.
        view: For whom.
        first_thing: The one thing to mend first; empty if nothing is.
        needs_review: Whether a person has to look.
        review_reasons: Why.
    """

    schema_version: Literal[1] = REPORT_SCHEMA_VERSION
    view: View
    header: Header
    student: StudentReport
    attempt: AttemptReport
    totals: Totals
    first_thing: str = ""
    needs_review: bool = False
    review_reasons: tuple[str, ...] = ()
    criteria: tuple[CriterionReport, ...]
    exercises: tuple[ExerciseReport, ...]
    run: RunReport
