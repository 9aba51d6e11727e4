"""The secret that hidden data is seeded from: a small file that only its owner can read.

The path always comes in as an argument; :func:`default_secret_path` is for the command line.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import platformdirs

from grader.errors import SecretError

SECRET_BYTES: Final = 32
PREFIX: Final = "grader-secret-v1:"
FINGERPRINT_DOMAIN: Final = b"grader-secret-fingerprint-v1\0"
MAX_FILE_BYTES: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Secret:
    """Thirty-two bytes that never show: not in a message, a log or a ``repr``."""

    value: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"Secret({fingerprint(self)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.value, other.value)

    def __hash__(self) -> int:
        return hash(fingerprint(self))


def fingerprint(secret: Secret) -> str:
    """Twelve hexadecimal digits that tell one secret from another: ``1a2b-3c4d-5e6f``."""
    digits = hashlib.sha256(FINGERPRINT_DOMAIN + secret.value).hexdigest()[:12]
    return "-".join(digits[start : start + 4] for start in range(0, 12, 4))


DEMO_SECRET: Final = Secret(
    hashlib.sha256(b"classification-grader: the public secret of demo and tests").digest()
)
"""Known to everybody: for the demo and the tests, refused for graded work."""


def default_secret_path() -> Path:
    """Where a user's secret lies; for the command line alone, as it reads the environment."""
    return platformdirs.user_config_path("grader", appauthor=False) / "secret"


def refuse_demo(secret: Secret) -> None:
    """Make sure that graded work does not rest on the secret that everybody knows.

    Raises:
        SecretError: It is the demo secret.
    """
    if secret == DEMO_SECRET:
        message = f"the demo secret ({fingerprint(secret)}) is public and cannot be used here"
        raise SecretError(message, hint="make your own with: grader secret new")


def new_secret(path: Path) -> Secret:
    """Make a secret and store it.

    Raises:
        SecretError: There is one already, or the file cannot be written.
    """
    secret = Secret(secrets.token_bytes(SECRET_BYTES))
    _store(path, secret)
    return secret


def read_secret(path: Path) -> Secret:
    """Read the stored secret.

    Raises:
        SecretError: It is missing, others can read it, or it is not a secret.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SecretError(f"{path}: must be a file")
        if status.st_mode & 0o077:
            mode = stat.S_IMODE(status.st_mode)
            message = f"{path}: others can get at the secret, its mode is {mode:04o}"
            raise SecretError(message, hint=f"chmod 600 {path}")
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES)
    except FileNotFoundError as exc:
        hint = "make one with: grader secret new"
        raise SecretError(f"{path}: there is no secret yet", hint=hint) from exc
    except OSError as exc:
        raise SecretError(f"{path}: the secret cannot be read ({exc.strerror})") from exc
    return _parse(raw.decode("ascii", errors="replace"), where=str(path))


def export_secret(path: Path) -> str:
    """The stored secret as a line of text, to be moved to another machine.

    Raises:
        SecretError: As :func:`read_secret`.
    """
    return _as_text(read_secret(path))


def import_secret(path: Path, text: str) -> Secret:
    """Store a secret that came from another machine; the one already there may be the same.

    Args:
        path: Where to store it.
        text: As :func:`export_secret` gave it.

    Raises:
        SecretError: The text is no secret or the demo one, another secret is there already, or
            the file cannot be written.
    """
    secret = _parse(text, where="the text to import")
    refuse_demo(secret)
    if path.exists() and read_secret(path) == secret:
        return secret
    _store(path, secret)
    return secret


def _as_text(secret: Secret) -> str:
    return PREFIX + base64.urlsafe_b64encode(secret.value).decode("ascii").rstrip("=")


def _parse(text: str, *, where: str) -> Secret:
    match = re.fullmatch(rf"{PREFIX}([A-Za-z0-9_-]{{43}})=?", text.strip())
    if match is not None:
        secret = Secret(base64.urlsafe_b64decode(f"{match[1]}="))
        if hmac.compare_digest(_as_text(secret), PREFIX + match[1]):
            return secret
    message = f"{where}: is not a secret of this grader"
    raise SecretError(message, hint=f"it is one line, {PREFIX} and 43 letters, digits, - or _")


def _store(path: Path, secret: Secret) -> None:
    """Write the file in one step, and never over another one.

    A link to a finished file appears at once and fails where the name is taken, which a rename
    would not.
    """
    taken = "hidden data made with it could not be made again; move that file away first"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{_as_text(secret)}\n")
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(name)
        finally:
            Path(name).unlink()
    except OSError as exc:
        if isinstance(exc, FileExistsError) and path.parent.is_dir():
            raise SecretError(f"{path}: there is a secret already", hint=taken) from exc
        raise SecretError(f"{path}: the secret cannot be stored ({exc.strerror})") from exc
