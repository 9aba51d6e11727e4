"""Keeps ``gradebook.sqlite3`` in step with the result folders, which have the last word."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader import __version__
from grader.errors import UsageError
from grader.evidence import Limits, RunRecord
from grader.intake.material import digest
from grader.intake.model import Submission
from grader.pipeline.setting import Setting
from grader.pipeline.store import Attempt, ResultFolder

if TYPE_CHECKING:
    from grader.gradebook.database import AttemptRow, Database

DATABASE_FILE = "gradebook.sqlite3"
LOCK_FILE = "lock"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the result of a run depends on besides the submission.

    Attributes:
        assignment_sha256: Of the assignment file.
        hidden_sets: Digest of each hidden set, by exercise id.
        limits: Of a run.
        isolation: Level.
        grader_version: Of the grader.
    """

    assignment_sha256: str
    hidden_sets: dict[str, str]
    limits: Limits
    isolation: str
    grader_version: str

    @classmethod
    def of(cls, setting: Setting, limits: Limits, isolation: str) -> Terms:
        """The terms of today's runs."""
        return cls(
            assignment_sha256=setting.assignment.sha256,
            hidden_sets=setting.hidden_digests,
            limits=limits,
            isolation=isolation,
            grader_version=__version__,
        )

    @classmethod
    def of_record(cls, record: RunRecord) -> Terms:
        """The terms of a stored run."""
        return cls(
            assignment_sha256=record.assignment_sha256,
            hidden_sets=record.hidden_sets,
            limits=record.limits,
            isolation=record.isolation,
            grader_version=record.grader_version,
        )

    def run_key(self, content_sha256: str) -> str:
        """Name a run by everything that its result depends on; empty where nothing is run."""
        if not content_sha256:
            return ""
        parts = [
            content_sha256,
            self.assignment_sha256,
            sorted(self.hidden_sets.items()),
            self.limits.model_dump(mode="json"),
            self.isolation,
            self.grader_version,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def content_digest(submission: Submission) -> str:
    """Digest over what is run, whoever handed it in and however the entry is called."""
    if submission.problem is not None:
        return ""
    notebook = submission.notebook.encode("utf-8", "surrogatepass")
    parts = (str(submission.entry_kind), hashlib.sha256(notebook).hexdigest())
    return hashlib.sha256("\n".join((*parts, digest(submission.files))).encode()).hexdigest()


@contextmanager
def open_index(folder: ResultFolder) -> Iterator[Database]:
    """Open the index of a result folder, and bring it up to what is stored there.

    Raises:
        UsageError: Another grader is at work in the folder, nothing can be stored in it, or
            SQLAlchemy is not installed.
    """
    try:
        from grader.gradebook.database import open_database
    except ModuleNotFoundError as exc:
        hint = "pip install 'classification-grader[instructor]'"
        raise UsageError(f"grading a class needs the package {exc.name}", hint=hint) from exc

    try:
        folder.private.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"{folder.root}: results cannot be stored in it: {exc.strerror}") from exc
    with _alone_in(folder), open_database(folder.root / DATABASE_FILE) as database:
        folder.remove_partial()
        stored = set(folder.attempts())
        known = database.attempts()
        database.drop_attempts(known - stored)
        for key, number in sorted(stored - known):
            attempt = folder.load_usable(key, number)
            if attempt is not None:  # what cannot be used will be run again
                database.put_attempt(attempt_row(attempt))
        yield database


@contextmanager
def _alone_in(folder: ResultFolder) -> Iterator[None]:
    """Keep a second grader out; the lock goes with its process, however that ends."""
    with (folder.private / LOCK_FILE).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            message = f"{folder.root}: another grader is at work in it"
            raise UsageError(message, hint="wait until it has ended") from exc
        yield


def attempt_row(attempt: Attempt) -> AttemptRow:
    """What the index keeps of a stored attempt."""
    from grader.gradebook.database import AttemptRow

    handed_in, record = attempt.handed_in, attempt.record
    run_of = handed_in.run_of
    return AttemptRow(
        student_key=handed_in.key,
        attempt=handed_in.attempt,
        display_name=handed_in.display_name,
        email=handed_in.email,
        source=handed_in.source,
        submission_sha256=handed_in.sha256,
        run_key=Terms.of_record(record).run_key(handed_in.content_sha256),
        run_state=str(record.outcome.state),
        run_of=f"{run_of[0]}/{run_of[1]}" if run_of else "",
    )
