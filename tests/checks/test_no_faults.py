"""Is the submission free of the faults that the rubric names?"""

from __future__ import annotations

import pytest

from grader.checks.base import Outcome
from grader.checks.no_faults import NoFaultsParams, no_faults
from grader.diagnoses import RULES, Severity
from grader.evidence import Freshness, ScoreKind, unknown
from grader.testing import binary_evidence, multiclass_evidence, thorough_evidence

COUNTED = tuple(rule.id for rule in RULES.values() if rule.severity is not Severity.NOTE)


def test_a_sound_program_passes_whatever_is_listed() -> None:
    finding = no_faults(thorough_evidence(), NoFaultsParams(faults=COUNTED))

    assert finding.outcome is Outcome.PASSED
    assert finding.seen == f"none of the {len(COUNTED)} faults looked for was found"


def test_a_listed_fault_fails_with_what_to_change() -> None:
    evidence = thorough_evidence(training={"zero_grad": Freshness.NEVER})

    finding = no_faults(evidence, NoFaultsParams(faults=("missing-zero-grad",)))

    assert finding.outcome is Outcome.FAILED
    assert finding.seen.startswith("gradients are not cleared (missing-zero-grad): ")
    assert "zero_grad()" in finding.advice


def test_a_fault_that_is_not_listed_passes() -> None:
    evidence = thorough_evidence(training={"zero_grad": Freshness.NEVER})

    finding = no_faults(evidence, NoFaultsParams(faults=("softmax-before-loss",)))

    assert finding.outcome is Outcome.PASSED


def test_a_listed_consequence_fails_under_the_name_of_its_cause() -> None:
    evidence = thorough_evidence(training={"zero_grad": Freshness.NEVER, "finite_losses": False},
                                 validation=unknown("not measured"),
                                 hidden=unknown("not measured"))  # fmt: skip

    finding = no_faults(evidence, NoFaultsParams(faults=("loss-exploded",)))

    assert finding.outcome is Outcome.FAILED
    assert "missing-zero-grad" in finding.seen


def test_what_cannot_be_known_is_undetermined_and_says_which_rule_lacks_what() -> None:
    evidence = thorough_evidence(training={"zero_grad": unknown("gradients were not followed")})

    finding = no_faults(
        evidence, NoFaultsParams(faults=("softmax-before-loss", "missing-zero-grad"))
    )

    assert finding.outcome is Outcome.UNDETERMINED
    assert "missing-zero-grad" in finding.seen
    assert "gradients were not followed" in finding.seen


def test_a_fault_that_was_found_counts_although_another_rule_is_blind() -> None:
    evidence = multiclass_evidence(
        model={"output_activation": "softmax"}, loss={"receives": ScoreKind.PROBABILITIES}
    )

    finding = no_faults(
        evidence, NoFaultsParams(faults=("missing-zero-grad", "softmax-before-loss"))
    )

    assert finding.outcome is Outcome.FAILED


def test_by_default_output_loss_and_labels_are_looked_at() -> None:
    finding = no_faults(binary_evidence(), NoFaultsParams())

    assert finding.outcome is Outcome.PASSED
    assert "softmax-over-one-unit" in finding.expected


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (("softmax-befor-loss",), 'did you mean "softmax-before-loss"'),
        (("heavy-dropout",), "is a note"),
        ((), "at least 1"),
    ],
)
def test_faults_that_cannot_be_meant_are_refused(faults: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NoFaultsParams(faults=faults)
