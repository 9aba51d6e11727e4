"""Names of students as found in file names: attempts set apart, and keys safe as folder names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

from grader.intake.listing import GRADABLE_SUFFIXES

KEY_PATTERN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,79}")
_MAX_KEY: Final = 80
_DIGEST_CHARACTERS: Final = 8
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)
_ATTEMPT: Final = re.compile(r"(?:^|[ _.-])attempt[ _.-]*(\d[\d_.-]*)$", re.IGNORECASE)
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)


def without_suffix(name: str) -> str:
    """Drop ``.ipynb``, ``.py`` or ``.zip``, but no other part after a dot."""
    for suffix in GRADABLE_SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def attempt_marker(name: str) -> str:
    """Find what follows ``attempt`` at the end of a file or folder name; empty if nothing does."""
    found = _ATTEMPT.search(without_suffix(name))
    return found.group(1).strip("_.-") if found else ""


def is_bare_attempt(name: str) -> bool:
    """Whether a file or folder name says nothing but which attempt it is: ``attempt-2``."""
    found = _ATTEMPT.search(without_suffix(name))
    return found is not None and found.start() == 0


def without_attempt(name: str) -> str:
    """Drop suffix and attempt from a file or folder name: ``alice_attempt_2.ipynb`` is ``alice``.

    A name that is nothing but an attempt stays as it is.
    """
    stem = without_suffix(name)
    return _ATTEMPT.sub("", stem).rstrip(" _.-") or stem


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which ``10`` comes after ``9``."""
    parts = re.findall(r"\d{1,18}|\D+", text)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def is_safe_key(key: str) -> bool:
    """Whether a key can name a folder on every system."""
    return (
        KEY_PATTERN.fullmatch(key) is not None
        and not key.endswith(".")
        and key.partition(".")[0] not in _RESERVED
    )


def slug(name: str) -> str:
    """Make a safe key from a name; the same name always gives the same key.

    Letters are transliterated where Unicode knows how (``ü`` is ``u``); a name without any Latin
    letter or digit becomes ``student-`` and eight hexadecimal digits of its SHA-256.
    """
    lowered = name.casefold().translate(_LETTERS)
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c)
    )
    key = re.sub(r"[^a-z0-9._@+-]+", "-", plain)
    key = re.sub(r"-{2,}", "-", key).lstrip("._@+-").rstrip("._-")
    has_lost_its_letters = any(c.isalpha() for c in plain) and not re.search(r"[a-z]", key)
    if not key or has_lost_its_letters:
        return f"student-{_digest(name)}"
    if not is_safe_key(key[:_MAX_KEY]):
        key = f"student-{key}"
    return key if len(key) <= _MAX_KEY else _with_digest(key, name)


def unique_keys(names: Iterable[str], *, taken: Collection[str]) -> dict[str, str]:
    """Make a key for each name, no two the same and none of those taken.

    Where several names would get one key, each gets a part of its own SHA-256 added, so that a
    key does not pass to another student when one more hands in.

    Args:
        names: Different names.
        taken: Keys that belong to others, such as those of a roster.
    """
    by_slug: dict[str, set[str]] = defaultdict(set)
    for name in names:
        by_slug[slug(name)].add(name)
    return {
        name: key if len(same) == 1 and key not in taken else _with_digest(key, name)
        for key, same in by_slug.items()
        for name in same
    }


def _with_digest(key: str, name: str) -> str:
    room = _MAX_KEY - _DIGEST_CHARACTERS - 1
    return f"{key[:room].rstrip('._-')}-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST_CHARACTERS]
