"""Rules that bind all rules."""

from __future__ import annotations

import inspect
import pkgutil
import re

import pytest

import grader.diagnoses
from diagnoses.examples import Examples, all_examples, binary, classes, labels, nothing_known
from grader.diagnoses import RULES, Case, Rule, Severity, diagnose
from grader.diagnoses.base import unknown_needs
from grader.evidence import Framework, Task
from grader.testing import absent_evidence, brief_of, thorough_evidence, unknown_evidence

HEADINGS = (
    "What it looks for:",
    "Why it matters:",
    "Finds:",
    "Leaves alone:",
    "Does not detect:",
    "Source:",
)
NO_RULES = {"base", "curves", "pages"}
EXAMPLES = all_examples()
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
every_example = pytest.mark.parametrize(("name", "examples"), EXAMPLES.items(), ids=list(EXAMPLES))


def test_every_module_with_rules_is_listed() -> None:
    names = {module.name for module in pkgutil.iter_modules(grader.diagnoses.__path__)} - NO_RULES
    modules = [getattr(grader.diagnoses, name) for name in sorted(names)]

    listed = [rule for module in modules for rule in module.RULES]

    assert {rule.id for rule in listed} == set(RULES)
    assert len(listed) == len(RULES) == 50


@every_rule
def test_the_id_is_the_name_of_the_function_with_dashes(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.find.__name__ == rule.id.replace("-", "_")
    assert re.fullmatch(r"R\d\db?", rule.row)


@every_rule
def test_the_docstring_has_every_heading_in_order_and_says_why(rule: Rule) -> None:
    text = inspect.getdoc(rule.find) or ""

    places = [text.find(f"\n{heading}") for heading in HEADINGS]

    assert -1 not in places
    assert places == sorted(places)
    assert len(rule.why) > 30
    assert rule.why.endswith(".")
    assert "``" not in rule.why


@every_rule
def test_titles_are_short_and_unique(rule: Rule) -> None:
    assert 0 < len(rule.title) <= 60
    assert [other.title for other in RULES.values()].count(rule.title) == 1


@every_rule
def test_what_a_rule_needs_are_facts(rule: Rule) -> None:
    assert rule.needs
    assert unknown_needs(rule, Case())
    assert not unknown_needs(rule, Case(thorough_evidence(), brief_of(Task.BINARY)))


def test_what_explains_what_exists_and_has_no_circles() -> None:
    reached = {rule.id: set(rule.explains) for rule in RULES.values()}

    assert set().union(*reached.values()) <= set(RULES)
    for _ in RULES:
        for rule_id, found in reached.items():
            reached[rule_id] = found.union(*(reached[each] for each in found))
    assert [rule_id for rule_id, found in reached.items() if rule_id in found] == []


@every_rule
def test_nothing_is_found_where_nothing_is_known_or_nothing_is_there(rule: Rule) -> None:
    for evidence in (unknown_evidence(), absent_evidence()):
        for framework in (None, *Framework):
            assert rule.find(Case(evidence, framework=framework)) is None


@every_rule
@pytest.mark.parametrize("framework", [None, *Framework])
def test_nothing_is_found_in_sound_cases(rule: Rule, framework: Framework | None) -> None:
    for case in (binary(framework), classes(framework), labels(framework)):
        assert rule.find(case) is None


def test_every_rule_has_examples() -> None:
    assert set(EXAMPLES) == set(RULES)
    for examples in EXAMPLES.values():
        assert examples.found
        assert examples.left
        assert examples.blind


@every_example
def test_what_is_wrong_is_found_and_told_in_whole_sentences(name: str, examples: Examples) -> None:
    for number, case in enumerate(examples.found):
        result = RULES[name].find(case)
        assert result is not None, f"example {number}"
        for text in (result.seen, result.change):
            assert text[0] == text[0].upper() or "`" in text or text[0].isalpha()
            assert text.endswith((".", "`"))
            assert "None" not in text
            assert "``" not in text


@every_example
def test_what_is_right_is_left_alone(name: str, examples: Examples) -> None:
    for number, case in enumerate(examples.left):
        assert RULES[name].find(case) is None, f"example {number}"


@every_example
def test_what_is_unknown_finds_nothing(name: str, examples: Examples) -> None:
    for number, case in enumerate(examples.blind):
        assert RULES[name].find(case) is None, f"example {number}"


@every_example
def test_the_rule_is_told_or_folded_into_its_cause(name: str, examples: Examples) -> None:
    for case in examples.found:
        told = diagnose(case, notes=True)
        ids = [diagnosis.id for diagnosis in told]
        folded = [each.id for diagnosis in told for each in diagnosis.follows]
        assert (name in ids) != (name in folded)
        assert len(ids) == len(set(ids))
        ranks = [diagnosis.severity.rank for diagnosis in told]
        assert ranks == sorted(ranks)


def test_notes_are_quiet_unless_asked_for() -> None:
    for name, examples in EXAMPLES.items():
        if RULES[name].severity is Severity.NOTE:
            for case in examples.found:
                assert name not in [diagnosis.id for diagnosis in diagnose(case)]


def test_nothing_is_said_of_nothing() -> None:
    assert diagnose(nothing_known(), notes=True) == ()
    assert diagnose(Case(), notes=True) == ()
