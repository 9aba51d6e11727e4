"""Help answers at once, names everything, and imports nothing heavy."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pipeline.command_line import FRAMEWORKS, RUN_MAIN, Answer, Command, command, modules_after

from grader import __version__
from grader.cli import app

HEAVY = {"numpy", "sklearn", "pydantic", "rich", "jinja2", "nbformat", "matplotlib"} | FRAMEWORKS


@pytest.fixture
def grader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    return command(monkeypatch, capsys, tmp_path)


def commands(
    group: Any,  # noqa: ANN401 - Typer does not publish its classes
    path: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group by its path."""
    yield path, group
    for name, below in getattr(group, "commands", {}).items():
        yield from commands(below, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "grader")
def test_help_answers_and_names_everything(grader: Command, path: tuple[str, ...]) -> None:
    answer = grader(*path, "--help")

    assert (answer.status, answer.err) == (0, "")
    assert all(len(line) <= 80 for line in answer.out.splitlines())
    asked = ALL[path]
    for parameter in asked.params:
        names = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar]
        assert any(name in answer.out for name in names), names
    for name in getattr(asked, "commands", {}):
        assert f"  {name} " in answer.out
    assert "..." not in answer.out.partition("Commands:")[2]


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "grader")
def test_every_command_and_option_is_explained(path: tuple[str, ...]) -> None:
    asked = ALL[path]

    assert asked.help
    assert asked.help.split("\n")[0].endswith(".")
    for parameter in asked.params:
        assert parameter.help, parameter.name


def test_the_commands_are_those_of_the_issue() -> None:
    assert {" ".join(path) for path in ALL} == {
        "", "demo", "assignments", "grade", "scan", "regrade", "explain", "doctor",
        "secret", "secret new", "secret export", "secret import",
    }  # fmt: skip


def test_the_version_is_told(grader: Command) -> None:
    assert grader("--version") == Answer(0, f"grader {__version__}\n", "")


def seconds(*command: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return time.perf_counter() - started


@pytest.mark.slow
def test_help_answers_in_half_the_time_of_importing_sklearn() -> None:
    measured: dict[str, list[float]] = {"sklearn": [], "help": [], "grade": []}

    for _ in range(5):
        measured["sklearn"].append(seconds("-c", "import sklearn"))
        measured["help"].append(seconds("-m", "grader", "--help"))
        measured["grade"].append(seconds("-m", "grader", "grade", "--help"))

    medians = {name: statistics.median(times) for name, times in measured.items()}
    assert medians["help"] < medians["sklearn"] / 2
    assert medians["grade"] < medians["sklearn"] / 2


def test_the_overview_imports_nothing_heavy(tmp_path: Path) -> None:
    modules, printed = modules_after(RUN_MAIN, "--help", cwd=tmp_path)

    assert "Commands:" in printed
    assert not modules & HEAVY


def test_no_help_imports_anything_heavy(tmp_path: Path) -> None:
    lines = ["import contextlib"]
    for path in ALL:
        lines.append(f"sys.argv = {['grader', *path, '--help']}")
        lines.append("with contextlib.suppress(SystemExit):\n    main()")

    modules, printed = modules_after("\n".join(lines), cwd=tmp_path)

    assert printed.count("Usage:") == len(ALL)
    assert "typer" in modules
    assert not modules & (HEAVY - {"pydantic"})  # which Typer itself needs for a command's help
