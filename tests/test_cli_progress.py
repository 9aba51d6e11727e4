"""Progress off a terminal: few lines, an estimate, no control characters."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.cli_progress import ClassProgress, duration


def test_off_a_terminal_a_line_a_minute_says_how_long_it_takes() -> None:
    text, now = io.StringIO(), [0.0]
    console = Console(file=text, force_terminal=False, highlight=False)

    with ClassProgress(console, "isolation: bwrap", clock=lambda: now[0]) as progress:
        progress.update(10, 40, "")
        for done in range(11, 41):
            now[0] += 20
            progress.update(done, 40, "Ada [red]")

    lines = text.getvalue().splitlines()
    assert lines[:3] == [
        "isolation: bwrap",
        "grading 40 submissions, 10 of them stored already",
        "13 of 40 done, about 9 min left",
    ]
    assert lines[-1] == "37 of 40 done, about 60 s left"
    assert len(lines) == 11
    assert (progress.done, progress.total) == (40, 40)
    assert "\x1b" not in text.getvalue()


def test_on_a_terminal_there_is_a_bar() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)

    with ClassProgress(console, "isolation: bwrap") as progress:
        progress.update(0, 2, "")
        progress.update(2, 2, "[bold]Ada")

    assert "2/2" in text.getvalue()
    assert "[bold]Ada" in text.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (99, "99 s"), (150, "2 min"), (11_100, "3 h 5 min")]
)
def test_times_are_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert duration(seconds) == said
