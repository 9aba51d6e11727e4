"""The two views of a report: the instructor's holds everything, the student's what may go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from grader.checks.base import Outcome
from grader.evidence import Notice, NoticeKind, Provenance
from grader.report.model import (
    CellReport,
    ClassScores,
    CriterionReport,
    DiagnosisReport,
    ExerciseReport,
    MetricsReport,
    ModelReport,
    Report,
    RunReport,
    View,
)

NOT_PUBLISHED: Final = "what exactly is asked for is not published"
BY_HAND: Final = "Your instructor will look at this by hand."

_PRIVATE_SEEN: Final[Mapping[Outcome, str]] = {
    Outcome.PASSED: "what is asked for is there",
    Outcome.PARTIAL: "what is asked for is there in part",
    Outcome.FAILED: "what is asked for is not there",
    Outcome.UNDETERMINED: "this could not be told automatically",
    Outcome.SKIPPED: "this was not looked at, because something that it builds on is missing",
    Outcome.ERROR: "this could not be told automatically",
}
_OUR_FAILURE: Final = "the grader itself failed here; this is not about your work"

_LONG_NUMBER: Final = re.compile(r"(?<![\w.])\d+\.\d{3,}(?!\w)")
_HIDDEN_SCORE: Final = re.compile(
    r"\bhidden (data|set|rows|accuracy|precision|recall|f1|score)|\b(accuracy|f1)\b", re.IGNORECASE
)
_FILE: Final = re.compile(
    r"""["'`“]?(?:
        (?<![\w.])(?:[A-Za-z]:|~|\.{1,2})?[/\\][\w.*~/\\-]+   # a path from some root
        | [\w.*~/\\-]*\.(?:py|pyc|ipynb|json|jsonl|toml|np[yz]|csv|tsv|txt|log|zip|tar|gz|pkl
            |pickle|pth?|pt2|h5|keras|onnx|so|md|html|sqlite3?|db|ya?ml|sh|cfg|ini|key|pem)\b
    )["'`”]?""",
    re.VERBOSE | re.IGNORECASE,
)
_FILES: Final = re.compile(r"\ba file(?:(?:,| and|, and) a file)+")
_OUR_LIBRARIES: Final = re.compile(r"(?:/[^\s/'\"():,;]+)*/(?:site|dist)-packages/")
_OUR_PYTHON: Final = re.compile(r"(?:/[^\s/'\"():,;]+)*/lib/python3\.\d+/")


def student_view(report: Report) -> Report:
    """Turn an instructor's report into what may leave the house.

    Hidden metrics are rounded to two decimals, confusion matrices become shares of the true class;
    what is for instructors only, or would give away a private criterion, is taken out.

    Args:
        report: The instructor's; a student's is returned as it is.
    """
    if report.view is View.STUDENT:
        return report
    wordings = _wordings(report.criteria)
    return report.model_copy(
        update={
            "view": View.STUDENT,
            "attempt": report.attempt.model_copy(update={"source": ""}),
            "first_thing": _replaced(report.first_thing, wordings),
            "review_reasons": tuple(
                _without_files(_replaced(_first_line(reason), wordings))
                for reason in report.review_reasons
            ),
            "criteria": tuple(_criterion(criterion) for criterion in report.criteria),
            "exercises": tuple(_exercise(exercise) for exercise in report.exercises),
            "run": _run(report.run),
        }
    )


def _criterion(criterion: CriterionReport) -> CriterionReport:
    changes = {
        "traceback": "",
        "seen_by_student": "",
        "seen": criterion.seen_by_student or criterion.seen,
        "expected": criterion.expected,
        "advice": criterion.advice,
    }
    if criterion.provenance is Provenance.MEASURED:
        public = criterion.expected
        changes["seen"] = _rounded_numbers(changes["seen"], public)
        changes["advice"] = _rounded_numbers(changes["advice"], public)
    if criterion.outcome is Outcome.ERROR:
        changes |= {"seen": _OUR_FAILURE, "advice": BY_HAND}
    if criterion.private:
        if re.search(r"\d", changes["seen"]):
            changes["seen"] = _PRIVATE_SEEN[criterion.outcome]
        changes |= {"expected": NOT_PUBLISHED, "advice": _private_advice(criterion)}
    return criterion.model_copy(update=changes)


def _private_advice(criterion: CriterionReport) -> str:
    if criterion.outcome is Outcome.PASSED:
        return ""
    if criterion.outcome.is_pending:
        return BY_HAND
    return f"Ask your instructor about “{criterion.title}”."


