"""Hidden sets: made from the secret, stored once by digest, verified whenever they are loaded."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from grader.datasets.generate import generate
from grader.datasets.model import Array, Exercise, Generator, Rows
from grader.datasets.public import npz_bytes
from grader.datasets.secret import Secret
from grader.errors import DataError

SEED_BYTES: Final = 16
SEED_DOMAIN: Final = "grader-hidden-seed-v1"
DIGEST_DOMAIN: Final = b"grader-hidden-set-v1"
STORED_ARRAYS: Final = {"inputs", "labels"}


@dataclass(frozen=True, slots=True, eq=False)
class HiddenSet:
    """Rows that no student sees.

    Attributes:
        inputs: float32 ``(N, *input_shape)``.
        labels: int64 ``(N,)``; multilabel: float32 ``(N, L)``. Never enter a sandbox.
        sha256: Digest over both arrays; evidence and the file name carry it.
    """

    inputs: Array = field(repr=False)
    labels: Array = field(repr=False)
    sha256: str


def hidden_seed(
    secret: Secret, *, course: str, term: str, assignment: str, exercise: str, version: int
) -> int:
    """The seed of a hidden set: 128 bits that nobody can tell without the secret."""
    parts = [SEED_DOMAIN, course, term, assignment, exercise, version]
    message = json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    digest = hmac.digest(secret.value, message, "sha256")
    return int.from_bytes(digest[:SEED_BYTES], "big")


def make_hidden(exercise: Exercise, generator: Generator, seed: int) -> HiddenSet:
    """Draw the hidden rows of an exercise, in an order that tells nothing.

    Raises:
        DataError: The generator returned something wrong.
    """
    rows, again = (_drawn(exercise, generator, seed) for _ in range(2))
    if _digest(rows) != _digest(again):
        message = f"{exercise.data.source}: returned other rows for the same generator"
        hint = "take all randomness from the generator that is passed in"
        raise DataError(message, hint=hint)
    return HiddenSet(inputs=rows.inputs, labels=rows.labels, sha256=_digest(rows))


def _drawn(exercise: Exercise, generator: Generator, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    return generate(exercise, generator, rng, exercise.data.hidden.n).permuted(rng)


def _digest(rows: Rows) -> str:
    """Digest over shapes, types and values; the container's bytes do not matter."""
    digest = hashlib.sha256(DIGEST_DOMAIN)
    for name, array in (("inputs", rows.inputs), ("labels", rows.labels)):
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        header = json.dumps([name, plain.dtype.str, plain.shape]).encode("ascii")
        digest.update(len(header).to_bytes(8, "big") + header)
        digest.update(plain.tobytes())
    return digest.hexdigest()


def store_hidden(folder: Path, hidden: HiddenSet) -> Path:
    """Write a hidden set, readable by its owner alone, in one step.

    Args:
        folder: ``private/hidden``; made if need be.
        hidden: As :func:`make_hidden` returns it.

    Returns:
        Path of ``<sha256>.npz``.

    Raises:
        DataError: The folder or the file cannot be written.
    """
    target = folder / f"{hidden.sha256}.npz"
    content = npz_bytes(Rows(inputs=hidden.inputs, labels=hidden.labels))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as exc:
        raise DataError(f"{folder}: the hidden set cannot be stored ({exc.strerror})") from exc
    return target


def load_hidden(folder: Path, sha256: str) -> HiddenSet:
    """Load a stored hidden set and verify that it is the one that was asked for.

    Raises:
        DataError: It is missing, damaged, or another one.
    """
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        raise DataError("the digest of a hidden set must be 64 hexadecimal digits")
    path = folder / f"{sha256}.npz"
    try:
        stored = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        if not isinstance(stored, np.lib.npyio.NpzFile) or set(stored.files) != STORED_ARRAYS:
            raise DataError(f"{path}: does not hold a hidden set")
        rows = Rows(inputs=stored["inputs"], labels=stored["labels"])
    except FileNotFoundError as exc:
        message = f"{path}: there is no such hidden set"
        raise DataError(message, hint="grade again: that makes it anew from the secret") from exc
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as exc:
        raise DataError(f"{path}: the stored hidden set is damaged and cannot be read") from exc
    if not hmac.compare_digest(_digest(rows), sha256):
        raise DataError(f"{path}: the stored hidden set is not the one its name says")
    return HiddenSet(inputs=rows.inputs, labels=rows.labels, sha256=sha256)
