"""Explains one notebook or module without an assignment: what it built and how it trained it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader import __version__
from grader.choice import choose_any
from grader.errors import UsageError
from grader.evidence import Candidate, CellError, Limits, Resources, RunOutcome, RunRecord, RunState
from grader.intake import collect
from grader.intake.model import Submission
from grader.intake.refusal import printable
from grader.pipeline.describe import describe_run
from grader.pipeline.diagnosis import Findings, errors_of
from grader.pipeline.model_table import TRAINED_ON, further_rows, model_rows
from grader.pipeline.store import HandedIn
from grader.report.explanation import Explanation, ModelExplanation
from grader.sandbox.interface import Job, Runner, RunResult

SEED = 0
MAX_BESIDE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """How a file is explained.

    Attributes:
        beside: Files and folders put into the working folder, for programs that read them.
        limits: What the run may use.
        notes: Whether harmless findings are shown, too.
    """

    beside: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    notes: bool = False


def explain(path: Path, options: ExplainOptions, *, runner: Runner) -> Explanation:
    """Run one file in the sandbox and tell what it built and trained.

    Args:
        path: A notebook, a module, or a folder or zip with one.
        options: What lies beside it, limits, notes.
        runner: Starts the sandboxed run.

    Raises:
        UsageError: There is no such file, or more than one submission under the path.
    """
    found = collect([path])
    if len(found) != 1:
        message = f"{path}: holds {len(found)} submissions; explain takes one file"
        raise UsageError(message, hint="name the notebook or module itself")
    submission = found[0]
    if submission.problem is not None:
        result = RunResult(outcome=RunOutcome(state=RunState.NOT_RUN), isolation="")
    else:
        result = runner.run(_job(submission, options), cancelled=lambda: False)
    return _explanation(submission, result, options)


def _job(submission: Submission, options: ExplainOptions) -> Job:
    return Job(
        notebook=submission.notebook,
        entry_kind=str(submission.entry_kind or "notebook"),
        entry_name=printable(submission.entry_name)[-100:],
        files={**_read(options.beside), **submission.files},
        briefs=(),
        public={},
        hidden_inputs={},
        limits=options.limits,
        seed=SEED,
    )


def _read(paths: Sequence[Path]) -> dict[PurePosixPath, bytes]:
    files: dict[PurePosixPath, bytes] = {}
    size = 0
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in inside:
            size += file.stat().st_size
            if size > MAX_BESIDE_BYTES:
                message = f"--with: more than {MAX_BESIDE_BYTES // 2**20} MiB of files"
                raise UsageError(message, hint="name only the files that the program reads")
            files[PurePosixPath(file.relative_to(path.parent).as_posix())] = file.read_bytes()
    return files


def _explanation(submission: Submission, result: RunResult, options: ExplainOptions) -> Explanation:
    record = RunRecord(
        grader_version=__version__,
        assignment="",
        submission_sha256=submission.sha256,
        isolation=result.isolation,
        limits=options.limits,
        outcome=result.outcome,
        testimony=result.testimony,
        resources=result.resources or Resources(),
    )
    examination = result.testimony.examination if result.testimony else None
    candidates = examination.candidates if examination else ()
    errors = errors_of(record)
    choice = choose_any(candidates)
    alone = Findings(errors=errors, imported=examination.modules_loaded if examination else ())
    return Explanation(
        grader_version=__version__,
        file=printable(submission.entry_name) or submission.source,
        models=tuple(_model(each, errors, notes=options.notes) for each in candidates),
        models_seen=examination.models_seen if examination else 0,
        chosen=choice.candidate_id or "",
        why=choice.why if len(candidates) > 1 or not choice.candidate_id else "",
        diagnoses=() if candidates else alone.diagnoses(notes=options.notes),
        run=describe_run(record, HandedIn.of(submission), result.log),
    )


def _model(candidate: Candidate, errors: tuple[CellError, ...], *, notes: bool) -> ModelExplanation:
    rows = (*model_rows(candidate), *further_rows(candidate))
    return ModelExplanation(
        name=", ".join(candidate.names) or "no variable any more",
        summary=tuple(row for row in rows if row[0] != TRAINED_ON),
        facts=candidate,
        diagnoses=Findings(candidate=candidate, errors=errors).diagnoses(notes=notes),
    )
