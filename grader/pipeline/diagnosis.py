"""Gathers what diagnoses rest on, and puts them into the form of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.diagnoses import diagnose
from grader.diagnoses.base import Case, DecisionComparison, Diagnosis
from grader.evidence import (
    Candidate,
    CellError,
    Evidence,
    ExerciseBrief,
    Framework,
    Provenance,
    RunRecord,
    Split,
    Task,
    absent,
    known,
)
from grader.metrics import UndecidableError, decide
from grader.pipeline.view import ExerciseView, decision_kind
from grader.report.model import DiagnosisReport

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Findings:
    """One model, or a run without any, ready to be diagnosed.

    Attributes:
        candidate: The model; ``None`` where there is none.
        evidence: What the checks see of it; made from the candidate if ``None``.
        brief: The exercise; ``None`` where there is none.
        errors: Why cells failed.
        decided: How the student's ``predict`` decided.
        imported: Frameworks that the code imported.
    """

    candidate: Candidate | None = None
    evidence: Evidence | None = None
    brief: ExerciseBrief | None = None
    errors: tuple[CellError, ...] = ()
    decided: DecisionComparison | None = None
    imported: tuple[Framework, ...] = ()

    def diagnoses(self, *, notes: bool = False) -> tuple[DiagnosisReport, ...]:
        """Root causes first.

        Args:
            notes: Whether harmless findings are told, too.
        """
        case = Case(
            evidence=self.evidence or evidence_of(self.candidate),
            brief=self.brief,
            errors=self.errors,
            decided=self.decided,
            framework=self._framework(),
        )
        return tuple(_reported(each) for each in diagnose(case, notes=notes))

    def _framework(self) -> Framework | None:
        if self.candidate is not None:
            return self.candidate.framework
        return self.imported[0] if len(self.imported) == 1 else None


def evidence_of(candidate: Candidate | None) -> Evidence:
    """What is known of a model without an exercise."""
    if candidate is None:
        return Evidence()
    reason = "no parameter changed"
    return Evidence(
        model=candidate.model,
        loss=candidate.loss,
        optimizer=candidate.optimizer,
        training=candidate.training,
        preprocessing=candidate.preprocessing,
        is_trained=known(True, provenance=Provenance.RECORDED)
        if candidate.is_trained
        else absent(reason),
    )


def errors_of(record: RunRecord) -> tuple[CellError, ...]:
    """Why cells failed, in order."""
    cells = record.testimony.cells if record.testimony else ()
    return tuple(cell.error for cell in cells if cell.error is not None)


def findings_of(
    view: ExerciseView,
    record: RunRecord,
    arrays: Mapping[str, Array],
    brief: ExerciseBrief,
    validation_labels: Array,
) -> Findings:
    """What is diagnosed for one exercise.

    Args:
        view: What was found out about it.
        record: Of the attempt.
        arrays: Its stored predictions, by file name.
        brief: The exercise.
        validation_labels: int64 ``(M,)``, or ``(M, L)`` of 0 and 1.

    Returns:
        About the chosen model. Where none was chosen although the run can be judged: about the
        model that was built last, if none was trained, else about the errors alone.
    """
    errors = errors_of(record)
    if view.candidate is not None:
        decided = _decided(view.candidate, arrays, brief, validation_labels)
        return Findings(view.candidate, view.evidence, brief, errors, decided)
    if view.choice is None or view.choice.is_unclear or record.testimony is None:
        return Findings()
    idle = [c for c in record.testimony.examination.candidates if not c.is_trained]
    if idle and not any(c.is_trained for c in record.testimony.examination.candidates):
        return Findings(idle[-1], evidence_of(idle[-1]), brief, errors)
    imported = record.testimony.examination.modules_loaded
    return Findings(brief=brief, errors=errors, imported=imported)


def _decided(
    candidate: Candidate, arrays: Mapping[str, Array], brief: ExerciseBrief, y_true: Array
) -> DecisionComparison | None:
    """Compare the labels of ``predict`` on validation rows with those that the outputs mean."""
    if brief.id in candidate.refused:
        refused = candidate.refused[brief.id]
        return DecisionComparison(len(y_true), 0, (), given=0, decided=0, refused=refused)
    for prediction in candidate.predictions:
        is_ours = prediction.exercise == brief.id and prediction.split is Split.VALIDATION
        if not is_ours or not prediction.labels.is_known or not prediction.scores.is_known:
            continue
        given = arrays.get(prediction.labels.known_value.file)
        scores = arrays.get(prediction.scores.known_value.file)
        kind = decision_kind(candidate)
        if given is None or scores is None or not np.isfinite(scores).all():
            return None
        try:
            decided = np.asarray(
                decide(
                    scores, kind.value if kind.is_known else None, brief.task, len(brief.classes)
                )
            )
        except UndecidableError:
            return None
        return _compared(given, decided, y_true, is_multilabel=brief.task is Task.MULTILABEL)
    return None


def _compared(
    given: Array, decided: Array, y_true: Array, *, is_multilabel: bool
) -> DecisionComparison:
    same_shape = given.shape == decided.shape
    fits = decided.shape == y_true.shape

    def share(labels: Array) -> float | None:
        if labels.shape != y_true.shape:
            return None
        right = labels == y_true
        return float((right.all(axis=1) if is_multilabel else right).mean())

    equal = given == decided if same_shape else np.zeros(len(decided), dtype=bool)
    return DecisionComparison(
        rows=len(decided),
        agreeing=int((equal.all(axis=1) if equal.ndim > 1 else equal).sum()),
        shape=tuple(int(size) for size in given.shape),
        given=len(np.unique(given, axis=0)),
        decided=len(np.unique(decided, axis=0)),
        given_accuracy=share(given),
        decided_accuracy=share(decided) if fits else None,
    )


def _reported(diagnosis: Diagnosis) -> DiagnosisReport:
    return DiagnosisReport(
        id=diagnosis.id,
        severity=diagnosis.severity.value,
        title=diagnosis.title,
        seen=diagnosis.seen,
        why=diagnosis.why,
        change=diagnosis.change,
        follows=tuple(each.sentence for each in diagnosis.follows),
        provenance=diagnosis.provenance,
    )
