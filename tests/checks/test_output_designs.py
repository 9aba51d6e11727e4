"""Every correct design of output and loss is accepted, every wrong one fails where it should.

One mistake costs one criterion wherever that is fair: each wrong design names the checks that fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from grader.checks import CHECKS
from grader.checks.base import Outcome
from grader.checks.run import run_check
from grader.evidence import Evidence, LossFamily, ScoreKind, TargetEncoding, Task
from grader.testing import binary_evidence, brief_of

BCE = LossFamily.BINARY_CROSS_ENTROPY
CE = LossFamily.CATEGORICAL_CROSS_ENTROPY
NLL = LossFamily.NEGATIVE_LOG_LIKELIHOOD
MSE = LossFamily.MEAN_SQUARED_ERROR
LOGITS, PROBABILITIES = ScoreKind.LOGITS, ScoreKind.PROBABILITIES
LOG_PROBABILITIES, VALUES = ScoreKind.LOG_PROBABILITIES, ScoreKind.VALUES
INDEX, ZERO_ONE = TargetEncoding.CLASS_INDEX, TargetEncoding.BINARY
ONE_HOT, MULTI_HOT = TargetEncoding.ONE_HOT, TargetEncoding.MULTI_HOT
CHECK_IDS = ("output-activation", "loss", "loss-matches-output")


@dataclass(frozen=True)
class Design:
    """An output layer and its loss; ``fails`` names the checks that must fail, no others may."""

    task: Task
    units: int
    inside: str
    outside: str
    name: str
    family: LossFamily
    receives: ScoreKind
    expects: ScoreKind
    encoding: TargetEncoding
    fails: str = ""

    def evidence(self) -> Evidence:
        """Say what the recorder and the probe would find."""
        return binary_evidence(
            brief=brief_of(self.task),
            model={"output_shape": (None, self.units), "output_activation": self.inside},
            loss={
                "name": self.name,
                "family": self.family,
                "receives": self.receives,
                "expects": self.expects,
                "outside_activation": self.outside,
                "target_encoding": self.encoding,
            },
        )


def binary(*rest: object) -> Design:
    return Design(Task.BINARY, *rest)  # type: ignore[arg-type]  # the table below is the check


def multiclass(*rest: object) -> Design:
    return Design(Task.MULTICLASS, *rest)  # type: ignore[arg-type]  # likewise


def multilabel(*rest: object) -> Design:
    return Design(Task.MULTILABEL, *rest)  # type: ignore[arg-type]  # likewise


L = "linear"
RIGHT = [
    binary(1, L, L, "BCEWithLogitsLoss", BCE, LOGITS, LOGITS, ZERO_ONE),
    binary(1, "sigmoid", L, "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ZERO_ONE),
    binary(1, L, "sigmoid", "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ZERO_ONE),
    binary(1, "Sigmoid", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, INDEX),
    binary(1, L, L, "BinaryCrossentropy", BCE, LOGITS, LOGITS, INDEX),
    binary(2, L, L, "CrossEntropyLoss", CE, LOGITS, LOGITS, INDEX),
    binary(2, "log_softmax", L, "NLLLoss", NLL, LOG_PROBABILITIES, LOG_PROBABILITIES, INDEX),
    binary(2, L, "LogSoftmax", "nll_loss", NLL, LOG_PROBABILITIES, LOG_PROBABILITIES, INDEX),
    binary(2, "softmax", "log", "NLLLoss", NLL, LOG_PROBABILITIES, LOG_PROBABILITIES, INDEX),
    binary(
        2, "softmax", L, "sparse_categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, INDEX
    ),
    binary(2, "softmax", L, "categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, ONE_HOT),
    binary(2, "softmax", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, ONE_HOT),
    binary(2, "sigmoid", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, ONE_HOT),
    multiclass(3, L, L, "CrossEntropyLoss", CE, LOGITS, LOGITS, INDEX),
    multiclass(3, L, L, "cross_entropy", CE, LOGITS, LOGITS, ONE_HOT),
    multiclass(3, L, L, "SparseCategoricalCrossentropy", CE, LOGITS, LOGITS, INDEX),
    multiclass(3, "log-softmax", L, "NLLLoss", NLL, LOG_PROBABILITIES, LOG_PROBABILITIES, INDEX),
    multiclass(3, "LogSoftmax", L, "CrossEntropyLoss", CE, LOG_PROBABILITIES, LOGITS, INDEX),
    multiclass(
        3, "softmax", L, "CategoricalCrossentropy", CE, PROBABILITIES, PROBABILITIES, ONE_HOT
    ),
    multiclass(4, L, L, "CrossEntropyLoss", CE, LOGITS, LOGITS, INDEX),
    multiclass(3, "sigmoid", L, "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ONE_HOT),
    multiclass(3, "softmax", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, ONE_HOT),
    multilabel(3, L, L, "BCEWithLogitsLoss", BCE, LOGITS, LOGITS, MULTI_HOT),
    multilabel(
        3, "sigmoid", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, MULTI_HOT
    ),
    multilabel(3, L, "sigmoid", "BCELoss", BCE, PROBABILITIES, PROBABILITIES, MULTI_HOT),
]

WRONG = [
    # R01, R02: the loss applies it itself.
    multiclass(
        3, "softmax", L, "CrossEntropyLoss", CE, PROBABILITIES, LOGITS, INDEX, "loss-matches-output"
    ),
    binary(
        2, "softmax", L, "CrossEntropyLoss", CE, PROBABILITIES, LOGITS, INDEX, "loss-matches-output"
    ),
    multiclass(
        3, L, "softmax", "CrossEntropyLoss", CE, PROBABILITIES, LOGITS, INDEX, "loss-matches-output"
    ),
    multiclass(
        3, "sigmoid", L, "CrossEntropyLoss", CE, PROBABILITIES, LOGITS, INDEX, "loss-matches-output"
    ),
    binary(
        1, "sigmoid", L, "BCEWithLogitsLoss", BCE, PROBABILITIES, LOGITS, ZERO_ONE,
        "loss-matches-output",
    ),
    binary(
        1, L, "sigmoid", "BCEWithLogitsLoss", BCE, PROBABILITIES, LOGITS, ZERO_ONE,
        "loss-matches-output",
    ),
    binary(
        1, "logsigmoid", L, "BCEWithLogitsLoss", BCE, LOG_PROBABILITIES, LOGITS, ZERO_ONE,
        "loss-matches-output",
    ),
    # R04: raw outputs into a loss that wants probabilities, or their logarithms.
    binary(
        1, L, L, "binary_crossentropy", BCE, LOGITS, PROBABILITIES, INDEX, "loss-matches-output"
    ),
    multiclass(3, L, L, "NLLLoss", NLL, LOGITS, LOG_PROBABILITIES, INDEX, "loss-matches-output"),
    multiclass(
        3, "softmax", L, "NLLLoss", NLL, PROBABILITIES, LOG_PROBABILITIES, INDEX,
        "loss-matches-output",
    ),
    # R05, R08: softmax where it cannot work.
    binary(
        1, "softmax", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, INDEX,
        "output-activation",
    ),
    multilabel(
        3, "softmax", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, MULTI_HOT,
        "output-activation",
    ),
    binary(
        1, "sigmoid", L, "categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, ZERO_ONE,
        "loss",
    ),
    multilabel(
        3, "softmax", L, "categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, MULTI_HOT,
        "output-activation loss",
    ),
    multilabel(3, L, L, "CrossEntropyLoss", CE, LOGITS, LOGITS, MULTI_HOT, "loss"),
    multiclass(
        3, "sigmoid", L, "categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, ONE_HOT,
        "output-activation",
    ),
    # R06: clipped or bounded outputs.
    binary(1, "relu", L, "BCEWithLogitsLoss", BCE, VALUES, LOGITS, ZERO_ONE, "output-activation"),
    multiclass(3, "Tanh", L, "CrossEntropyLoss", CE, VALUES, LOGITS, INDEX, "output-activation"),
    # R07: a regression loss.
    binary(1, "sigmoid", L, "MSELoss", MSE, PROBABILITIES, PROBABILITIES, ZERO_ONE, "loss"),
    multiclass(3, "softmax", L, "mse", MSE, PROBABILITIES, PROBABILITIES, ONE_HOT, "loss"),
    # R10: labels encoded for another loss.
    multiclass(
        3, "softmax", L, "sparse_categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES,
        ONE_HOT, "loss",
    ),
    multiclass(
        3, "softmax", L, "categorical_crossentropy", CE, PROBABILITIES, PROBABILITIES, INDEX, "loss"
    ),
    multiclass(
        3, "sigmoid", L, "binary_crossentropy", BCE, PROBABILITIES, PROBABILITIES, INDEX, "loss"
    ),
    binary(1, "sigmoid", L, "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ONE_HOT, "loss"),
    multilabel(3, L, L, "BCEWithLogitsLoss", BCE, LOGITS, LOGITS, INDEX, "loss"),
    # One output for three classes.
    multiclass(1, "sigmoid", L, "BCELoss", BCE, PROBABILITIES, PROBABILITIES, INDEX, "loss"),
    # Two activations in a row.
    binary(
        1, "sigmoid", "sigmoid", "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ZERO_ONE,
        "output-activation",
    ),
    binary(
        1, "relu", "sigmoid", "BCELoss", BCE, PROBABILITIES, PROBABILITIES, ZERO_ONE,
        "output-activation",
    ),
]  # fmt: skip


@pytest.mark.parametrize("design", RIGHT, ids=str)
def test_a_correct_design_passes_every_check(design: Design) -> None:
    outcomes = {
        check_id: run_check(check_id, {}, design.evidence(), CHECKS).outcome
        for check_id in CHECK_IDS
    }

    assert set(outcomes.values()) == {Outcome.PASSED}, outcomes


@pytest.mark.parametrize("design", WRONG, ids=str)
def test_a_wrong_design_fails_the_checks_that_name_its_mistake(design: Design) -> None:
    findings = {
        check_id: run_check(check_id, {}, design.evidence(), CHECKS) for check_id in CHECK_IDS
    }

    failed = {name for name, found in findings.items() if found.outcome is Outcome.FAILED}
    passed = {name for name, found in findings.items() if found.outcome is Outcome.PASSED}
    assert failed == set(design.fails.split()), findings
    assert passed == set(CHECK_IDS) - failed, findings
    assert all(findings[name].advice for name in failed)
