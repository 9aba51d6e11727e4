"""Runs one check, after the checks without which it has no meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checks.base import Check, Finding, Outcome, Params
from grader.errors import CourseError
from grader.evidence import Evidence


def run_check(
    check_id: str,
    params: Params | Mapping[str, Any],
    evidence: Evidence,
    checks: Mapping[str, Check],
) -> Finding:
    """Ask one question about the evidence.

    Args:
        check_id: Which check.
        params: Its parameters, or the rubric's table of them.
        evidence: About one exercise and the model chosen for it.
        checks: Every check by its id.

    Returns:
        Its finding. Skipped if a check that it requires, run with its default parameters, failed
        or was skipped; undetermined if that one could not be decided.

    Raises:
        CourseError: There is no such check.
        Exception: Whatever the check raises; the pipeline turns it into an error outcome.
    """
    if check_id not in checks:
        message = f'there is no check "{check_id}"'
        raise CourseError(message, hint=f"the checks are {', '.join(sorted(checks))}")
    check = checks[check_id]
    for required_id in check.requires:
        required = run_check(required_id, {}, evidence, checks)
        if required.outcome in (Outcome.FAILED, Outcome.SKIPPED):
            return _left_out(required, Outcome.SKIPPED, "skipped because")
        if required.outcome.is_pending:
            return _left_out(required, Outcome.UNDETERMINED, "not looked at yet because")
    chosen = params if isinstance(params, Params) else check.params.model_validate(dict(params))
    return check.run(evidence, chosen)


def _left_out(required: Finding, outcome: Outcome, why: str) -> Finding:
    seen = required.seen
    if required.outcome is not Outcome.SKIPPED:
        seen = f"{why}: {required.seen}"
    if outcome is Outcome.SKIPPED:
        # What was expected and what to do stands with the check that failed.
        return Finding(outcome=outcome, seen=seen, expected="", provenance=required.provenance)
    return Finding(
        outcome=outcome,
        seen=seen,
        expected=required.expected,
        advice=required.advice,
        provenance=required.provenance,
    )
