"""Before any run: what a class needs that is not installed here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.course import Course
from grader.pipeline.scan import ScanResult, scan
from pipeline.command_line import FRAMEWORKS, RUN_MAIN, command, modules_after

GUARDED = "try:\n    import google.colab\nexcept ImportError:\n    pass\n"


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    files = {
        "ada/circles.py": "import torch, no_such_thing\nimport os.path, helper\n",
        "ada/helper.py": "from no_such_thing.deep import x\n",
        "bea.py": "import sklearn.metrics\nfrom no_such_thing import y\nimport not_there_either\n",
        "cem.py": GUARDED + "import rubrics, tests\nimport importlib.metadata\n",
        "dan.ipynb": "{",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def found(catalogue: Course, handed_in: Path) -> ScanResult:
    return scan(catalogue, "circles", [handed_in])


def test_missing_imports_are_counted_by_submission(found: ScanResult) -> None:
    assert (found.submissions, found.unreadable) == (4, 1)
    assert [(each.name, each.submissions, each.students) for each in found.missing] == [
        ("no_such_thing", 2, ("ada", "bea")),
        ("not_there_either", 1, ("bea",)),
        ("rubrics", 1, ("cem",)),  # folders of our repository, which no sandbox shows
        ("tests", 1, ("cem",)),
    ]


def test_installed_imports_are_told_with_their_distribution(found: ScanResult) -> None:
    assert {(each.name, each.distribution) for each in found.installed} == {
        ("sklearn", "scikit-learn"), ("torch", "torch"),
    }  # fmt: skip
    assert all(each.version for each in found.installed)


def test_the_command_prints_text_or_json(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    handed_in: Path,
) -> None:
    grader = command(monkeypatch, capsys, tmp_path)

    text = grader("scan", "circles", handed_in)
    printed = json.loads(grader("scan", "circles", handed_in, "--json").out)

    assert text.status == 0
    assert "4 read, 1 of them cannot be run at all" in text.out
    assert "no_such_thing" in text.out
    assert "ada, bea" in text.out
    assert printed["missing"][0] == {
        "name": "no_such_thing", "submissions": 2, "students": ["ada", "bea"],
    }  # fmt: skip


@pytest.mark.slow
def test_scanning_imports_no_framework(tmp_path: Path, handed_in: Path) -> None:
    script = f"sys.argv = ['grader', 'scan', 'circles', {str(handed_in)!r}]\n{RUN_MAIN}"

    modules, printed = modules_after(script, cwd=tmp_path)

    assert "no_such_thing" in printed
    assert not modules & FRAMEWORKS
