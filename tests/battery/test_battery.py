"""Nothing that the recorder, the probe and the diagnoses say about a program is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from battery.facts import FACTS, facts_of
from battery.specification import FRAMEWORKS, Program, read_battery
from battery.verdict import Verdict
from grader.evidence import Examination

PROGRAMS, PROBLEMS = read_battery()
MARKS = {"pytorch": pytest.mark.torch, "keras": pytest.mark.keras}
UNKNOWN_AT_MOST: Final = 0.02
Verdicts = Callable[[str], dict[str, Verdict]]

each_program = pytest.mark.parametrize(
    "program",
    [pytest.param(one, id=one.name, marks=MARKS[one.framework]) for one in PROGRAMS],
)
each_framework = pytest.mark.parametrize(
    "framework", [pytest.param(name, marks=MARKS[name]) for name in FRAMEWORKS]
)


@each_program
def test_nothing_that_is_said_about_a_program_is_wrong(
    program: Program, verdicts_on: Verdicts
) -> None:
    verdict = verdicts_on(program.framework)[program.name]

    assert verdict.complaints == []


@each_framework
def test_every_program_is_diagnosed(framework: str, verdicts_on: Verdicts) -> None:
    verdicts = verdicts_on(framework).values()

    assert [each.program.name for each in verdicts if each.diagnosed is None] == []


@each_framework
def test_hardly_any_fact_stays_unknown(framework: str, verdicts_on: Verdicts) -> None:
    verdicts = verdicts_on(framework).values()
    unknown = [f"{each.program.name}: {one}" for each in verdicts for one in each.unknown]
    counts = Counter(one.fact for each in verdicts for one in each.unknown)

    share = len(unknown) / max(1, len(FACTS) * len(verdicts))

    assert share <= UNKNOWN_AT_MOST, f"{share:.1%}, {counts.most_common()}\n" + "\n".join(unknown)


def test_every_fact_is_asked_and_there_are_thirty() -> None:
    assert len(FACTS) == 30
    assert set(facts_of(Examination())) == set(FACTS)
