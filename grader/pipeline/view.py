"""From what one run left behind to what a check sees of one exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from grader.choice import Choice, Wanted, choose
from grader.evidence import (
    Candidate,
    CellRun,
    CellState,
    Evidence,
    ExerciseBrief,
    Fact,
    LossDescription,
    Measurement,
    ModelDescription,
    Notice,
    NoticeKind,
    OptimizerDescription,
    Prediction,
    Preprocessing,
    Provenance,
    RunRecord,
    RunState,
    ScoreKind,
    Split,
    TrainingStory,
    absent,
    known,
    unknown,
)
from grader.evidence.facts import MAX_PHRASE
from grader.intake.model import Problem
from grader.metrics import measure_prediction
from grader.report.text import shortened

Array = npt.NDArray[Any]
Described = TypeVar(
    "Described", ModelDescription, LossDescription, OptimizerDescription, Preprocessing
)
_LIMITS = (
    RunState.CPU_LIMIT,
    RunState.WALL_TIME_LIMIT,
    RunState.MEMORY_LIMIT,
    RunState.PROCESS_LIMIT,
    RunState.DISK_LIMIT,
    RunState.KERNEL_DIED,
)


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of the splits of one exercise; never inside a sandbox.

    Attributes:
        hidden: int64 ``(N,)``.
        validation: int64 ``(M,)``.
    """

    hidden: Array
    validation: Array


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """What was found out about one exercise.

    Attributes:
        evidence: For the checks.
        choice: Which model, and why.
        candidate: That model; ``None`` where there is none.
    """

    evidence: Evidence
    choice: Choice | None
    candidate: Candidate | None


def view_exercise(
    record: RunRecord,
    problem: Problem | None,
    arrays: Mapping[str, Array],
    brief: ExerciseBrief,
    labels: Labels,
    *,
    exercises: int,
    wanted: Wanted | None = None,
) -> ExerciseView:
    """Gather the evidence on one exercise.

    Args:
        record: Of the attempt.
        problem: Why it could not be run at all; ``None`` if it could.
        arrays: Its stored predictions, by file name.
        brief: The exercise.
        labels: Its labels.
        exercises: How many exercises the assignment has.
        wanted: The model that the instructor wants graded, if one was named.
    """
    nothing = _why_nothing(record, problem)
    if nothing is not None:
        return ExerciseView(_evidence_without_model(brief, nothing), None, None)
    candidates = _candidates(record)
    choice = choose(candidates, brief, exercises=exercises, wanted=wanted)
    chosen = next((c for c in candidates if c.id == choice.candidate_id), None)
    if chosen is None:
        reason = _why_untrained(record, choice)
        evidence = _evidence_without_model(brief, reason)
        if reason.is_absent and candidates and not failed_cells(record):
            evidence = _with_idle_model(evidence, candidates[-1])
        return ExerciseView(evidence, choice, None)
    evidence = Evidence(
        brief=brief,
        model=chosen.model,
        loss=chosen.loss,
        optimizer=chosen.optimizer,
        training=chosen.training,
        preprocessing=chosen.preprocessing,
        is_trained=known(True, provenance=Provenance.RECORDED),
        hidden=_measured(
            record.hidden.get(chosen.id, ()), Split.HIDDEN, chosen, arrays, brief, labels.hidden
        ),
        validation=_measured(
            chosen.predictions, Split.VALIDATION, chosen, arrays, brief, labels.validation
        ),
    )
    return ExerciseView(evidence, choice, chosen)


def failed_cells(record: RunRecord) -> tuple[CellRun, ...]:
    """Cells that failed and are not mere consequences of another."""
    cells = record.testimony.cells if record.testimony else ()
    return tuple(
        cell
        for cell in cells
        if cell.state is CellState.FAILED
        and not (cell.error and cell.error.caused_by_cell is not None)
    )


def describe_failure(cell: CellRun) -> str:
    """Say in a few words why a cell failed."""
    if cell.error is None:
        return f"cell {cell.number} did not run to its end"
    message = cell.error.message.splitlines()[0] if cell.error.message else ""
    text = f"{cell.error.name}: {message}" if message else cell.error.name
    return f"cell {cell.number} failed with {text[:200]}"


def lacking_package(record: RunRecord) -> Notice | None:
    """The first package that the code wanted and our environment lacks, if there is one."""
    notices = record.testimony.notices if record.testimony else ()
    return next((each for each in notices if each.kind is NoticeKind.MISSING_PACKAGE), None)


def _candidates(record: RunRecord) -> Sequence[Candidate]:
    return record.testimony.examination.candidates if record.testimony else ()


def _absent(reason: str) -> Fact[bool]:
    return absent(shortened(reason, MAX_PHRASE))


def _unknown(reason: str) -> Fact[bool]:
    return unknown(shortened(reason, MAX_PHRASE))


