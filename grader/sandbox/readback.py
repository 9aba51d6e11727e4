"""Reads what a run left behind, without trusting any of it."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import numpy as np

from grader.sandbox.interface import Array

MAX_JSON_BYTES = 8 << 20
MAX_NOTEBOOK_BYTES = 64 << 20
MAX_ARRAY_BYTES = 64 << 20
_PLAIN_KINDS = "fiub"


class UnreadableError(Exception):
    """A file is not there, not a plain file, too large, or not what its name says."""


def read_file(slot: Path, name: str, *, limit: int) -> bytes:
    """Read one file of the slot's ``out`` folder.

    Neither the folder nor the file may be a link, the file must be a regular one, and no more
    than ``limit`` bytes are read.

    Raises:
        UnreadableError: Any of that does not hold.
    """
    folder = file = -1
    try:
        folder = os.open(slot / "out", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        file = os.open(name, flags, dir_fd=folder)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            message = f"{name} is not a plain file"
            raise UnreadableError(message)
        if status.st_size > limit:
            message = f"{name} is larger than {limit} bytes"
            raise UnreadableError(message)
        with os.fdopen(file, "rb", closefd=False) as stream:
            return stream.read(limit)
    except OSError as exc:
        message = f"{name} cannot be read: {exc.strerror}"
        raise UnreadableError(message) from exc
    finally:
        for descriptor in (file, folder):
            if descriptor >= 0:
                os.close(descriptor)


def read_array(slot: Path, name: str) -> Array:
    """Read one ``.npy`` file of numbers.

    Its header must promise exactly the bytes that follow, so that a forged shape cannot make us
    allocate more than was written.

    Raises:
        UnreadableError: It is not such a file.
    """
    content = read_file(slot, name, limit=MAX_ARRAY_BYTES)
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            message = f"{name}: array format {version} is not used by us"
            raise UnreadableError(message)
        shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    except ValueError as exc:
        message = f"{name} is not an array file"
        raise UnreadableError(message) from exc
    if dtype.kind not in _PLAIN_KINDS or dtype.hasobject or len(shape) > 4 or fortran_order:
        message = f"{name}: dtype {dtype} or shape {shape} is not a plain array"
        raise UnreadableError(message)
    body = content[stream.tell() :]
    count = 1
    for length in shape:
        count *= int(length)
    if count * dtype.itemsize != len(body):
        message = f"{name}: the header does not fit the content"
        raise UnreadableError(message)
    return np.frombuffer(body, dtype=dtype).reshape(shape).copy()
