"""Leaves files where student code may write too, and reads them back there without trusting it."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

MAX_EXAMINATION_BYTES = 8 << 20
ATTEMPTS = 20


def leave(path: Path, text: str) -> None:
    """Write a file whole or not at all, whatever lies in the way: a link, a FIFO, a folder.

    Args:
        path: Its place; something else there is replaced, a folder moved aside.
        text: What it shall hold; what is no text of any encoding is escaped.

    Raises:
        OSError: Student code keeps on putting things in the way, or took the folder away.
    """
    partial = _aside(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(partial, flags, 0o644), "wb") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
    for _ in range(ATTEMPTS):
        with contextlib.suppress(IsADirectoryError):
            partial.replace(path)
            return
        put_aside(path)
    partial.replace(path)


def put_aside(path: Path) -> None:
    """Rename what student code left, without looking into it: it may be deeper than can be walked.

    Nothing is freed by that, and what lies there still counts towards the limit on files.
    """
    with contextlib.suppress(FileNotFoundError):
        path.rename(_aside(path))


def read_plain(path: Path, *, limit: int) -> bytes:
    """Read a regular file; never wait for a FIFO or follow a link.

    Args:
        path: Its place.
        limit: Bytes at most.

    Raises:
        OSError: It cannot be opened, or is a link.
        ValueError: It is no regular file, or larger.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            message = f"{path.name} is no regular file of at most {limit} bytes"
            raise ValueError(message)
        return file.read(limit)


def _aside(path: Path) -> Path:
    """A name that nobody can have guessed and taken."""
    return path.with_name(f".{secrets.token_hex(8)}")
