"""The published format of ``grader explain --json``."""

from __future__ import annotations

import json
from pathlib import Path

from grader.report.schema import explanation_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "explanation.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == explanation_schema(), "run make docs"


def test_each_fact_has_a_state_a_value_or_reason_a_provenance_and_how_it_was_found() -> None:
    definitions = json.loads(explanation_schema())["$defs"]

    facts = [entry for name, entry in definitions.items() if name.startswith("Fact_")]

    assert len(facts) > 10
    for fact in facts:
        assert set(fact["properties"]) == {"state", "value", "reason", "provenance", "how"}
