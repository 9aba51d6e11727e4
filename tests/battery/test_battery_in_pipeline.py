"""A tenth of the battery goes all the way: intake, sandbox, kernel, probe and explanation."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from battery.facts import asked_about, differences, facts_of
from battery.harness import prepare_folder
from battery.specification import FRAMEWORKS, Program, read_battery
from grader.evidence import Examination, Limits
from grader.pipeline.explain import ExplainOptions, explain
from grader.report.explanation import Explanation
from grader.sandbox.levels import Trial
from grader.sandbox.runner import FreshSandboxRunner

pytestmark = [pytest.mark.sandbox, pytest.mark.kernel]
MARKS = {"pytorch": pytest.mark.torch, "keras": pytest.mark.keras}
ONE_IN = 10
LIMITS = Limits(cpu_s=60, wall_time_s=120)


def is_chosen(program: Program) -> bool:
    """Whether it is among the tenth: decided by its name alone, whatever programs come or go."""
    return int(hashlib.sha256(program.name.encode()).hexdigest(), 16) % ONE_IN == 0


PROGRAMS, _ = read_battery()
CHOSEN = [one for one in PROGRAMS if is_chosen(one)]


@pytest.fixture(scope="module")
def explained(
    walls: Trial, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, Explanation]:
    """What the command would tell about each of the programs that were selected to run."""
    wanted = {
        item.callspec.params["program"].name
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and "program" in item.fixturenames
    }
    programs = [one for one in CHOSEN if one.name in wanted]
    folder = tmp_path_factory.mktemp("explained")
    runner = FreshSandboxRunner(walls)

    def run(program: Program) -> Explanation:
        here = folder / program.name
        prepare_folder(program, here)
        beside = tuple(sorted((here / "work").glob("*.npz")))
        options = ExplainOptions(beside=beside, limits=LIMITS)
        return explain(here / "work" / "submission.py", options, runner=runner)

    with ThreadPoolExecutor(max_workers=2) as pool:
        told = list(pool.map(run, programs))
    return {program.name: one for program, one in zip(programs, told, strict=True)}


def each(programs: list[Program]) -> pytest.MarkDecorator:
    """A test for each of these programs."""
    named = [pytest.param(one, id=one.name, marks=MARKS[one.framework]) for one in programs]
    return pytest.mark.parametrize("program", named)


each_program = each(CHOSEN)
# Explaining a file knows no exercise, and the faults of the others show only in one.
each_without_an_exercise = each([one for one in CHOSEN if one.sheet.exercise is None])


@each_program
def test_the_whole_pipeline_finds_the_same_facts(
    program: Program, explained: dict[str, Explanation]
) -> None:
    told = explained[program.name]

    apart = differences(program.sheet.facts, facts_of(examination_in(told), program.sheet.model))

    assert told.run.state == "completed", told.run
    assert [str(one) for one in apart if one.is_wrong] == []


@each_without_an_exercise
def test_the_whole_pipeline_finds_the_same_diagnoses(
    program: Program, explained: dict[str, Explanation]
) -> None:
    told = explained[program.name]
    asked = asked_about(examination_in(told), program.sheet.model)
    stated = program.sheet.diagnoses

    diagnoses = next((one.diagnoses for one in told.models if one.facts == asked), told.diagnoses)

    ids = [one.id for one in diagnoses]
    assert ids[:1] == stated.expected[:1] or not stated.expected
    assert set(stated.expected) <= set(ids) <= {*stated.expected, *stated.allowed}


def examination_in(told: Explanation) -> Examination:
    """The examination that an explanation was made from."""
    return Examination(
        modules_loaded=tuple({one.facts.framework for one in told.models}),
        candidates=tuple(one.facts for one in told.models),
        models_seen=told.models_seen,
    )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_about_a_tenth_of_each_framework_is_chosen(framework: str) -> None:
    programs = [one for one in PROGRAMS if one.framework == framework]

    assert 0.07 <= sum(map(is_chosen, programs)) / len(programs) <= 0.13