def _wordings(criteria: tuple[CriterionReport, ...]) -> dict[str, str]:
    """What a student reads instead of the texts of criteria, where these are quoted elsewhere."""
    wordings: dict[str, str] = {}
    for criterion in criteria:
        shown = _criterion(criterion)
        for before, after in (
            (criterion.seen, shown.seen),
            (criterion.expected, shown.expected),
            (criterion.advice, shown.advice),
            (criterion.traceback, ""),
        ):
            if before and before != after:
                wordings[before] = after
        if criterion.provenance is Provenance.MEASURED:
            for number in _LONG_NUMBER.findall(criterion.seen):
                wordings[number] = _rounded_numbers(number, criterion.expected)
    return dict(sorted(wordings.items(), key=lambda pair: -len(pair[0])))


def _replaced(text: str, wordings: Mapping[str, str]) -> str:
    for before, after in wordings.items():
        text = text.replace(before, after)
        capitalised = before[:1].upper() + before[1:]
        text = text.replace(capitalised, after[:1].upper() + after[1:])
    return text


def _rounded_numbers(text: str, public: str = "") -> str:
    """Round every number with more than two decimals that does not stand in ``public``."""
    known = set(_LONG_NUMBER.findall(public))

    def rounded(found: re.Match[str]) -> str:
        number = found.group()
        if number in known:
            return number
        return str(Decimal(number).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))

    return _LONG_NUMBER.sub(rounded, text)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _without_files(text: str) -> str:
    return _FILES.sub("files", _FILE.sub("a file", text))


def _without_our_paths(text: str) -> str:
    return _OUR_PYTHON.sub("…/", _OUR_LIBRARIES.sub("…/", text))


def _exercise(exercise: ExerciseReport) -> ExerciseReport:
    return exercise.model_copy(
        update={
            "model": None if exercise.model is None else _model(exercise.model),
            "metrics": tuple(_metrics(metrics) for metrics in exercise.metrics),
            "diagnoses": tuple(_diagnosis(diagnosis) for diagnosis in exercise.diagnoses),
        }
    )


def _diagnosis(diagnosis: DiagnosisReport) -> DiagnosisReport:
    """Round what was measured, on hidden data perhaps."""
    if diagnosis.provenance is not Provenance.MEASURED:
        return diagnosis
    texts = {name: _rounded_numbers(getattr(diagnosis, name)) for name in ("seen", "change")}
    return diagnosis.model_copy(update=texts)


def _model(model: ModelReport) -> ModelReport:
    """Keep what was built and how it was trained; drop how well any candidate did when hidden."""
    measured = Provenance.MEASURED
    return model.model_copy(
        update={
            "rows": tuple(
                (what, _rounded_numbers(value) if provenance == measured else value, provenance)
                for what, value, provenance in model.rows
            ),
            "others": tuple(filter(None, (_without_scores(other) for other in model.others))),
        }
    )


def _without_scores(text: str) -> str:
    """Drop the parts of a sentence, set apart by commas, semicolons or brackets, that give one."""
    parts = re.split(r"(?=(?<!\s)\s*[;,(])", text)
    return "".join(p for p in parts if not (_HIDDEN_SCORE.search(p) and re.search(r"\d", p)))


def _metrics(metrics: MetricsReport) -> MetricsReport:
    is_hidden = metrics.split == "hidden"
    changes = {"confusion": tuple(_shares(row) for row in metrics.confusion)}
    if not is_hidden:
        return metrics.model_copy(update=changes)
    scores = tuple(
        ClassScores(
            name=entry.name,
            precision=round(entry.precision, 2),
            recall=round(entry.recall, 2),
            f1=round(entry.f1, 2),
        )
        for entry in metrics.scores
    )
    return metrics.model_copy(
        update=changes | {"accuracy": round(metrics.accuracy, 2), "scores": scores}
    )


def _shares(row: tuple[float, ...]) -> tuple[float, ...]:
    total = sum(row)
    return tuple(round(count / total, 2) if total else 0.0 for count in row)


def _run(run: RunReport) -> RunReport:
    return run.model_copy(
        update={
            "resources": run.resources.model_copy(update={"log": ""}),
            "headline": _without_our_paths(run.headline),
            "notices": tuple(_notice(notice) for notice in run.notices),
            "cells_failed": tuple(_cell(cell) for cell in run.cells_failed),
        }
    )


def _notice(notice: Notice) -> Notice:
    is_tampering = notice.kind is NoticeKind.TAMPERING
    text = _without_files(notice.text) if is_tampering else _without_our_paths(notice.text)
    return notice.model_copy(update={"text": text})


def _cell(cell: CellReport) -> CellReport:
    if cell.error is None:
        return cell
    message = _without_our_paths(cell.error.message)
    return cell.model_copy(update={"error": cell.error.model_copy(update={"message": message})})
