"""Reads what one student handed in: unpacks an archive, sets attempts apart, keeps the limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from grader.intake.archive import open_zip
from grader.intake.listing import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    MIB,
    Listing,
    Member,
    is_code,
    is_gradable,
    joined,
)
from grader.intake.model import Problem, ProblemKind
from grader.intake.naming import attempt_marker, is_bare_attempt
from grader.intake.refusal import RefusedError, shown

NOTHING = "Nothing was handed in"


@dataclass(frozen=True, slots=True)
class Material:
    """The files of one attempt, read.

    Attributes:
        files: By path relative to the innermost folder or archive that holds them all.
        marker: What tells this attempt from others in the same folder: ``2`` of ``attempt-2``.
        place: That folder or archive, relative to the student's; empty if it is the same.
        problem: Why nothing can be used; then there are no files.
        notes: What was left out.
        sha256: Digest over paths and contents, or over what is known of them.
    """

    files: dict[PurePosixPath, bytes] = field(default_factory=dict)
    marker: str = ""
    place: str = ""
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    sha256: str = ""


def unpack(listing: Listing, *, nesting: int = 0) -> tuple[Material, ...]:
    """Read what one student handed in, as one material per attempt.

    In this order: a folder in which everything gradable is named like ``attempt-2`` holds
    attempts; a folder that holds nothing but one other folder is looked into; one zip without any
    notebook or module beside it is opened, at most one zip deep inside another.

    Args:
        listing: The student's folder or archive.
        nesting: How many archives the listing lies in.
    """
    while True:
        attempts = _attempts(listing)
        if attempts:
            return tuple(
                replace(
                    material,
                    marker=f"{attempt_marker(name)} {material.marker}".strip(),
                    place="/".join(filter(None, (name, material.place))),
                )
                for name, part in attempts
                for material in (
                    unpack(part, nesting=nesting)
                    if name in listing.top_folders
                    else _unpack_files(part, nesting=nesting)
                )
            )
        folders = listing.top_folders
        if len(folders) != 1 or listing.top_files or listing.flaws:
            break
        listing = listing.within(folders[0])

    return _unpack_files(listing, nesting=nesting)


def _unpack_files(listing: Listing, *, nesting: int) -> tuple[Material, ...]:
    readable = [member for member in listing.members if not member.passed_over]
    zips = [member for member in readable if member.path.suffix.lower() == ".zip"]
    is_safe = not listing.flaws and all(member.flaw is None for member in readable)
    if len(zips) == 1 and is_safe and not any(is_code(member.path) for member in readable):
        return unpack_zip(zips[0], nesting=nesting)
    return (_read(listing),)


def unpack_zip(member: Member, *, nesting: int = 0) -> tuple[Material, ...]:
    """Read an archive that a student handed in.

    Args:
        member: The archive.
        nesting: How many archives it lies in itself.
    """
    content = b""
    try:
        content = member.read(MAX_TOTAL_BYTES)
        if not content:
            raise RefusedError(
                ProblemKind.EMPTY, f"{NOTHING}: {shown(member.path)} is an empty file."
            )
        if nesting > 1:
            raise RefusedError(
                ProblemKind.UNSAFE_ARCHIVE,
                f"The archive {shown(member.path)} lies in an archive that lies in an archive; "
                "it was not opened.",
            )
        inner = open_zip(content, member.path)
    except RefusedError as refused:
        digest = hashlib.sha256(content).hexdigest() if content else _digest_of_names([member])
        return (Material(problem=refused.problem, sha256=digest),)
    return unpack(inner, nesting=nesting + 1)


def digest(files: dict[PurePosixPath, bytes]) -> str:
    """SHA-256 over sorted (path, content), each with its length before it."""
    total = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.parts):
        for part in (str(path).encode("utf-8", "surrogateescape"), files[path]):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def _attempts(listing: Listing) -> list[tuple[str, Listing]]:
    folders = listing.top_folders
    flat = [member.path.name for member in listing.top_files if is_gradable(member.path)]
    tops = sorted({*flat, *folders})
    is_plain_hand_in = not folders and len(flat) == 1
    is_unsafe = bool(listing.flaws) or any(member.flaw for member in listing.top_files)
    if is_unsafe or not tops or is_plain_hand_in or not all(map(is_bare_attempt, tops)):
        return []
    shared = [m.path.name for m in listing.top_files if not is_gradable(m.path)]
    parts = listing.by_top()
    return [
        (
            top,
            parts[top].within(top) if top in folders else joined(parts[n] for n in (top, *shared)),
        )
        for top in tops
    ]


def _read(listing: Listing) -> Material:
    notes = tuple(
        f"left out {shown(member.path)}: {member.passed_over}"
        for member in listing.members
        if member.passed_over
    )
    members = [member for member in listing.members if not member.passed_over]
    try:
        files = _read_all(members, listing.flaws)
    except RefusedError as refused:
        return Material(problem=refused.problem, notes=notes, sha256=_digest_of_names(members))
    return Material(files=files, notes=notes, sha256=digest(files))


def _read_all(members: list[Member], flaws: tuple[Problem, ...]) -> dict[PurePosixPath, bytes]:
    for flaw in (*flaws, *(member.flaw for member in members if member.flaw is not None)):
        raise RefusedError(flaw.kind, flaw.detail)
    if len(members) > MAX_FILES:
        raise RefusedError(
            ProblemKind.TOO_LARGE,
            f"There are {len(members):,} files; at most {MAX_FILES:,} can be handed in.",
        )
    files: dict[PurePosixPath, bytes] = {}
    total = 0
    for member in members:
        files[member.path] = member.read()
        total += len(files[member.path])
        if total > MAX_TOTAL_BYTES:
            raise RefusedError(
                ProblemKind.TOO_LARGE,
                f"All files together are larger than {MAX_TOTAL_BYTES // MIB} MiB.",
            )
    return files


def _digest_of_names(members: Iterable[Member]) -> str:
    return digest({PurePosixPath("refused") / member.path: b"" for member in members})
