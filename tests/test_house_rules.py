"""Rules that bind every file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
MAX_LINES = 500
JUNK_DRAWERS = {"utils.py", "helpers.py", "common.py", "misc.py"}
SAMPLES = "assignments/circles/samples/"
# Written in pieces, so that this file does not break its own rule.
MACHINE_PATHS = re.compile("|".join(("/ro" + "ot/", "/wo" + "rk/main", "\\.lib" + "rary/")))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [REPOSITORY / line for line in listed.stdout.splitlines()]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = [path for path in tracked() if path.is_file()]
    assert len(found) > 100
    return found


def ours(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".py" and path.parts[-2] != "class"]


def test_no_module_is_too_long(files: list[Path]) -> None:
    package = [path for path in ours(files) if (REPOSITORY / "grader") in path.parents]

    too_long = {
        str(path.relative_to(REPOSITORY)): count
        for path in package
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }

    assert too_long == {}


def test_nothing_is_called_utils(files: list[Path]) -> None:
    drawers = [
        path for path in files if path.name in JUNK_DRAWERS and SAMPLES not in path.as_posix()
    ]

    assert drawers == []


def test_no_path_of_one_machine_is_committed(files: list[Path]) -> None:
    text_files = [path for path in files if path.suffix not in (".png", ".ipynb")]

    named = [
        path.relative_to(REPOSITORY)
        for path in text_files
        if MACHINE_PATHS.search(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert named == []


def test_every_silenced_check_says_which_and_why(files: list[Path]) -> None:
    silenced = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
    with_reason = re.compile(
        r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[a-z-]+(,\s*[a-z-]+)*\])\s+(#|-)\s*\S"
    )
    bare = [
        f"{path.relative_to(REPOSITORY)}: {line.strip()}"
        for path in ours(files)
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if (found := silenced.search(line)) and not with_reason.match(found["rest"].lstrip())
    ]

    assert bare == []


def test_the_readme_names_every_command() -> None:
    from grader.cli import app

    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    for command in app.registered_commands:
        assert command.callback is not None
        assert f"grader {command.name or command.callback.__name__}" in readme
