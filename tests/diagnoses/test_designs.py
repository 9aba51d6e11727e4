"""The canonical table: every correct design is right, and names the ways that are the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.designs import DESIGNS, Design, DesignFacts, DesignFault, Way, judge
from grader.evidence import LossFamily, ScoreKind, TargetEncoding, Task

SPOKEN = {
    "linear": ScoreKind.LOGITS,
    "sigmoid": ScoreKind.PROBABILITIES,
    "softmax": ScoreKind.PROBABILITIES,
    "logsoftmax": ScoreKind.LOG_PROBABILITIES,
}
EVERY_WAY = [(design, way) for design in DESIGNS for way in design.ways]


def written(design: Design, way: Way, *, outside: bool) -> DesignFacts:
    """A way as it would be seen, with the activation in the model or in the training code."""
    outputs = 3 if design.maximum is None else design.maximum
    encoding = design.encodings[0]
    is_table = encoding in (TargetEncoding.ONE_HOT, TargetEncoding.MULTI_HOT)
    inside, after = ("linear", way.activation) if outside else (way.activation, "linear")
    return DesignFacts(
        inside=inside,
        outside=after,
        receives=SPOKEN[way.activation],
        expects=way.expects,
        family=way.family,
        loss_name="a loss",
        encoding=encoding,
        outputs=outputs,
        columns=outputs if is_table else 1,
        softmax_axis=-1,
        task=design.tasks[-1],
    )


@pytest.mark.parametrize("outside", [False, True], ids=["inside", "outside"])
@pytest.mark.parametrize(("design", "way"), EVERY_WAY, ids=str)
def test_every_way_of_a_design_is_recognised_and_right(
    design: Design, way: Way, outside: bool
) -> None:
    verdict = judge(written(design, way, outside=outside))

    assert verdict.design is design
    assert verdict.way is way
    assert way not in verdict.equivalents
    assert len(verdict.equivalents) == len(design.ways) - 1
    expected = () if design.is_usual else (DesignFault.BINARY_ON_ONE_HOT,)
    if (way.activation, way.family) == ("logsoftmax", LossFamily.CATEGORICAL_CROSS_ENTROPY):
        expected = (DesignFault.REDUNDANT,)
    assert verdict.faults == expected


@pytest.mark.parametrize(("design", "way"), EVERY_WAY, ids=str)
def test_a_design_without_a_brief_is_the_same(design: Design, way: Way) -> None:
    facts = replace(written(design, way, outside=False), task=None)

    assert judge(facts).way == way


def test_softmax_over_two_units_is_a_right_binary_design() -> None:
    facts = DesignFacts(
        inside="softmax",
        outside="linear",
        receives=ScoreKind.PROBABILITIES,
        expects=ScoreKind.PROBABILITIES,
        family=LossFamily.CATEGORICAL_CROSS_ENTROPY,
        loss_name="sparse_categorical_crossentropy",
        encoding=TargetEncoding.CLASS_INDEX,
        outputs=2,
        columns=1,
        softmax_axis=-1,
        task=Task.BINARY,
    )

    verdict = judge(facts)

    assert verdict.design is not None
    assert verdict.faults == ()


@pytest.mark.parametrize(
    "encoding", [TargetEncoding.ONE_HOT, TargetEncoding.OTHER, TargetEncoding.CLASS_INDEX]
)
def test_cross_entropy_of_pytorch_takes_numbers_tables_and_probabilities(
    encoding: TargetEncoding,
) -> None:
    facts = DesignFacts(
        inside="linear",
        outside="linear",
        receives=ScoreKind.LOGITS,
        expects=ScoreKind.LOGITS,
        family=LossFamily.CATEGORICAL_CROSS_ENTROPY,
        loss_name="CrossEntropyLoss",
        encoding=encoding,
        outputs=3,
        columns=3,
        task=Task.MULTICLASS,
    )

    assert judge(facts).faults == ()
    assert judge(facts).design is not None


def test_nothing_known_is_no_design_and_no_fault() -> None:
    verdict = judge(DesignFacts())

    assert (verdict.design, verdict.faults) == (None, ())
