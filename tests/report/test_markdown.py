"""Markdown stays what it is: a renderer finds only the markup that the template wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.report.markdown import escaped, fenced, report_markdown
from grader.report.model import Report
from grader.report.text import one_line
from grader.report.views import student_view
from report.sample_reports import ALL, HOSTILE, hostile, nothing_trained, partial, pending


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    waiting = MarkdownIt("commonmark").enable("table").parse(text)
    while waiting:
        token = waiting.pop(0)
        found.append(token)
        waiting = list(token.children or ()) + waiting
    return found


def plain(text: str) -> str:
    return "".join(t.content for t in tokens(text) if t.type in ("text", "text_special"))


@pytest.mark.parametrize(
    "text",
    [
        "plain words, 0.5 / 1",
        "a|b `code` *bold* _it_ ~~gone~~ [x](y) ![p](q) $m$ ^2",
        "<b>bold</b> &amp; <!-- -->",
        "back\\slash \\| \\`",
        "# heading",
        "- item",
        "+ item",
        "---",
        "===",
        "12. item",
        "3) item",
        "> quote",
        "    code",
        "https://example.org www.example.org a@example.org",
        HOSTILE,
    ],
)
def test_escaped_text_renders_as_the_text_itself(text: str) -> None:
    rendered = tokens(escaped(text))

    assert {t.type for t in rendered} <= {
        "paragraph_open", "paragraph_close", "inline", "text", "text_special"
    }  # fmt: skip
    assert plain(escaped(text)) == one_line(text)


@pytest.mark.parametrize("text", ["plain words, 0.5 / 1", "-0.5", "1.25 points", "#1", "."])
def test_plain_text_is_not_escaped(text: str) -> None:
    assert escaped(text) == text


def test_a_table_cell_cannot_leave_its_cell() -> None:
    cell = escaped("x | y \\| z ` | `")
    table = f"| a | b |\n| --- | --- |\n| {cell} | end |\n"

    cells = [t for t in tokens(table) if t.type == "td_open"]

    assert len(cells) == 2


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    block = tokens(str(fenced("```\n````\n<b>")))

    assert [t.type for t in block] == ["fence"]
    assert block[0].content == "```\n````\n<b>\n"


@pytest.mark.parametrize("build", ALL)
@pytest.mark.parametrize("view", [student_view, lambda whole: whole])
def test_reports_hold_no_markup_but_the_templates(
    build: Callable[[], Report], view: Callable[[Report], Report]
) -> None:
    text = report_markdown(view(build()))

    found = tokens(text)
    assert not {t.type for t in found} & {
        "html_block", "html_inline", "image", "link_open", "code_inline", "em_open", "code_block"
    }  # fmt: skip
    headings = [t.tag for t in found if t.type == "heading_open"]
    assert headings.count("h1") == 1
    assert not set("\x1b\x07\u202e\u2066") & set(text)


def test_every_row_of_every_table_has_the_columns_of_its_head() -> None:
    columns: list[int] = []
    for token in tokens(report_markdown(hostile())):
        if token.type == "tr_open":
            columns.append(0)
        elif token.type in ("th_open", "td_open"):
            columns[-1] += 1

    assert columns == [6, 6, 6, 3, 3, 4, 4, 4, 4, 3, 3, 3]


def test_hostile_text_is_told_in_full() -> None:
    rendered = plain(report_markdown(hostile()))

    assert rendered.count(one_line(HOSTILE)) > 10


def test_the_story_is_told() -> None:
    text = report_markdown(partial())

    assert "**5.07 of 7.5 points**" in text
    assert "| F1 on hidden data | ◐ in part | 2.57 / 4 | macro F1 is 0.9199 (measured) |" in text
    assert "## First thing to mend" in text
    assert "Cells 7 to 9 failed only because of it." in text
    assert "Decision boundary: The model divides the plane" in text


def test_pending_points_are_told() -> None:
    text = report_markdown(student_view(pending()))

    assert "**6.5 of 8 points**, 1.5 pending" in text
    assert "| ? undecided | pending / 1 |" in text


def test_a_report_without_a_model_is_whole() -> None:
    text = report_markdown(nothing_trained())

    assert "No model was trained in this notebook." in text
    assert "\n\n\n" not in text
