"""Reads what a run left behind, without trusting any of it."""

from __future__ import annotations

import math
import os
import re
import stat
from pathlib import Path

import numpy as np

from grader.sandbox.interface import Array

MAX_JSON_BYTES = 8 << 20
MAX_NOTEBOOK_BYTES = 64 << 20
MAX_ARRAY_BYTES = 64 << 20
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>[\s\S]{2})"
    rb"(?P<header>\{'descr': '(?P<dtype><[fiu][248]|[|](?:[iu]1|b1))', 'fortran_order': False, "
    rb"'shape': \((?P<shape>(?:\d{1,9}, ?){0,3}(?:\d{1,9})?)\), \} {0,128}\n)"
)
"""Format version 1.0, little-endian. Source: ``numpy.lib.format``."""


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


def read_array(slot: Path, name: str, *, limit: int = MAX_ARRAY_BYTES) -> Array:
    """Read one ``.npy`` file of numbers.

    Its header must read exactly as NumPy writes it for a plain array, and promise exactly the bytes
    that follow: a forged one can neither make us evaluate anything nor allocate more than was
    written.

    Raises:
        UnreadableError: It is not such a file.
    """
    content = read_file(slot, name, limit=limit)
    found = _NPY.match(content)
    if found is None or int.from_bytes(found["length"], "little") != len(found["header"]):
        message = f"{name} is not a plain array file"
        raise UnreadableError(message)
    shape = tuple(int(length) for length in found["shape"].replace(b",", b" ").split())
    dtype = np.dtype(found["dtype"].decode())
    body = content[found.end() :]
    if math.prod(shape) * dtype.itemsize != len(body):
        message = f"{name}: the header does not fit the content"
        raise UnreadableError(message)
    return np.frombuffer(body, dtype=dtype).reshape(shape).copy()
