"""The page about the checks is generated, and up to date."""

from __future__ import annotations

from pathlib import Path

from grader.checks import CHECKS
from grader.checks.page import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_check_and_parameter_has_its_place() -> None:
    text = page()

    for check in CHECKS.values():
        assert f"## `{check.id}`" in text
        for name in check.params.model_fields:
            assert f"| `{name}` |" in text
