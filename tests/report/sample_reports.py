"""Realistic reports of the bundled assignment, as the pipeline would build them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from grader.checks.base import Outcome
from grader.evidence import (
    CellError,
    CellState,
    LossPoint,
    Notice,
    NoticeKind,
    Provenance,
    RunState,
)
from grader.report.model import (
    AttemptReport,
    Boundary,
    CellReport,
    ClassScores,
    CriterionReport,
    ExerciseReport,
    Header,
    MetricsReport,
    ModelReport,
    Report,
    RunReport,
    RunReportResources,
    StudentReport,
    Totals,
    View,
)

HEADER = Header(
    course="Neural networks 1",
    term="2025 autumn",
    assignment="circles",
    title="Two circles",
    grader_version="0.1.0",
    rubric_sha256="3f0a" * 16,
    assignment_sha256="9c41" * 16,
    submission_sha256="77de" * 16,
    secret_fingerprint="5d1e-90ab",  # noqa: S106 - shown in every report, and no secret
)
EXPECTED_F1 = "at least 0.90 (inclusive) for half of the points, 0.97 for all"


def criterion(
    name: str,
    title: str,
    points: str,
    *,
    outcome: Outcome = Outcome.PASSED,
    seen: str,
    expected: str,
    **fields: object,
) -> CriterionReport:
    """One criterion; earned and pending points follow from the outcome unless they are given."""
    maximum = Decimal(points)
    defaults: dict[str, Any] = {
        "check": name,
        "exercise": "circles",
        "earned": maximum if outcome is Outcome.PASSED else Decimal(0),
        "pending": maximum if outcome.is_pending else Decimal(0),
        "provenance": Provenance.PROBED,
    }
    return CriterionReport(
        id=name,
        title=title,
        outcome=outcome,
        maximum=maximum,
        seen=seen,
        expected=expected,
        **(defaults | fields),
    )


def passed_criteria() -> tuple[CriterionReport, ...]:
    return (
        criterion(
            "trained",
            "A model was trained",
            "1",
            seen="the model's parameters changed in 300 steps",
            expected="a model whose parameters changed in training",
            provenance=Provenance.RECORDED,
        ),
        criterion(
            "hidden-units",
            "The hidden layers are wide enough",
            "0.5",
            seen="the narrowest hidden layer has 16 units",
            expected="at least 8 units in every hidden layer",
        ),
        criterion(
            "output",
            "The activation of the output suits the task",
            "1",
            seen="the model ends in no activation",
            expected="no activation or a sigmoid on one output",
        ),
        criterion(
            "pairing",
            "The loss suits the output layer",
            "1",
            seen="the model emits logits; BCEWithLogitsLoss expects logits",
            expected="a loss that expects what the model emits",
            provenance=Provenance.RECORDED,
        ),
        criterion(
            "f1",
            "F1 on hidden data",
            "4",
            seen="macro F1 is 0.9945",
            seen_by_student="macro F1 is 0.99",
            expected=EXPECTED_F1,
            provenance=Provenance.MEASURED,
        ),
    )


@cache
def boundary(*, constant: bool = False, points: int = 800) -> Boundary:
    axis = np.linspace(-1.35, 1.35, 80)
    grid_x, grid_y = np.meshgrid(axis, axis)
    inner = np.hypot(grid_x * 1.04, grid_y) < 0.87
    decided = np.zeros_like(inner, dtype=int) if constant else inner.astype(int)
    rng = np.random.default_rng(42)
    labels = np.arange(points) % 2
    angles = rng.uniform(0, 2 * math.pi, points)
    radii = np.where(labels == 1, 0.75, 1.0) + rng.normal(scale=0.05, size=points)
    return Boundary(
        x=tuple(axis.tolist()),
        y=tuple(axis.tolist()),
        decided=tuple(tuple(row) for row in decided.tolist()),
        points=tuple(
            zip(
                (radii * np.cos(angles)).tolist(),
                (radii * np.sin(angles)).tolist(),
                labels.tolist(),
                strict=True,
            )
        ),
    )


@cache
def curve(steps: int = 300, *, last: float = 0.05) -> tuple[LossPoint, ...]:
    return tuple(
        LossPoint(step=step, loss=last + 0.65 * math.exp(-step / 60) + 0.01 * math.sin(step))
        for step in range(1, steps + 1)
    )


def hidden_metrics(accuracy: float = 0.99450123) -> MetricsReport:
    return MetricsReport(
        split="hidden",
        samples=2000,
        accuracy=accuracy,
        scores=(
            ClassScores(name="outer", precision=0.9930486593843099, recall=0.996, f1=0.9945082376),
            ClassScores(name="inner", precision=0.9959879638916750, recall=0.993, f1=0.9944917376),
            ClassScores(name="macro", precision=0.9945183116, recall=0.9945, f1=0.9944999876),
        ),
        confusion=((996, 4), (7, 993)),
    )


def exercise(**fields: object) -> ExerciseReport:
    defaults: dict[str, Any] = {
        "id": "circles",
        "task": "binary",
        "classes": ("outer", "inner"),
        "input_names": ("x1", "x2"),
        "model": ModelReport(
            name="model",
            why="it was trained last under the name that the assignment suggests",
            framework="pytorch",
            rows=(
                ("layers", "2 → 16 (relu) → 16 (relu) → 1", "probed"),
                ("parameters", "337", "probed"),
                ("output", "no activation; emits logits", "probed"),
                ("loss", "BCEWithLogitsLoss, expects logits", "recorded"),
                ("optimizer", "Adam, learning rate 0.01", "recorded"),
                ("training", "300 steps on public data", "recorded"),
            ),
            others=("m2: 2 → 4 → 1, trained for 10 steps, accuracy 0.6123 on hidden data",),
        ),
        "metrics": (hidden_metrics(),),
        "curve": curve(),
        "curve_of": "loss per step",
        "boundary": boundary(),
    }
    return ExerciseReport(**(defaults | fields))


def run(**fields: object) -> RunReport:
    defaults: dict[str, Any] = {
        "state": RunState.COMPLETED,
        "headline": "The notebook ran to the end; one model was trained.",
        "cells_total": 9,
        "entry": "circles.ipynb",
        "isolation": "bwrap",
        "packages": {"torch": "2.13.0", "numpy": "2.4.1", "python": "3.11.9"},
        "resources": RunReportResources(
            started_at="2025-11-20T09:15:00Z",
            wall_time_s=4.21,
            cpu_s=3.97,
            peak_memory_mib=612.4,
            log="worker: kernel ready after 0.31 s",
        ),
    }
    return RunReport(**(defaults | fields))


def report(*, name: str = "Ada Fischer", key: str = "ada-fischer", **fields: object) -> Report:
    """An instructor's report; totals follow from the criteria."""
    criteria = fields.get("criteria", passed_criteria())
    defaults: dict[str, Any] = {
        "view": View.INSTRUCTOR,
        "header": HEADER,
        "student": StudentReport(key=key, display_name=name),
        "attempt": AttemptReport(source=f"class/{key}/circles.ipynb"),
        "totals": Totals(
            earned=sum((c.earned for c in criteria), Decimal(0)),
            pending=sum((c.pending for c in criteria), Decimal(0)),
            maximum=sum((c.maximum for c in criteria if not c.bonus), Decimal(0)),
        ),
        "criteria": criteria,
        "exercises": (exercise(),),
        "run": run(),
    }
    return Report(**(defaults | fields))


