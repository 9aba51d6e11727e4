"""What a killed supervisor left behind is removed, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from grader.sandbox.leftovers import MARK_FILE, mark, remove_leftovers


def run_folder(parent: Path, name: str) -> Path:
    root = parent / f"grader-{name}"
    (root / "slot" / "work").mkdir(parents=True)
    mark(root)
    return root


def change(root: Path, **changes: object) -> None:
    path = root / MARK_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_folders_of_a_process_that_is_gone_are_removed(tmp_path: Path) -> None:
    gone, reused, rebooted = (run_folder(tmp_path, name) for name in ("gone", "reused", "boot"))
    change(gone, pid=ended_process())
    change(reused, started=1)
    change(rebooted, boot="another")

    assert remove_leftovers(tmp_path) == 3
    assert list(tmp_path.iterdir()) == []


def test_everything_else_stays(tmp_path: Path) -> None:
    elsewhere = run_folder(tmp_path / "elsewhere", "gone")
    change(elsewhere, pid=ended_process())
    places = tmp_path / "places"
    living = run_folder(places, "living")
    foreign = run_folder(places, "foreign")
    change(foreign, pid=ended_process(), pid_namespace="pid:[1]")
    unmarked = places / "grader-unmarked"
    unmarked.mkdir()
    nonsense = run_folder(places, "nonsense")
    (nonsense / MARK_FILE).write_text('{"pid": "x"', encoding="utf-8")
    linked_mark = places / "grader-linked-mark"
    linked_mark.mkdir()
    (linked_mark / MARK_FILE).symlink_to(elsewhere / MARK_FILE)
    link = places / "grader-link"
    link.symlink_to(elsewhere)

    assert remove_leftovers(places) == 0
    for path in (elsewhere, living, foreign, unmarked, nonsense, linked_mark, link):
        assert path.is_dir()
