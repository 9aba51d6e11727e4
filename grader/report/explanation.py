"""What ``grader explain`` says of a notebook or module: its models, their training, diagnoses."""

from __future__ import annotations

from typing import Final, Literal

from grader.evidence import Candidate, Data
from grader.report.model import DiagnosisReport, RunReport

EXPLANATION_SCHEMA_VERSION: Final = 1


class ModelExplanation(Data):
    """One model.

    Attributes:
        name: Variable that held it, or a description.
        summary: The facts as a table of (what, value, provenance) for people.
        facts: Everything that is known: each fact has a state, a value or a reason, where it
            comes from and how it was found.
        diagnoses: Root causes first.
    """

    name: str
    summary: tuple[tuple[str, str, str], ...]
    facts: Candidate
    diagnoses: tuple[DiagnosisReport, ...] = ()


class Explanation(Data):
    """Everything that one run of a file showed, without any assignment.

    Attributes:
        schema_version: Of this format; see ``docs/schema/explanation.schema.json``.
        grader_version: Of the grader.
        file: Name of the file.
        models: The trained ones first in order of first use, then others; at most eight.
        models_seen: How many there were in all.
        chosen: Id of the model that an exercise would most likely be graded by; empty if none.
        why: Why that one, or why none.
        diagnoses: What was found about the run as a whole.
        run: How the run went.
    """

    schema_version: Literal[1] = EXPLANATION_SCHEMA_VERSION
    grader_version: str
    file: str
    models: tuple[ModelExplanation, ...] = ()
    models_seen: int = 0
    chosen: str = ""
    why: str = ""
    diagnoses: tuple[DiagnosisReport, ...] = ()
    run: RunReport
