"""From stored evidence to a report: pure but for the clock that it does not look at."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader import __version__
from grader.assignment import Exercise
from grader.checks.base import Finding, Outcome
from grader.checks.run import run_check
from grader.evidence import Evidence, RunOutcome, RunRecord, RunState
from grader.pipeline.describe import (
    boundary,
    describe_model,
    describe_run,
    first_thing_to_mend,
    metrics_of,
    no_model_sentence,
)
from grader.pipeline.diagnosis import findings_of
from grader.pipeline.overrides import wanted_model
from grader.pipeline.setting import Setting
from grader.pipeline.store import Attempt
from grader.pipeline.view import ExerciseView, Labels, view_exercise
from grader.report.model import (
    AttemptReport,
    CriterionReport,
    ExerciseReport,
    Header,
    Report,
    StudentReport,
    Totals,
    View,
)
from grader.rubric.model import Alternative, Criterion
from grader.rubric.points import CriterionPoints, best_finding, score_criterion, total


@dataclass(frozen=True, slots=True)
class _Judged:
    criterion: Criterion
    check: str
    finding: Finding
    points: CriterionPoints
    traceback: str = ""


def judge(attempt: Attempt, setting: Setting, *, attempts: int) -> Report:
    """Judge one attempt by the rubric as it is now; runs no student code.

    Args:
        attempt: The stored evidence.
        setting: The assignment, its rubric and its labels.
        attempts: How many attempts the student made in all.

    Returns:
        The instructor's report. Evidence that cannot be made sense of, forged perhaps, is our
        failure in this one report: points are pending, and the class goes on.
    """
    try:
        return _report(attempt, setting, attempts)
    except Exception:  # noqa: BLE001  # one forged testimony must not keep a class from its reports
        return _report(_unusable(attempt, traceback.format_exc()), setting, attempts)


def _unusable(attempt: Attempt, log: str) -> Attempt:
    detail = "what the run left behind could not be made sense of"
    outcome = RunOutcome(state=RunState.GRADER_FAILED, detail=detail)
    changes: dict[str, Any] = {"outcome": outcome, "testimony": None, "hidden": {}}
    return replace(attempt, record=attempt.record.model_copy(update=changes), arrays={}, log=log)


def _report(attempt: Attempt, setting: Setting, attempts: int) -> Report:
    record, handed_in = attempt.record, attempt.handed_in
    views = {
        exercise.id: _view(attempt, exercise, setting) for exercise in setting.assignment.exercises
    }
    cause = first_thing_to_mend(record, handed_in)
    judged = [
        _with_cause(_judge_criterion(each, views, setting), cause)
        for each in setting.rubric.criteria
    ]
    totals = total(each.points for each in judged)
    reasons = _review_reasons(judged)
    return Report(
        view=View.INSTRUCTOR,
        header=_header(setting, record),
        student=StudentReport(key=handed_in.key, display_name=handed_in.display_name),
        attempt=AttemptReport(
            number=handed_in.attempt,
            of=attempts,
            source=handed_in.source,
            notes=handed_in.notes,
        ),
        totals=Totals(earned=totals.earned, pending=totals.pending, maximum=totals.maximum),
        first_thing=cause or _first_advice(judged),
        needs_review=bool(reasons),
        review_reasons=reasons,
        criteria=tuple(_criterion_report(each, setting) for each in judged),
        exercises=tuple(
            _exercise_report(exercise, views[exercise.id], attempt, setting)
            for exercise in setting.assignment.exercises
        ),
        run=describe_run(record, handed_in, attempt.log),
    )


def _view(attempt: Attempt, exercise: Exercise, setting: Setting) -> ExerciseView:
    labels = Labels(
        hidden=setting.hidden[exercise.id].labels,
        validation=setting.public[exercise.id].validation.labels,
    )
    return view_exercise(
        attempt.record,
        attempt.handed_in.problem,
        attempt.arrays,
        exercise.brief(),
        labels,
        exercises=len(setting.assignment.exercises),
        wanted=wanted_model(setting.overrides, student=attempt.handed_in.key, exercise=exercise.id),
    )


def _judge_criterion(
    criterion: Criterion, views: Mapping[str, ExerciseView], setting: Setting
) -> _Judged:
    evidence = views[_exercise_of(criterion, setting)].evidence
    ways = criterion.any_of or (Alternative(check=criterion.check or "", params=criterion.params),)
    findings, tracebacks = [], []
    for way in ways:
        finding, text = _run_check(way.check, way.params, evidence, setting)
        findings.append(finding)
        tracebacks.append(text)
    best = best_finding(criterion, findings)
    points = score_criterion(criterion, findings[best])
    return _Judged(criterion, ways[best].check, findings[best], points, tracebacks[best])


def _with_cause(judged: _Judged, cause: str) -> _Judged:
    """Give the advice that goes to the root, where a crash or a limit is why a check failed."""
    if not cause or judged.finding.outcome is not Outcome.FAILED:
        return judged
    return replace(judged, finding=replace(judged.finding, advice=cause))


def _run_check(
    check: str, params: Mapping[str, Any], evidence: Evidence, setting: Setting
) -> tuple[Finding, str]:
    """Run a check; one that raises is our failure, and a person looks at it."""
    try:
        return run_check(check, params, evidence, setting.checks), ""
    except Exception:  # noqa: BLE001  # the one place where a check's exception becomes a finding
        finding = Finding(
            outcome=Outcome.ERROR,
            seen="this check could not be carried out: a fault of the grader, not of your work",
            expected="",
            advice="Your instructor will look at this by hand.",
        )
        return finding, traceback.format_exc()


def _exercise_of(criterion: Criterion, setting: Setting) -> str:
    return criterion.exercise or setting.assignment.exercises[0].id


def _criterion_report(judged: _Judged, setting: Setting) -> CriterionReport:
    criterion, finding = judged.criterion, judged.finding
    return CriterionReport(
        id=criterion.id,
        title=criterion.title or setting.checks[judged.check].title,
        check=judged.check,
        exercise=_exercise_of(criterion, setting),
        outcome=finding.outcome,
        earned=judged.points.earned,
        pending=judged.points.pending,
        maximum=judged.points.maximum,
        bonus=criterion.bonus,
        private=criterion.private,
        seen=finding.seen,
        seen_by_student=finding.seen_by_student,
        expected=finding.expected,
        advice=finding.advice,
        provenance=finding.provenance,
        traceback=judged.traceback,
    )


def _review_reasons(judged: list[_Judged]) -> tuple[str, ...]:
    """Why a person must look: each reason once, in the order of the criteria.

    What was not looked at only because of another reason is told with that one.
    """
    reasons = [
        each.finding.seen
        if each.finding.outcome is Outcome.UNDETERMINED
        else f"the check {each.check} raised an error"
        for each in judged
        if each.finding.outcome.is_pending
    ]
    return tuple(
        reason
        for reason in dict.fromkeys(reasons)
        if not any(other != reason and reason.endswith(other) for other in reasons)
    )


def _first_advice(judged: list[_Judged]) -> str:
    """The advice of the first criterion that failed, else of the first earned in part."""
    for outcome in (Outcome.FAILED, Outcome.PARTIAL):
        for each in judged:
            if each.finding.outcome is outcome and each.finding.advice:
                return each.finding.advice
    return ""


def _exercise_report(
    exercise: Exercise, view: ExerciseView, attempt: Attempt, setting: Setting
) -> ExerciseReport:
    evidence = view.evidence
    problem = "" if evidence.hidden.is_known else evidence.hidden.reason
    candidate = view.candidate
    return ExerciseReport(
        id=exercise.id,
        task=str(exercise.task),
        classes=exercise.classes,
        input_names=exercise.data.input_names,
        model=describe_model(candidate, view.choice) if candidate and view.choice else None,
        no_model="" if candidate else no_model_sentence(view),
        metrics=metrics_of(evidence),
        metrics_problem=problem if candidate else "",
        curve=candidate.training.curve if candidate else (),
        curve_of=candidate.training.curve_of if candidate else "",
        boundary=boundary(candidate, attempt.arrays, exercise.brief(), setting)
        if candidate
        else None,
        diagnoses=findings_of(
            view,
            attempt.record,
            attempt.arrays,
            exercise.brief(),
            setting.public[exercise.id].validation.labels,
        ).diagnoses(),
    )


def _header(setting: Setting, record: RunRecord) -> Header:
    testimony = record.testimony
    return Header(
        course=setting.course.title,
        term=setting.course.term,
        assignment=setting.assignment.id,
        title=setting.assignment.title,
        grader_version=__version__,
        rubric_sha256=setting.rubric.sha256,
        assignment_sha256=setting.assignment.sha256,
        submission_sha256=record.submission_sha256,
        secret_fingerprint=setting.secret_fingerprint,
        seed=testimony.environment.seed if testimony else 0,
    )
