"""Nothing secret can be seen from inside, under an editable and under a wheel install."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.levels import Trial

pytestmark = [pytest.mark.sandbox, pytest.mark.hostile]
SCRIPT = Path(__file__).with_name("visible.py")
REPOSITORY = SCRIPT.parents[2]
SEARCH_TIMEOUT_S = 400


def searched(python: Path, folder: Path, *skipped: str) -> dict[str, Any]:
    """Run the search with an interpreter, from a folder that has nothing to do with us."""
    answer = folder / "answer.json"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [python, "-P", SCRIPT, answer, *skipped],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SEARCH_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(answer.read_text())
    assert isinstance(result, dict)
    return result


def assert_nothing_is_visible(answer: dict[str, Any], *, files: int) -> None:
    assert answer["search"]["isolation"] == "bwrap"
    assert answer["search"]["found"] == []
    assert answer["search"]["seen"]["files"] > files
    assert answer["search"]["seen"]["memory"] > 10 << 20
    assert answer["search"]["seen"]["environments"] >= 1

    places = [place for name, place in answer["planted"]["found"] if name == "planted"]
    assert "/slot/work/planted.bin" in places
    assert "os.environ" in places
    assert any(place.startswith("memory of") for place in places)


def test_nothing_secret_is_visible_under_an_editable_install(walls: Trial, tmp_path: Path) -> None:
    answer = searched(Path(sys.executable), tmp_path)

    assert answer["installed_in"] == str(REPOSITORY / "grader")
    assert_nothing_is_visible(answer, files=10_000)


def test_nothing_secret_is_visible_under_a_wheel_install(walls: Trial, tmp_path: Path) -> None:
    """The wheel holds the whole catalogue: its folder must be covered."""
    python = wheel_environment(tmp_path)

    # What does not come from the wheel was searched under the editable install.
    answer = searched(python, tmp_path, "/usr", sys.base_prefix, *site.getsitepackages())

    assert str(tmp_path) in answer["installed_in"]
    assert (Path(answer["installed_in"]) / "catalogue" / "rubrics" / "circles.toml").is_file()
    assert_nothing_is_visible(answer, files=20)


def wheel_environment(folder: Path) -> Path:
    """Build the wheel and install it into an environment that borrows our installed packages."""
    folder.chmod(0o755)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o011 != 0o011 and parent.owner() == folder.owner():
            parent.chmod(parent.stat().st_mode | 0o011)
    wheels = folder / "wheels"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    subprocess.run([*build, str(REPOSITORY)], check=True, timeout=120)
    environment = folder / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    library = sysconfig.get_path(
        "purelib", vars={"base": str(environment), "platbase": str(environment)}
    )
    (wheel,) = wheels.glob("*.whl")
    install = [*pip, "install", "--no-deps", "--no-compile", "--target", library, str(wheel)]
    subprocess.run(install, check=True, timeout=120)
    (Path(library) / "borrowed.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return environment / "bin" / "python"
