"""How a module of the intake says that something a student handed in cannot be used."""

from __future__ import annotations

import unicodedata
from typing import Final

from grader.intake.model import Problem, ProblemKind

_SHOWN_CHARACTERS: Final = 80


class RefusedError(Exception):
    """Something handed in cannot be used; never leaves the intake, where it becomes a problem.

    Args:
        kind: Why.
        detail: A sentence for the student.
    """

    def __init__(self, kind: ProblemKind, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem(kind=kind, detail=detail)


def shown(name: object) -> str:
    """Quote a name that a student chose, escaped and cut to a length that fits a sentence."""
    text = str(name)
    if len(text) > _SHOWN_CHARACTERS:
        text = text[: _SHOWN_CHARACTERS - 1] + "…"
    return repr(text)


def printable(name: str) -> str:
    """Make a name safe to print and to encode: no control characters, no lone surrogates."""
    encodable = name.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cf") else c for c in encodable)
    return " ".join(kept.split())