def full_marks() -> Report:
    return report()


def partial() -> Report:
    trained, units, _, _, _ = passed_criteria()
    advice = "Take the sigmoid out of the model, or use BCELoss."
    return report(
        name="Bianca Rossi",
        key="bianca-rossi",
        attempt=AttemptReport(number=2, of=2, source="class/bianca-rossi/attempt-2"),
        first_thing=f"The loss suits the output layer: {advice}",
        criteria=(
            trained,
            units,
            criterion(
                "output",
                "The activation of the output suits the task",
                "1",
                seen="the model ends in sigmoid",
                expected="no activation or a sigmoid on one output",
            ),
            criterion(
                "pairing",
                "The loss suits the output layer",
                "1",
                outcome=Outcome.FAILED,
                seen="the model emits probabilities; BCEWithLogitsLoss expects logits",
                expected="a loss that expects what the model emits",
                advice=advice,
                provenance=Provenance.RECORDED,
            ),
            criterion(
                "f1",
                "F1 on hidden data",
                "4",
                outcome=Outcome.PARTIAL,
                earned=Decimal("2.57"),
                seen="macro F1 is 0.9199",
                seen_by_student="macro F1 is 0.92",
                expected=EXPECTED_F1,
                advice="Train for longer: the loss was still falling when training stopped.",
                provenance=Provenance.MEASURED,
            ),
        ),
        exercises=(exercise(metrics=(hidden_metrics(0.91987654),), curve=curve(60, last=0.5)),),
        run=run(
            headline="The notebook ran to the end, but 2 of 9 cells failed for one reason.",
            cells_failed=(
                CellReport(
                    number=5,
                    state=CellState.FAILED,
                    error=CellError(
                        name="NameError",
                        message="name 'accuracy_fn' is not defined",
                        line=3,
                        source_line="acc = accuracy_fn(y, model(X).round())",
                        missing_name="accuracy_fn",
                    ),
                    consequences=(7, 8, 9),
                ),
            ),
            notices=(
                Notice(
                    kind=NoticeKind.INSTALL_IGNORED,
                    text="not carried out: pip install torchmetrics",
                    cell=1,
                ),
            ),
        ),
    )


