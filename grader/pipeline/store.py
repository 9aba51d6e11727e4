"""The result folder: what is kept of each attempt, written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from grader.errors import EvidenceError
from grader.evidence import SCHEMA_VERSION, Data, RunRecord
from grader.intake.model import EntryKind, Problem, ProblemKind, Student, Submission
from grader.intake.refusal import printable

Array = npt.NDArray[Any]
RECORD_FILE: Final = "evidence.json"
HANDED_IN_FILE: Final = "submission.json"
EXECUTED_FILE: Final = "executed.ipynb"
LOG_FILE: Final = "worker.log"
JOB_FILE: Final = "job.json"
ARRAYS_FOLDER: Final = "arrays"
PARTIAL: Final = ".part"


class HandedIn(Data):
    """What scoring again needs to know of a submission: everything but its content.

    Attributes:
        content_sha256: Digest over entry and files as they are run, whoever handed them in; empty
            where nothing was run.
        run_of: Key and number of the identical attempt whose run this is the result of; ``None``
            where it is its own. Never shown to students.
    """

    schema_version: Literal[1] = 1
    key: str
    display_name: str
    email: str = ""
    attempt: int
    attempts: int
    source: str
    entry_name: str = ""
    entry_kind: EntryKind | None = None
    problem_kind: ProblemKind | None = None
    problem_detail: str = ""
    notes: tuple[str, ...] = ()
    sha256: str
    content_sha256: str = ""
    run_of: tuple[str, int] | None = None

    @property
    def student(self) -> Student:
        """Who handed it in."""
        return Student(key=self.key, display_name=self.display_name, email=self.email)

    @property
    def problem(self) -> Problem | None:
        """Why it could not be run; ``None`` if it could."""
        if self.problem_kind is None:
            return None
        return Problem(kind=self.problem_kind, detail=self.problem_detail)

    @classmethod
    def of(cls, submission: Submission) -> HandedIn:
        """Keep what is needed of a submission."""
        student, problem = submission.student, submission.problem
        return cls(
            key=student.key,
            display_name=student.display_name,
            email=student.email,
            attempt=submission.attempt,
            attempts=submission.attempts,
            source=submission.source,
            entry_name=printable(submission.entry_name),
            entry_kind=submission.entry_kind,
            problem_kind=problem.kind if problem else None,
            problem_detail=problem.detail if problem else "",
            notes=submission.notes,
            sha256=submission.sha256,
        )


class JobFile(Data):
    """What the whole folder is about: ``private/job.json``.

    Attributes:
        course_root: Where the course folder was, so that ``regrade`` finds today's rubric.
        hidden_sets: Digest of each hidden set, by exercise id.
        missing: Students of the roster who handed in nothing: key and display name.
        models: What ``--model`` said, as ``EXERCISE=NAME``.
    """

    schema_version: Literal[1] = 1
    course: str
    term: str
    course_root: str
    assignment: str
    secret_fingerprint: str
    hidden_sets: dict[str, str]
    missing: tuple[tuple[str, str], ...] = ()
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as it was stored.

    Attributes:
        handed_in: By whom, what, from where.
        record: The evidence.
        arrays: By file name.
        executed: The executed notebook as JSON text; empty where there is none.
        log: Of the worker.
    """

    handed_in: HandedIn
    record: RunRecord
    arrays: Mapping[str, Array]
    executed: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """The folder that ``--out`` names."""

    root: Path

    @property
    def private(self) -> Path:
        """What must not leave the house."""
        return self.root / "private"

    @property
    def hidden(self) -> Path:
        """Where hidden sets are stored."""
        return self.private / "hidden"

    def attempt_folder(self, key: str, attempt: int) -> Path:
        """Where one attempt of a student is kept."""
        return self.private / "students" / key / str(attempt)

    def feedback_folder(self, key: str) -> Path:
        """What the student may get."""
        return self.root / "feedback" / key

    @property
    def has_job(self) -> bool:
        """Whether something was graded into this folder before."""
        return (self.private / JOB_FILE).is_file()

    def save_job(self, job: JobFile) -> None:
        """Say what the folder is about, and close it to everybody else on this machine."""
        self.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.private.chmod(0o700)
        _write(self.private / JOB_FILE, job.model_dump_json(indent=2).encode() + b"\n")

    def load_job(self) -> JobFile:
        """Read what the folder is about.

        Raises:
            EvidenceError: It is not a folder of results, or of an unknown schema.
        """
        path = self.private / JOB_FILE
        try:
            return JobFile.model_validate_json(path.read_bytes())
        except FileNotFoundError as exc:
            message = f"{self.root}: no results in it ({path.relative_to(self.root)} is missing)"
            raise EvidenceError(message, hint="name the folder that --out of grade named") from exc
        except ValidationError as exc:
            raise EvidenceError(f"{path}: cannot be used: {_first(exc)}") from exc

    def save(self, attempt: Attempt) -> None:
        """Store an attempt: its folder appears complete or not at all."""
        handed_in = attempt.handed_in
        folder = self.attempt_folder(handed_in.key, handed_in.attempt)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = folder.with_name(f".{folder.name}{PARTIAL}")
        shutil.rmtree(partial, ignore_errors=True)
        (partial / ARRAYS_FOLDER).mkdir(parents=True)
        digests = {}
        for name, array in attempt.arrays.items():
            content = _npy_bytes(array)
            digests[name] = hashlib.sha256(content).hexdigest()
            _write_new(partial / ARRAYS_FOLDER / name, content)
        record = attempt.record.model_copy(update={"arrays": digests})
        _write_new(partial / RECORD_FILE, record.model_dump_json(indent=1).encode())
        _write_new(partial / HANDED_IN_FILE, handed_in.model_dump_json(indent=1).encode())
        if attempt.executed:
            _write_new(partial / EXECUTED_FILE, attempt.executed.encode())
        _write_new(partial / LOG_FILE, attempt.log.encode())
        for each in (partial / ARRAYS_FOLDER, partial):
            _sync_folder(each)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
        _sync_folder(folder.parent)

    def remove_partial(self) -> None:
        """Remove what a grader that was killed had not written to its end."""
        for left in (self.private / "students").glob(f"*/.*{PARTIAL}"):
            shutil.rmtree(left, ignore_errors=True)

    def load(self, key: str, attempt: int) -> Attempt | None:
        """Read a stored attempt; ``None`` if there is none.

        Raises:
            EvidenceError: It is there and cannot be used.
        """
        folder = self.attempt_folder(key, attempt)
        if not (folder / RECORD_FILE).is_file():
            return None
        try:
            text = (folder / RECORD_FILE).read_bytes()
            _refuse_unknown_schema(text, folder / RECORD_FILE)
            record = RunRecord.model_validate_json(text)
            handed_in = HandedIn.model_validate_json((folder / HANDED_IN_FILE).read_bytes())
            arrays = {
                name: _load_array(folder / ARRAYS_FOLDER / name, digest)
                for name, digest in record.arrays.items()
            }
            log = (folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
        except (OSError, ValidationError) as exc:
            raise EvidenceError(f"{folder}: cannot be used: {_first(exc)}") from exc
        return Attempt(handed_in=handed_in, record=record, arrays=arrays, log=log)

    def load_usable(self, key: str, attempt: int) -> Attempt | None:
        """Read a stored attempt; ``None`` if there is none that can be used."""
        try:
            return self.load(key, attempt)
        except EvidenceError:
            return None

    def load_handed_in(self, key: str, attempt: int) -> HandedIn | None:
        """Read by whom and what a stored attempt is; ``None`` if that cannot be told any more."""
        try:
            content = (self.attempt_folder(key, attempt) / HANDED_IN_FILE).read_bytes()
            return HandedIn.model_validate_json(content)
        except (OSError, ValidationError):
            return None

    def load_executed(self, key: str, attempt: int) -> str:
        """Read the executed notebook of a stored attempt; empty where there is none."""
        path = self.attempt_folder(key, attempt) / EXECUTED_FILE
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def save_handed_in(self, handed_in: HandedIn) -> None:
        """Replace what is known of the student of a stored attempt."""
        folder = self.attempt_folder(handed_in.key, handed_in.attempt)
        _write(folder / HANDED_IN_FILE, handed_in.model_dump_json(indent=1).encode())

    def attempts(self) -> Iterator[tuple[str, int]]:
        """Key and number of every stored attempt, in order."""
        found = []
        for file in (self.private / "students").glob(f"*/[0-9]*/{RECORD_FILE}"):
            found.append((file.parent.parent.name, int(file.parent.name)))
        yield from sorted(found)


def _npy_bytes(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _load_array(path: Path, digest: str) -> Array:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise EvidenceError(f"{path}: is not the array that the evidence was stored with")
    array: Array = np.load(io.BytesIO(content), allow_pickle=False)
    return array


def _refuse_unknown_schema(text: bytes, path: Path) -> None:
    try:
        content = json.loads(text)
    except ValueError as exc:
        raise EvidenceError(f"{path}: is not JSON any more") from exc
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        message = f"{path}: evidence of schema {version!r}; this grader knows {SCHEMA_VERSION}"
        raise EvidenceError(message, hint="grade again, or use the version that wrote it")


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}{PARTIAL}")
    _write_new(partial, content)
    partial.replace(path)


def _write_new(path: Path, content: bytes) -> None:
    """Write a file so that it survives a power loss once its name does."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _first(error: OSError | ValidationError) -> str:
    """What is wrong, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{error.filename}: {error.strerror}" if error.strerror else str(error)
