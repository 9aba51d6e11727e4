"""The runner of checks, and the checks that others add."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import cast

import pytest

from grader.checks import CHECKS, load_checks
from grader.checks.base import Check, Finding, NoParams, Outcome
from grader.checks.run import run_check
from grader.checks.was_trained import WasTrainedParams
from grader.errors import CourseError
from grader.evidence import Evidence, absent
from grader.testing import binary_evidence, unknown_evidence


def finding_of(outcome: Outcome) -> Finding:
    return Finding(outcome=outcome, seen=f"it {outcome}", expected="something else", advice="Try.")


def check_that(outcome: Outcome, *, check_id: str, requires: tuple[str, ...] = ()) -> Check:
    def run(evidence: Evidence, params: NoParams) -> Finding:
        return finding_of(outcome)

    return Check(id=check_id, title=check_id, params=NoParams, run=run, requires=requires)


def named(*checks: Check) -> dict[str, Check]:
    return {check.id: check for check in checks}


@pytest.mark.parametrize(
    ("required", "outcome"),
    [
        (Outcome.PASSED, Outcome.PASSED),
        (Outcome.PARTIAL, Outcome.PASSED),
        (Outcome.FAILED, Outcome.SKIPPED),
        (Outcome.SKIPPED, Outcome.SKIPPED),
        (Outcome.UNDETERMINED, Outcome.UNDETERMINED),
        (Outcome.ERROR, Outcome.UNDETERMINED),
    ],
)
def test_what_a_check_requires_decides_whether_it_runs(required: Outcome, outcome: Outcome) -> None:
    checks = named(
        check_that(required, check_id="first"),
        check_that(Outcome.PASSED, check_id="second", requires=("first",)),
    )

    assert run_check("second", {}, binary_evidence(), checks).outcome is outcome


def test_a_skipped_finding_names_the_first_cause_once() -> None:
    checks = named(
        check_that(Outcome.FAILED, check_id="first"),
        check_that(Outcome.PASSED, check_id="second", requires=("first",)),
        check_that(Outcome.PASSED, check_id="third", requires=("second",)),
    )

    finding = run_check("third", {}, binary_evidence(), checks)

    assert finding.outcome is Outcome.SKIPPED
    assert finding.seen == "skipped because: it failed"
    assert finding.advice == "", "the advice stands with the check that failed"


def test_required_checks_run_with_their_own_defaults() -> None:
    evidence = binary_evidence(training={"steps": 3, "gradients": 3})

    asked = run_check("was-trained", {"minimum_steps": 100}, evidence, CHECKS)
    dependent = run_check("loss", {}, evidence, CHECKS)

    assert asked.outcome is Outcome.FAILED
    assert dependent.outcome is Outcome.PASSED


def test_parameters_come_as_a_table_or_ready_made() -> None:
    table = run_check("was-trained", {"minimum_steps": 5}, binary_evidence(), CHECKS)
    ready = run_check("was-trained", WasTrainedParams(minimum_steps=5), binary_evidence(), CHECKS)

    assert table == ready


def test_an_unknown_check_is_the_instructors_error() -> None:
    with pytest.raises(CourseError, match='there is no check "hidden-f2"'):
        run_check("hidden-f2", {}, binary_evidence(), CHECKS)


def test_an_exception_of_a_check_is_left_to_the_pipeline() -> None:
    params = {"minimum": 0.5, "average": "binary", "positive": "purple"}

    with pytest.raises(ValueError, match="purple"):
        run_check("hidden-f1", params, binary_evidence(), CHECKS)


def test_nothing_trained_skips_and_nothing_known_waits() -> None:
    crashed = binary_evidence(is_trained=absent("cell 2 failed"))

    assert run_check("loss", {}, crashed, CHECKS).seen == "skipped because: cell 2 failed"
    assert run_check("loss", {}, unknown_evidence(), CHECKS).outcome is Outcome.UNDETERMINED


EXTRA = check_that(Outcome.PASSED, check_id="acme-depth", requires=("was-trained",))
TAKEN = check_that(Outcome.PASSED, check_id="loss")
LONELY = check_that(Outcome.PASSED, check_id="acme-lonely", requires=("acme-missing",))
NO_CHECK = "hello"


class Planted:
    """An entry point that needs no installed package."""

    def __init__(self, value: object) -> None:
        self.name, self.value, self._found = "planted", "acme:CHECK", value

    def load(self) -> object:
        """Give back what the package would."""
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


def entry(value: object) -> EntryPoint:
    return cast(EntryPoint, Planted(value))


def test_third_parties_add_checks() -> None:
    checks = load_checks([entry(EXTRA)])

    assert checks["acme-depth"] is EXTRA
    assert set(checks) == {*CHECKS, "acme-depth"}
    assert "acme-depth" not in CHECKS


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (TAKEN, 'the check id "loss" is taken'),
        (NO_CHECK, "must name a grader.checks.base.Check, got str"),
        (ImportError("No module named 'acme'"), "cannot be loaded: No module named 'acme'"),
        (LONELY, 'requires "acme-missing", which does not exist'),
    ],
)
def test_bad_entries_get_one_clear_error(value: object, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        load_checks([entry(value)])


def test_without_entries_there_are_our_own() -> None:
    assert dict(load_checks([])) == dict(CHECKS)
    assert set(CHECKS) <= set(load_checks())