def nothing_trained() -> Report:
    absent = "no model was trained"
    return report(
        name="Wanda Zielińska",
        key="wanda-zielinska",
        first_thing="Train a model: nothing was trained, so nothing else could be looked at.",
        criteria=(
            criterion(
                "trained",
                "A model was trained",
                "1",
                outcome=Outcome.FAILED,
                seen=absent,
                expected="a model whose parameters changed in training",
                advice="Fill in the template and train the model.",
                provenance=Provenance.RECORDED,
            ),
            *(
                c.model_copy(
                    update={
                        "outcome": Outcome.SKIPPED,
                        "earned": Decimal(0),
                        "seen": "not looked at, because no model was trained",
                        "seen_by_student": "",
                    }
                )
                for c in passed_criteria()[1:]
            ),
        ),
        exercises=(
            ExerciseReport(
                id="circles",
                task="binary",
                classes=("outer", "inner"),
                no_model="No model was trained in this notebook.",
                metrics_problem="Nothing could be measured on hidden data: no model was trained.",
            ),
        ),
        run=run(headline="The notebook ran without an error, but nothing was trained."),
    )


def crashed() -> Report:
    base = nothing_trained()
    return base.model_copy(
        update={
            "student": StudentReport(key="tomas-novak", display_name="Tomáš Novák"),
            "first_thing": "Let the loop in cell 2 end: it was still running at the limit.",
            "run": run(
                state=RunState.CPU_LIMIT,
                headline="Stopped in cell 2 after 240 s of computing time, the limit.",
                cells_total=6,
                cells_failed=(
                    CellReport(
                        number=2,
                        state=CellState.FAILED,
                        error=CellError(name="KeyboardInterrupt", source_line="while True:"),
                    ),
                    *(CellReport(number=n, state=CellState.NOT_RUN) for n in (3, 4, 5, 6)),
                ),
            ),
        }
    )


def pending() -> Report:
    trained, units, output, _, f1 = passed_criteria()
    undecided = criterion(
        "pairing",
        "The loss suits the output layer",
        "1",
        outcome=Outcome.UNDETERMINED,
        seen="could not tell which loss was used: it was written by hand",
        expected="a loss that expects what the model emits",
        advice="Your instructor will look at this by hand.",
    )
    broken = criterion(
        "optimizer",
        "An optimizer moved the parameters",
        "0.5",
        outcome=Outcome.ERROR,
        seen="the check raised KeyError: 'lr'",
        expected="an optimizer that holds the model's parameters",
        traceback="Traceback (most recent call last):\n  optimizer.py, line 9\nKeyError: 'lr'",
    )
    return report(
        name="Noor Haddad",
        key="noor-haddad",
        needs_review=True,
        review_reasons=(
            'the criterion "The loss suits the output layer" could not be decided',
            "the submission wrote to /slot/out/evidence.json and labels.npy",
        ),
        criteria=(trained, units, output, undecided, broken, f1),
        run=run(
            notices=(
                Notice(kind=NoticeKind.TAMPERING, text="evidence.json was written by a cell"),
                Notice(kind=NoticeKind.MISSING_PACKAGE, text="torchsummary is missing", cell=1),
            )
        ),
    )


HOSTILE = (
    '<script>alert("x")</script><img src=http://evil.example/x.png onerror=alert(1)>'
    " [red]bold[/red] ![p](http://evil.example/p.png) | `code` {{ 7*7 }} "
    "\x1b[31mred\x1b[0m \x07 \u202egnp.exe \u2066 http://evil.example"
)


def hostile() -> Report:
    trained, units, *_ = passed_criteria()
    return report(
        name=f"=cmd() {HOSTILE}",
        key="mallory",
        first_thing=HOSTILE,
        needs_review=True,
        review_reasons=(HOSTILE,),
        criteria=(
            trained.model_copy(update={"seen": HOSTILE, "title": HOSTILE, "advice": HOSTILE}),
            units.model_copy(update={"traceback": f"````\n{HOSTILE}\n````"}),
        ),
        exercises=(
            exercise(
                classes=("</td>$\\frac$ <b>|outer", "_内側"),
                input_names=("<i>x|1", "$x_2"),
                model=ModelReport(
                    name=HOSTILE, why=HOSTILE, framework="keras", rows=((HOSTILE,) * 3,)
                ),
            ),
        ),
        run=run(
            headline=HOSTILE,
            entry=HOSTILE,
            resources=RunReportResources(log=HOSTILE),
            packages={HOSTILE: HOSTILE, "a": "1"},
            cells_failed=(
                CellReport(
                    number=1,
                    state=CellState.FAILED,
                    error=CellError(
                        name="Oops<b>",
                        message=HOSTILE,
                        line=1,
                        source_line=f"```\n{HOSTILE}\n````",
                    ),
                ),
            ),
            notices=(Notice(kind=NoticeKind.SHELL_IGNORED, text=HOSTILE, cell=1),),
        ),
    )


ALL = (full_marks, partial, nothing_trained, crashed, pending, hostile)
