"""Diagnoses: what is wrong with a model or its training, the root cause first.

Each rule is a pure function from a :class:`Case` to what it found. Rules are listed here by hand,
roots before what follows from them; nothing is registered by importing a module.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from grader.diagnoses import (
    dynamics,
    fit,
    inputs,
    labels,
    loop,
    loss_choice,
    modes,
    pairing,
    rows,
    structure,
)
from grader.diagnoses.base import (
    Case,
    Consequence,
    DecisionComparison,
    Diagnosis,
    Found,
    Rule,
    Severity,
)

__all__ = [
    "RULES",
    "Case",
    "Consequence",
    "DecisionComparison",
    "Diagnosis",
    "Rule",
    "Severity",
    "diagnose",
]

_LISTED: Final = (
    *structure.RULES,
    *pairing.RULES,
    *loss_choice.RULES,
    *labels.RULES,
    *inputs.RULES,
    *loop.RULES,
    *modes.RULES,
    *rows.RULES,
    *dynamics.RULES,
    *fit.RULES,
)
RULES: Final = MappingProxyType({rule.id: rule for rule in _LISTED})
"""Every rule by its id, in the order in which they are told where severity is equal."""


def diagnose(case: Case, *, notes: bool = False) -> tuple[Diagnosis, ...]:
    """Say what is wrong.

    Args:
        case: What is known.
        notes: Whether to tell notes as well.

    Returns:
        Root causes: errors, then warnings, then notes. What follows from one of them is folded
        into it; of two that explain each other the earlier in the list is the root.
    """
    results = {rule.id: result for rule in _LISTED if (result := rule.find(case)) is not None}
    if not notes:
        results = {
            rule_id: result
            for rule_id, result in results.items()
            if RULES[rule_id].severity is not Severity.NOTE
        }
    roots = {rule_id: _root_of(rule_id, results) for rule_id in results}
    told = [
        _diagnosis(RULES[rule_id], results, [each for each in roots if roots[each] == rule_id])
        for rule_id in results
        if roots[rule_id] == rule_id
    ]
    return tuple(sorted(told, key=lambda diagnosis: diagnosis.severity.rank))


def _root_of(rule_id: str, results: dict[str, Found]) -> str:
    """The cause behind a finding, and the cause behind that one."""
    passed = {rule_id}
    while True:
        causes = (each for each in results if rule_id in RULES[each].explains)
        cause = next((each for each in causes if each not in passed), None)
        if cause is None:
            return rule_id
        passed.add(cause)
        rule_id = cause


def _diagnosis(rule: Rule, results: dict[str, Found], family: list[str]) -> Diagnosis:
    result = results[rule.id]
    return Diagnosis(
        id=rule.id,
        rule=rule.row,
        severity=rule.severity,
        title=rule.title,
        seen=result.seen,
        why=rule.why,
        change=result.change,
        provenance=result.provenance,
        follows=tuple(Consequence(each, results[each].seen) for each in family if each != rule.id),
    )
