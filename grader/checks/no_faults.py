"""Is the submission free of the faults that the rubric names?"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, field_validator

from grader.checks.base import Check, Finding, Outcome, Params, undetermined, weakest, without_value
from grader.diagnoses import RULES, Case, Severity, diagnose
from grader.diagnoses.base import unknown_needs
from grader.evidence import Evidence
from grader.mistakes import shown, suggest

CONTRACT: Final = (
    "softmax-before-loss",
    "sigmoid-before-loss",
    "scores-not-probabilities",
    "softmax-over-one-unit",
    "wrong-loss-family",
    "label-encoding",
)
"""Output, loss and labels that do not belong together."""


class NoFaultsParams(Params):
    """Which faults count.

    Attributes:
        faults: Ids of errors and warnings from the list of rules; by default those between output,
            loss and labels.
    """

    faults: Annotated[tuple[str, ...], Field(min_length=1)] = CONTRACT

    @field_validator("faults")
    @classmethod
    def _only_known_faults(cls, faults: tuple[str, ...]) -> tuple[str, ...]:
        allowed = [rule.id for rule in RULES.values() if rule.severity is not Severity.NOTE]
        for fault in faults:
            if fault not in allowed:
                hint = suggest(fault, allowed, label="known faults")
                if fault in RULES:
                    hint = "it is a note, and notes never cost points"
                message = f"there is no fault {shown(fault)}: {hint}"
                raise ValueError(message)
        return faults


def no_faults(evidence: Evidence, params: NoFaultsParams) -> Finding:
    """Look for the faults that the rubric names.

    What it checks:
        None of ``faults`` is diagnosed, neither as a cause nor as a consequence of another one.

    Why it matters:
        Many faults leave a model that runs and even learns a little; they are what an exercise on
        training is about.

    Passes:
        A sound program; also one with faults that are not listed.

    Fails:
        ``faults = ["missing-zero-grad"]`` and a loop without ``zero_grad``.

    Does not detect:
        What the rules do not detect: ``docs/rules`` has a page for each.

    Args:
        evidence: Uses what the listed rules use.
        params: Which faults.

    Returns:
        Undetermined if none was found, but a listed rule lacks a fact to go by.
    """
    trained = evidence.is_trained
    expected = "none of these faults: " + ", ".join(params.faults)
    advice = "Train the model that you hand in."
    if not trained.is_known:
        what = "whether there is a fault"
        return without_value(trained, what, expected=expected, advice=advice)

    case = Case(evidence=evidence, brief=evidence.brief)
    for diagnosis in diagnose(case):
        told = {diagnosis.id, *(each.id for each in diagnosis.follows)}
        if told & set(params.faults):
            seen = f"{_small(diagnosis.title)} ({diagnosis.id}): {_small(diagnosis.seen)}"
            seen, source = seen.removesuffix("."), diagnosis.provenance
            return Finding(Outcome.FAILED, seen, expected, diagnosis.change, provenance=source)
    listed = [RULES[fault] for fault in params.faults]
    for rule in listed:
        for fact in unknown_needs(rule, case):
            what = f"whether there is {rule.id}"
            return undetermined(what, reason=fact.reason, expected=expected)
    facts = [case.fact(path) for rule in listed for path in rule.needs]
    seen = f"none of the {len(listed)} faults looked for was found"
    return Finding(Outcome.PASSED, seen, expected, provenance=weakest(*facts))


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


CHECK = Check(
    id="no-faults",
    title="None of the listed faults",
    params=NoFaultsParams,
    run=no_faults,
    requires=("was-trained",),
)
