"""The pages about the rules are generated, and up to date."""

from __future__ import annotations

from pathlib import Path

from grader.diagnoses import RULES
from grader.diagnoses.pages import pages, write

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "rules"


def test_every_page_is_up_to_date_and_none_is_left_over() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert written == pages(), "run: make docs"


def test_the_list_names_every_rule_under_its_severity() -> None:
    text = pages()["README.md"]

    for rule in RULES.values():
        place = text.index(f"[`{rule.id}`]({rule.id}.md)")
        assert text[:place].rstrip().count(f"## {rule.severity.capitalize()}s") == 1
        assert f"# {rule.title}" in pages()[f"{rule.id}.md"]


def test_pages_of_rules_that_are_gone_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "old-rule.md").write_text("old", encoding="utf-8")

    write(folder)

    assert {path.name for path in folder.iterdir()} == set(pages())
