"""The student's view holds nothing that may not leave the house."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from grader.checks.base import Outcome
from grader.evidence import CellError, CellState, Provenance
from grader.report.model import (
    CellReport,
    ClassScores,
    CriterionReport,
    MetricsReport,
    ModelReport,
    Report,
    View,
)
from grader.report.views import BY_HAND, NOT_PUBLISHED, student_view
from report.sample_reports import (
    ALL,
    criterion,
    exercise,
    full_marks,
    hidden_metrics,
    partial,
    pending,
    report,
    run,
)


def decimals(number: float) -> int:
    return len(repr(number).partition(".")[2].rstrip("0"))


def numbers_of(metrics: MetricsReport) -> list[float]:
    scores = [value for s in metrics.scores for value in (s.precision, s.recall, s.f1)]
    return [metrics.accuracy, *scores, *(value for row in metrics.confusion for value in row)]


def of_id(viewed: Report, name: str) -> CriterionReport:
    return next(c for c in viewed.criteria if c.id == name)


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_metric_has_more_than_two_decimals(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - made-up metrics
    names = [f"class {index}" for index in range(rng.randint(2, 9))]
    metrics = MetricsReport(
        split="hidden",
        samples=2000,
        accuracy=rng.random(),
        scores=tuple(
            ClassScores(name=n, precision=rng.random(), recall=rng.random(), f1=rng.random())
            for n in names
        ),
        confusion=tuple(tuple(rng.randint(0, 700) for _ in names) for _ in names),
    )
    seen = f"macro F1 is {rng.random():.4f}, accuracy {rng.random():.6f}"
    measured = criterion(
        "f1", "F1", "4", seen=seen, expected="0.975", provenance=Provenance.MEASURED
    )

    viewed = student_view(
        report(
            criteria=(measured,),
            first_thing=f"F1: {seen}",
            review_reasons=(f"close to a threshold: {seen}",),
            exercises=(exercise(metrics=(metrics,)),),
        )
    )

    assert max(decimals(n) for n in numbers_of(viewed.exercises[0].metrics[0])) <= 2
    texts = (viewed.criteria[0].seen, viewed.first_thing, *viewed.review_reasons)
    assert not [text for text in texts if re.search(r"\.\d{3}", text)]
    assert viewed.criteria[0].expected == "0.975"


def test_confusion_matrix_becomes_shares_of_the_true_class() -> None:
    viewed = student_view(full_marks())

    assert viewed.exercises[0].metrics[0].confusion == ((1.0, 0.0), (0.01, 0.99))


def test_a_class_without_rows_has_shares_of_zero() -> None:
    metrics = hidden_metrics().model_copy(update={"confusion": ((0, 0), (3, 1))})

    viewed = student_view(report(exercises=(exercise(metrics=(metrics,)),)))

    assert viewed.exercises[0].metrics[0].confusion == ((0.0, 0.0), (0.75, 0.25))


def test_public_metrics_are_not_rounded() -> None:
    metrics = hidden_metrics().model_copy(update={"split": "validation"})

    viewed = student_view(report(exercises=(exercise(metrics=(metrics,)),)))

    assert viewed.exercises[0].metrics[0].accuracy == metrics.accuracy


def test_the_student_reads_the_students_wording() -> None:
    f1 = of_id(student_view(full_marks()), "f1")

    assert f1.seen == "macro F1 is 0.99"
    assert f1.seen_by_student == ""


def test_what_is_for_instructors_only_is_gone() -> None:
    whole = pending()
    viewed = student_view(whole)

    text = viewed.model_dump_json()
    assert viewed.view is View.STUDENT
    assert whole.attempt.source not in text
    assert whole.run.resources.log not in text
    assert "Traceback" not in text
    assert "KeyError" not in text
    assert of_id(viewed, "optimizer").advice == BY_HAND
    assert of_id(viewed, "optimizer").pending == Decimal("0.5")


def test_review_reasons_say_why_without_naming_files() -> None:
    viewed = student_view(pending())

    assert viewed.needs_review
    assert viewed.review_reasons == (
        'the criterion "The loss suits the output layer" could not be decided',
        "the submission wrote to files",
    )
    assert viewed.run.notices[0].text == "a file was written by a cell"
    assert viewed.run.notices[1].text == "torchsummary is missing"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("wrote C:\\slot\\x and ../out", "wrote files"),
        ("changed `evidence.json`, results.npy", "changed files"),
        ("the F1 of 0.92 is near 0.90; softmax/log-softmax", None),
        ("torch.nn.Linear was replaced", None),
        ("a check raised\n  File /srv/x.py, line 3", "a check raised"),
    ],
)
def test_only_file_names_are_taken_out_of_reasons(reason: str, shown: str | None) -> None:
    viewed = student_view(report(needs_review=True, review_reasons=(reason,)))

    assert viewed.review_reasons == (reason if shown is None else shown,)


def private(outcome: Outcome, **fields: object) -> Report:
    secret = criterion(
        "f1",
        "F1 on hidden data",
        "4",
        outcome=outcome,
        private=True,
        seen="macro F1 is 0.8123",
        expected="at least 0.85",
        advice="Reach 0.85.",
        provenance=Provenance.MEASURED,
        **fields,
    )
    return report(criteria=(secret,), first_thing="F1 on hidden data: Reach 0.85.")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_private_criterion_shows_title_points_and_outcome_but_no_number(
    outcome: Outcome,
) -> None:
    whole = private(outcome, earned=Decimal("1.5"))
    shown = of_id(student_view(whole), "f1")

    assert (shown.title, shown.outcome) == ("F1 on hidden data", outcome)
    assert (shown.earned, shown.maximum) == (Decimal("1.5"), Decimal(4))
    assert shown.expected == NOT_PUBLISHED
    texts = shown.seen + shown.expected + shown.advice.replace(shown.title, "")
    assert not re.search(r"\d", texts)
    assert "0.85" not in student_view(whole).first_thing


def test_a_published_bound_is_not_rounded_where_it_is_quoted() -> None:
    f1 = criterion(
        "f1",
        "F1",
        "4",
        seen="macro F1 is 0.9748",
        seen_by_student="macro F1 is 0.97 after rounding, just below the bound of 0.975",
        expected="at least 0.975",
        provenance=Provenance.MEASURED,
    )

    shown = of_id(student_view(report(criteria=(f1,))), "f1")

    assert shown.seen == "macro F1 is 0.97 after rounding, just below the bound of 0.975"


def test_a_private_criterion_is_the_first_thing_by_its_title_only() -> None:
    whole = private(Outcome.FAILED).model_copy(update={"first_thing": "Reach 0.85."})

    assert student_view(whole).first_thing == "Ask your instructor about “F1 on hidden data”."


def test_a_private_wording_without_numbers_stays() -> None:
    activation = criterion(
        "output", "Output", "1", private=True, seen="the model ends in sigmoid", expected="x"
    )

    shown = of_id(student_view(report(criteria=(activation,))), "output")

    assert shown.seen == "the model ends in sigmoid"


def test_how_well_other_candidates_did_is_not_told() -> None:
    model = ModelReport(
        name="model",
        why="it was trained last",
        framework="keras",
        rows=(("accuracy", "0.98765 on hidden data", "measured"), ("rate", "0.0015", "recorded")),
        others=("m2: 2 → 8 → 1 (accuracy 0.71); 3 hidden layers", "m3: hidden F1 0.5"),
    )

    viewed = student_view(report(exercises=(exercise(model=model),)))

    shown = viewed.exercises[0].model
    assert shown is not None
    assert shown.others == ("m2: 2 → 8 → 1; 3 hidden layers",)
    assert [row[1] for row in shown.rows] == ["0.99 on hidden data", "0.0015"]


def test_paths_of_the_graders_installation_are_cut_from_error_messages() -> None:
    message = (
        "cannot import name 'x' from 'torch' "
        "(/srv/grader/venv/lib/python3.11/site-packages/torch/__init__.py)"
    )
    cell = CellReport(
        number=1, state=CellState.FAILED, error=CellError(name="ImportError", message=message)
    )

    viewed = student_view(report(run=run(cells_failed=(cell,))))

    error = viewed.run.cells_failed[0].error
    assert error is not None
    assert error.message == "cannot import name 'x' from 'torch' (…/torch/__init__.py)"


@pytest.mark.parametrize("build", ALL)
def test_points_and_outcomes_are_the_same_in_both_views(build: Callable[[], Report]) -> None:
    whole = build()
    viewed = student_view(whole)

    assert viewed.totals == whole.totals
    assert [(c.outcome, c.earned, c.pending) for c in viewed.criteria] == [
        (c.outcome, c.earned, c.pending) for c in whole.criteria
    ]


def test_a_students_report_is_not_changed_again() -> None:
    viewed = student_view(partial())

    assert student_view(viewed) is viewed
