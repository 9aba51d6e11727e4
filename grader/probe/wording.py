"""Student-made text on its way into evidence: short and printable."""

from __future__ import annotations

NAME_LENGTH = 100
REASON_LENGTH = 300


def printable(text: str, *, limit: int = NAME_LENGTH) -> str:
    """Cut ``text`` to ``limit`` characters that a terminal can show; the rest becomes blanks."""
    shown = "".join(character if character.isprintable() else " " for character in text[:limit])
    return shown.strip()


def class_name(thing: object) -> str:
    """Name of the class of ``thing``, which a student may have chosen."""
    name = type.__getattribute__(type(thing), "__name__")
    return printable(name if isinstance(name, str) else "object")


def described(error: BaseException) -> str:
    """Name and message of an error, as one line."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  # a student's __str__ may do anything
        message = ""
    name = class_name(error)
    return printable(f"{name}: {message}" if message else name, limit=REASON_LENGTH)
