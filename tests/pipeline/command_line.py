"""Calls the command line: in this process, or in one of its own to see what it imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.cli import main

FRAMEWORKS = {"torch", "tensorflow", "keras"}


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


Command = Callable[..., Answer]


def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> Command:
    """The command, with a folder and a configuration folder of its own, at 80 columns."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(folder)

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as exc:
            status = int(exc.code or 0)
        printed = capsys.readouterr()
        return Answer(status, printed.out, printed.err)

    return run


def modules_after(script: str, *arguments: object, cwd: Path) -> tuple[set[str], str]:
    """Names of the top-level modules that a command imported, and what it printed."""
    program = (
        "import sys\nfrom grader.cli import main\n"
        f"{script}\n"
        "print('\\nmodules:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        check=True, capture_output=True, text=True, cwd=cwd,
    )  # fmt: skip
    printed, _, names = done.stdout.rpartition("\nmodules:")
    return set(names.split()), printed


RUN_MAIN = "try:\n    main()\nexcept SystemExit as exc:\n    assert not exc.code, exc.code"