def _why_nothing(record: RunRecord, problem: Problem | None) -> Fact[bool] | None:
    """Why there is no evidence about any model at all; ``None`` if there may be."""
    outcome = record.outcome
    if problem is not None:
        return _unknown(problem.detail) if problem.kind.needs_review else _absent(problem.detail)
    if outcome.state is RunState.GRADER_FAILED:
        return _unknown(f"the grader failed, not the submission: {outcome.detail}")
    if outcome.state in _LIMITS:
        where = f" (in cell {outcome.cell})" if outcome.cell else ""
        return _absent(outcome.detail.rstrip(".") + where)
    if record.testimony is None:
        return _unknown("the run left no evidence behind")
    examination = record.testimony.examination
    if examination.problem:
        return _unknown(examination.problem)
    tampering = [n for n in examination.notices if n.kind is NoticeKind.TAMPERING]
    if tampering:
        return _unknown(f"signs of tampering: {tampering[0].text}")
    if any(_contradicts_itself(candidate) for candidate in examination.candidates):
        return _unknown("signs of tampering: the evidence on the training contradicts itself")
    return None


def _contradicts_itself(candidate: Candidate) -> bool:
    """Whether a model is said to be trained by a training that was not there."""
    training = candidate.training
    nothing = training.gradients.is_absent or training.parameters_changed.value is False
    return candidate.is_trained and (nothing or not candidate.last_trained)


def _why_untrained(record: RunRecord, choice: Choice) -> Fact[bool]:
    """Why no model was chosen: a missing package is ours to look at, a failed cell is not."""
    if choice.is_unclear:
        return _unknown(choice.why)
    lacking = lacking_package(record)
    if lacking is not None:
        return _unknown(lacking.text)
    failed = failed_cells(record)
    if failed:
        return _absent(f"{choice.why.rstrip('.')}; {describe_failure(failed[0])}")
    return _absent(choice.why)


def _evidence_without_model(brief: ExerciseBrief, reason: Fact[bool]) -> Evidence:
    """Every fact absent or unknown for one and the same reason."""
    blank: dict[str, Any] = {
        "state": reason.state,
        "reason": reason.reason,
        "provenance": reason.provenance,
    }
    return Evidence(
        brief=brief,
        model=_all_facts(ModelDescription(), blank),
        loss=_all_facts(LossDescription(), blank),
        optimizer=_all_facts(OptimizerDescription(), blank),
        training=TrainingStory(
            **{name: blank for name, value in TrainingStory() if isinstance(value, Fact)}
        ),
        preprocessing=_all_facts(Preprocessing(), blank),
        is_trained=reason,
        hidden=Fact[Measurement](**blank),
        validation=Fact[Measurement](**blank),
    )


def _all_facts(description: Described, blank: dict[str, Any]) -> Described:
    facts = {name: blank for name, value in description if isinstance(value, Fact)}
    return type(description).model_validate(facts)


def _with_idle_model(evidence: Evidence, idle: Candidate) -> Evidence:
    """Tell what is known of a model that was built but not trained, for better advice."""
    if idle.is_trained:
        return evidence
    return evidence.model_copy(
        update={
            "training": idle.training,
            "optimizer": idle.optimizer,
            "is_trained": known(False, provenance=Provenance.RECORDED),
        }
    )


def _measured(
    predictions: Sequence[Prediction],
    split: Split,
    candidate: Candidate,
    arrays: Mapping[str, Array],
    brief: ExerciseBrief,
    labels: Array,
) -> Fact[Measurement]:
    for prediction in predictions:
        if prediction.exercise == brief.id and prediction.split is split:
            kind = decision_kind(candidate)
            return measure_prediction(prediction, arrays, labels, brief, kind)
    route = candidate.hidden_route.get(brief.id)
    reason = route.reason if route is not None and not route.is_known else ""
    return unknown(reason or f"the model was not asked about the {split} rows")


def decision_kind(candidate: Candidate) -> Fact[ScoreKind]:
    """What a model's scores are decided by.

    A ReLU or tanh leaves values that are neither logits nor probabilities; where the loss took
    them for logits as they are, they are meant as logits.
    """
    emits, loss = candidate.model.emits, candidate.loss
    if (
        emits.value is ScoreKind.VALUES
        and loss.expects.value is ScoreKind.LOGITS
        and loss.outside_activation.value == "linear"
    ):
        return known(ScoreKind.LOGITS, provenance=loss.expects.provenance)
    return emits


def plot_decisions(
    candidate: Candidate, arrays: Mapping[str, Array], brief: ExerciseBrief
) -> Array | None:
    """Decided classes over the plotting grid; ``None`` where they are not known."""
    from grader.metrics import UndecidableError, decide

    for prediction in candidate.predictions:
        if prediction.exercise != brief.id or prediction.split is not Split.PLOT:
            continue
        if prediction.labels.is_known:
            array = arrays.get(prediction.labels.known_value.file)
            if array is None or array.dtype.kind not in "iub":
                return None
            return array.astype(np.int64).reshape(-1)
        if prediction.scores.is_known:
            scores = arrays.get(prediction.scores.known_value.file)
            kind = decision_kind(candidate)
            if scores is None or not np.isfinite(scores).all():
                return None
            try:
                value = kind.value if kind.is_known else None
                return np.asarray(decide(scores, value, brief.task, len(brief.classes)))
            except UndecidableError:
                return None
    return None
