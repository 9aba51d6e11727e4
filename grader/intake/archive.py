"""Reads zip archives in memory; nothing is extracted, and no header is believed.

Only *stored* and *deflated* entries are read: Python's bzip2 and LZMA readers may expand a few
bytes into hundreds of megabytes in one step, before any limit can speak.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from grader.intake.listing import MAX_FILES, MIB, Listing, Member, is_litter
from grader.intake.model import Problem, ProblemKind
from grader.intake.refusal import RefusedError, shown

BROKEN_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises on archives that are damaged or made to hurt."""

_CHUNK: Final = MIB
_BOMB_FLOOR: Final = 16 * MIB
_BOMB_RATIO: Final = 100
_MAX_DIRECTORY: Final = 10 * MAX_FILES
_DIRECTORY_RECORD: Final = b"PK\x01\x02"
_FLAG_ENCRYPTED: Final = 0x1
_FLAG_UTF8: Final = 0x800
_MAX_NAME_CHARACTERS: Final = 1_000
_MAX_PART_BYTES: Final = 255
_MAX_DEPTH: Final = 32
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def open_zip(content: bytes, name: object) -> Listing:
    """List an archive that a student handed in.

    Args:
        content: The archive.
        name: What it is called, for the problem's detail.

    Raises:
        RefusedError: It is no zip, damaged, or lists far too many entries.
    """
    if content.count(_DIRECTORY_RECORD) > _MAX_DIRECTORY:
        raise RefusedError(
            ProblemKind.TOO_LARGE, f"The archive {shown(name)} holds more than {MAX_FILES} files."
        )
    try:
        return list_zip(zipfile.ZipFile(io.BytesIO(content)))
    except BROKEN_ZIP as exc:
        raise RefusedError(
            ProblemKind.UNREADABLE,
            f"The file {shown(name)} is not a zip archive, or it is damaged.",
        ) from exc


def list_zip(archive: zipfile.ZipFile) -> Listing:
    """List an open archive; what is refused is a member with a flaw, so that its owner is known.

    Args:
        archive: Must stay open for as long as members are read.

    Returns:
        An entry whose name leads nowhere inside the archive has no owner; it is among ``flaws``.
    """
    members: list[Member] = []
    folders: set[PurePosixPath] = set()
    flaws: list[Problem] = []
    seen: set[PurePosixPath] = set()

    for info in archive.infolist():
        name = _name(info)
        reason = _unsafe_name(name)
        if reason:
            owner = _owner(name)
            flaw = _unsafe(name, reason)
            if owner is None:
                flaws.append(flaw)
            elif not is_litter(owner):
                members.append(Member(owner, flaw=flaw))
                folders.update(owner.parents)
            continue
        path = PurePosixPath(name)
        if path == PurePosixPath() or is_litter(path):
            continue
        folders.update(path.parents)
        reason = _unsafe_entry(info) or ("is in it twice" if path in seen else "")
        if reason:
            members.append(Member(path, flaw=_unsafe(name, reason)))
        elif info.is_dir():
            folders.add(path)
        else:
            seen.add(path)
            members.append(Member(path, fetch=_reader(archive, info, name)))

    folders.discard(PurePosixPath())
    members = [
        Member(member.path, flaw=_unsafe(str(member.path), "is both a file and a folder"))
        if member.path in folders and member.flaw is None
        else member
        for member in members
    ]
    return Listing(
        tuple(sorted(members, key=lambda member: member.path.parts)),
        frozenset(folders),
        tuple(flaws),
    )


def _name(info: zipfile.ZipInfo) -> str:
    """Undo the cp437 reading of names that are UTF-8 without saying so (macOS, Info-ZIP)."""
    if info.flag_bits & _FLAG_UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _unsafe_name(name: str) -> str:
    parts = name.split("/")
    if name.lower().endswith("icon\r"):  # every macOS folder with a picture of its own has one
        return ""
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "has a control character in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/"):
        return "has an absolute path"
    if re.match(r"[A-Za-z]:", name):
        return "names a drive"
    if ".." in parts:
        return "leads out of the archive"
    too_long = any(len(part.encode("utf-8", "replace")) > _MAX_PART_BYTES for part in parts)
    if too_long or len(name) > _MAX_NAME_CHARACTERS or len(parts) > _MAX_DEPTH:
        return "has a name that is too long"
    return ""


def _owner(name: str) -> PurePosixPath | None:
    """Where an entry with an unsafe name is listed: its first part, if that is a plain name."""
    first, *rest = re.split(r"[/\\]", name[:_MAX_NAME_CHARACTERS])
    if first in ("", ".", "..") or ":" in first or len(first) > _MAX_PART_BYTES:
        return None
    return PurePosixPath(first, "refused") if rest else PurePosixPath(first)


def _unsafe_entry(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a symbolic link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is not a regular file"
    if info.flag_bits & _FLAG_ENCRYPTED:
        return "is encrypted"
    return ""


def _unsafe(name: str, reason: str) -> Problem:
    return Problem(
        ProblemKind.UNSAFE_ARCHIVE, f"The archive was not opened: the entry {shown(name)} {reason}."
    )


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Callable[[int], bytes]:
    def fetch(limit: int) -> bytes:
        if info.compress_type not in _METHODS:
            raise RefusedError(
                ProblemKind.UNREADABLE,
                f"The entry {shown(name)} of the archive is compressed in an unusual way.",
            )
        content = bytearray()
        try:
            with archive.open(info) as stream:
                while len(content) <= limit:
                    chunk = stream.read(min(_CHUNK, limit + 1 - len(content)))
                    if not chunk:
                        break
                    content += chunk
                    _refuse_bomb(len(content), info.compress_size, name)
        except BROKEN_ZIP as exc:
            raise RefusedError(
                ProblemKind.UNREADABLE, f"The entry {shown(name)} of the archive is damaged."
            ) from exc
        return bytes(content)

    return fetch


def _refuse_bomb(real: int, compressed: int, name: str) -> None:
    if real >= _BOMB_FLOOR and real > _BOMB_RATIO * compressed:
        raise RefusedError(
            ProblemKind.UNSAFE_ARCHIVE,
            f"The archive was not opened: its entry {shown(name)} grows to more than "
            f"{_BOMB_RATIO} times its size.",
        )
