"""Text of students cannot do anything to a terminal, a page or a reader's eyes."""

from __future__ import annotations

import pytest
from rich.text import Text

from grader.evidence import CellState
from grader.report.model import CellReport
from grader.report.text import cleaned, one_line, shortened, visible
from report.sample_reports import HOSTILE, hostile, run


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë Nguyễn 李 🙂", "Zoë Nguyễn 李 🙂"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("windows\r\nline", "windows\nline"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("bell\x07 null\x00 return\rx del\x7f", "bell␇ null␀ return␍x del␡"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\u2066\u200e\ufeff\u2028\u0085\U000e0041", "\ufffd" * 6),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_control_characters_are_dropped_or_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0xFEFF])
def test_text_never_grows_so_that_length_limits_hold(code: int) -> None:
    text = f"a{chr(code)}b" * 10

    assert len(visible(text)) <= len(text)


def test_one_line_is_one_line() -> None:
    assert one_line("  a\n b\t\x1b[1mc ") == "a b c"


def test_shortened_text_keeps_to_its_width() -> None:
    assert shortened("abcdefgh", 5) == "abcd…"
    assert shortened("abcde", 5) == "abcde"


def test_cleaning_reaches_every_text_of_a_report_and_sorts_mappings() -> None:
    clean = cleaned(hostile())

    text = clean.model_dump_json()
    for character in "\x1b\x07\u202e\u2066":
        assert character not in text
        assert f"\\u{ord(character):04x}" not in text
    assert list(clean.run.packages) == sorted(clean.run.packages)
    assert clean.run.state is hostile().run.state


def test_cleaning_leaves_harmless_reports_as_they_are() -> None:
    harmless = run(cells_failed=(CellReport(number=1, state=CellState.NOT_RUN),), packages={})

    assert cleaned(harmless) == harmless


def test_hostile_sample_really_is_hostile() -> None:
    assert Text.from_markup("[red]bold[/red]").plain == "bold"
    assert visible(HOSTILE) != HOSTILE
