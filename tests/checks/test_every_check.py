"""Rules that bind all checks."""

from __future__ import annotations

import inspect
import pkgutil

import pytest

import grader.checks
from grader.checks import CHECKS
from grader.checks.base import Check, Outcome, Params
from grader.checks.run import run_check
from grader.evidence import Evidence
from grader.testing import (
    absent_evidence,
    binary_evidence,
    multiclass_evidence,
    multilabel_evidence,
    unknown_evidence,
)

HEADINGS = (
    "What it checks:",
    "Why it matters:",
    "Passes:",
    "Fails:",
    "Does not detect:",
    "Args:",
    "Returns:",
)
NO_CHECKS = {
    "activations",
    "base",
    "loss_needs",
    "output_needs",
    "page",
    "run",
    "threshold",
    "wording",
}
every_check = pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))


def example_params(check: Check) -> Params:
    required = [name for name, field in check.params.model_fields.items() if field.is_required()]
    return check.params.model_validate(dict.fromkeys(required, 0.5))


def test_every_file_with_a_check_is_listed() -> None:
    files = {module.name for module in pkgutil.iter_modules(grader.checks.__path__)} - NO_CHECKS

    assert {check_id.replace("-", "_") for check_id in CHECKS} == files


@every_check
def test_the_id_is_the_file_name_with_dashes(check: Check) -> None:
    module = inspect.getmodule(check.run)

    assert module is not None
    assert check.id == module.__name__.rsplit(".", 1)[-1].replace("_", "-")
    assert check.run.__name__ == check.id.replace("-", "_")
    assert module.CHECK is check


@every_check
def test_the_docstring_has_every_heading_in_order(check: Check) -> None:
    text = inspect.getdoc(check.run) or ""

    places = [text.find(f"\n{heading}") for heading in HEADINGS]

    assert -1 not in places
    assert places == sorted(places)


@every_check
def test_titles_are_short_and_unique(check: Check) -> None:
    assert 0 < len(check.title) <= 60
    assert [other.title for other in CHECKS.values()].count(check.title) == 1


@every_check
def test_only_was_trained_stands_alone(check: Check) -> None:
    assert check.requires == (() if check.id == "was-trained" else ("was-trained",))


@every_check
def test_parameters_are_frozen_and_refuse_unknown_keys(check: Check) -> None:
    required = example_params(check).model_dump(exclude_none=True)

    with pytest.raises(ValueError, match="colour"):
        check.params.model_validate({**required, "colour": 1})
    assert check.params.model_config["frozen"] is True


@every_check
def test_a_check_fits_in_forty_to_a_hundred_and_twenty_lines(check: Check) -> None:
    module = inspect.getmodule(check.run)

    assert module is not None
    assert 40 <= len(inspect.getsource(module).splitlines()) <= 120


@every_check
def test_unknown_evidence_is_undetermined_and_repeats_the_reason(check: Check) -> None:
    alone = check.run(unknown_evidence("the disk was full"), example_params(check))
    with_required = run_check(
        check.id, example_params(check), unknown_evidence("the disk was full"), CHECKS
    )

    assert alone.outcome is with_required.outcome is Outcome.UNDETERMINED
    assert "the disk was full" in alone.seen
    assert "the disk was full" in with_required.seen


@every_check
def test_absent_evidence_fails_or_is_skipped_and_says_why(check: Check) -> None:
    alone = check.run(absent_evidence("no model was trained"), example_params(check))
    with_required = run_check(
        check.id, example_params(check), absent_evidence("no model was trained"), CHECKS
    )

    assert alone.outcome is Outcome.FAILED
    assert alone.seen == "no model was trained"
    assert with_required.outcome is (Outcome.SKIPPED if check.requires else Outcome.FAILED)


@pytest.mark.parametrize(
    "evidence", [binary_evidence(), multiclass_evidence(), multilabel_evidence()]
)
@every_check
def test_right_evidence_passes_without_advice(check: Check, evidence: Evidence) -> None:
    before = evidence.model_copy(deep=True)

    finding = run_check(check.id, example_params(check), evidence, CHECKS)

    assert finding.outcome is Outcome.PASSED
    assert finding.advice == ""
    assert finding.seen
    assert finding.expected
    assert evidence == before
