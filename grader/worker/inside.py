"""The part of the worker that lives in the student's process and talks to the probe."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.evidence import HiddenAnswers
from grader.evidence.exchange import (
    ANSWERS_FILE,
    EXAMINATION_FILE,
    HIDDEN_INPUTS_FILE,
    Request,
    public_rows_file,
)
from grader.probe.session import PublicRows, Session
from grader.worker.leaving import leave


@dataclass(slots=True)
class _Inside:
    session: Session
    out: Path
    namespace: dict[str, Any] = field(default_factory=dict)


_inside: _Inside | None = None


def install(request: Request) -> None:
    """Make the session and install the recorder; called once, before any student code."""
    global _inside  # the kernel calls back by name, with nothing in hand
    given, out = Path(request.given), Path(request.out)
    public = {b.id: _public_rows(given / public_rows_file(b.id)) for b in request.briefs}
    session = Session(briefs=request.briefs, public=public, out=out, seed=request.seed)
    session.install()
    _inside = _Inside(session=session, out=out)


def attach(namespace: dict[str, Any]) -> None:
    """Tell where student code keeps its variables."""
    _here().namespace = namespace


def seed() -> None:
    """Seed again right before the first cell: starting the kernel draws from the generators."""
    _here().session.seed()


def examine() -> None:
    """Examine what was built and trained; no hidden input exists in this process yet."""
    here = _here()
    examination = here.session.examine(here.namespace)
    leave(here.out / EXAMINATION_FILE, examination.model_dump_json())


def answer_hidden() -> None:
    """Ask the candidates about the hidden inputs that have just arrived."""
    here = _here()
    with np.load(here.out / HIDDEN_INPUTS_FILE, allow_pickle=False) as archive:
        hidden = {name: archive[name] for name in archive.files}
    answers: HiddenAnswers = here.session.answer_hidden(hidden, here.namespace)
    leave(here.out / ANSWERS_FILE, answers.model_dump_json())


def _here() -> _Inside:
    if _inside is None:
        message = "the recorder was not installed"
        raise RuntimeError(message)
    return _inside


def _public_rows(path: Path) -> PublicRows:
    with np.load(path, allow_pickle=False) as rows:
        return PublicRows(
            train_inputs=rows["train_inputs"],
            train_labels=rows["train_labels"],
            validation_inputs=rows["validation_inputs"],
            validation_labels=rows["validation_labels"],
            plot_inputs=rows["plot_inputs"],
        )
