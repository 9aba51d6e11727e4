"""Reads one attempt's material: entry chosen, decoded, normalised, or the problem named."""

from __future__ import annotations

from dataclasses import replace

from grader.intake.decode import decode, decode_module
from grader.intake.entry import Chosen, choose_entry
from grader.intake.material import NOTHING, Material
from grader.intake.model import EntryKind, Problem, ProblemKind, Submission
from grader.intake.module import read_module
from grader.intake.notebook import Cells, is_notebook_json, read_notebook, write_notebook
from grader.intake.refusal import RefusedError, shown


def read_submission(
    material: Material, submission: Submission, *, entry_glob: str = ""
) -> Submission:
    """Fill in what was handed in, ready to run, or why it cannot be run.

    Args:
        material: The files of the attempt.
        submission: Whose and which attempt; its notes are kept.
        entry_glob: The assignment's pattern for the entry's name; may be empty.
    """
    if material.problem is not None:
        return replace(submission, problem=material.problem)
    if not material.files:
        return replace(submission, problem=_nothing(material))
    try:
        chosen = choose_entry(material.files, entry_glob=entry_glob)
    except RefusedError as refused:
        return replace(submission, problem=refused.problem)

    is_notebook = chosen.name.lower().endswith(".ipynb")
    submission = replace(
        submission,
        entry_name=chosen.name,
        entry_kind=EntryKind.NOTEBOOK if is_notebook else EntryKind.MODULE,
        files=chosen.files,
    )
    try:
        kind, read = _read(chosen, is_notebook=is_notebook)
    except RefusedError as refused:
        return replace(submission, problem=refused.problem)
    return replace(
        submission,
        entry_kind=kind,
        notebook=write_notebook(read.cells),
        notes=(*submission.notes, *read.notes),
    )


def _nothing(material: Material) -> Problem:
    if material.notes:
        return Problem(
            ProblemKind.NO_ENTRY, "There is no file that can be read: " + "; ".join(material.notes)
        )
    return Problem(ProblemKind.EMPTY, f"{NOTHING}: there is no file.")


def _read(chosen: Chosen, *, is_notebook: bool) -> tuple[EntryKind, Cells]:
    name = chosen.name
    decoded = (decode if is_notebook else decode_module)(chosen.content, name)
    if not decoded.text.strip("\ufeff \t\r\n\f\v"):
        raise RefusedError(ProblemKind.EMPTY, f"{NOTHING}: the file {shown(name)} is empty.")

    notes = decoded.notes
    if not is_notebook and is_notebook_json(decoded.text):
        is_notebook = True
        notes += (f"{shown(name)} holds a notebook and was read as one",)
    if is_notebook:
        kind, read = EntryKind.NOTEBOOK, read_notebook(decoded.text, name)
    else:
        kind, read = EntryKind.MODULE, read_module(decoded.text)
    if not any(cell.kind == "code" and cell.source.strip() for cell in read.cells):
        raise RefusedError(ProblemKind.EMPTY, f"{NOTHING}: there is no code in {shown(name)}.")
    return kind, Cells(read.cells, (*notes, *read.notes))
