"""Where the tools are installed, and what every process sees of the machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from throughput.measuring import ONE_THREAD, BenchmarkError

REPOSITORY: Final = Path(__file__).resolve().parents[2]
BUILD: Final = REPOSITORY / "build" / "throughput"
"""Ignored by git: environments, classes, results of tools."""
REQUIREMENTS: Final = Path(__file__).with_name("requirements")
OWN: Final = Path(sys.prefix)
"""The environment that this runs in: the grader's own, which plain nbclient uses too."""
SHOWN: Final = ("torch", "tensorflow", "keras", "numpy", "scikit-learn", "ipykernel", "nbclient")


def environment_of(tool: str) -> Path:
    """Folder of a tool's virtual environment."""
    return OWN if tool == "grader" else BUILD / "environments" / tool


def install(tool: str, say: Callable[[str], None]) -> None:
    """Install a tool with pinned versions, unless that was done.

    Raises:
        BenchmarkError: pip failed.
    """
    if tool == "grader":
        return
    wanted = REQUIREMENTS / f"{tool}.txt"
    folder = environment_of(tool)
    stamp = folder / "installed.sha256"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    say(f"installing {tool} into {folder.relative_to(REPOSITORY)} (some minutes)")
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [*pip, "--requirement", str(wanted)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchmarkError(f"{tool} could not be installed:\n{done.stderr[-3000:]}")
    stamp.write_text(digest, encoding="utf-8")


def versions(tool: str) -> dict[str, str]:
    """Versions of the packages that matter, in a tool's environment."""
    packages = (*SHOWN, tool) if tool != "grader" else SHOWN
    program = (
        "import json, platform, sys\n"
        "from importlib import metadata\n"
        "found = {name: metadata.version(name) for name in sys.argv[1:]}\n"
        "print(json.dumps({'Python': platform.python_version(), **found}))\n"
    )
    python = environment_of(tool) / "bin" / "python"
    done = subprocess.run(
        [str(python), "-c", program, *packages], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{tool}: {done.stderr[-1000:]}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def process_environment(tool: str) -> dict[str, str]:
    """What a tool's processes get: its own environment first in PATH, a home of the benchmark's."""
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    path = f"{environment_of(tool) / 'bin'}:{os.environ.get('PATH', os.defpath)}"
    return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **ONE_THREAD}


def executable(tool: str, name: str) -> str:
    """Path of a program of a tool's environment."""
    return str(environment_of(tool) / "bin" / name)
