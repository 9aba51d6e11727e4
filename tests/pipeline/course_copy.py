"""A course folder of one's own, to be changed by a test."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.course import Course, bundled_catalogue, open_course

FILES = (
    "course.toml",
    "assignments/circles/assignment.toml",
    "assignments/circles/dataset.py",
    "rubrics/circles.toml",
)


def copied_course(root: Path) -> Course:
    """Copy the bundled assignment, without its samples."""
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundled_catalogue() / name, root / name)
    return open_course(root, here=root)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a piece of text that must be there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
