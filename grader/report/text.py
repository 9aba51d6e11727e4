"""Makes text that a student wrote harmless to look at, whatever shows it."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import Any, Final, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)

_TERMINAL_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # titles and links
    r"|\x1b[ -/]*[0-~]"
)
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Joiners are part of words in several scripts, and cannot reorder anything."""

_NUMBERS: Final = frozenset({int, float})


def visible(text: str) -> str:
    """Drop terminal sequences and show every other control character as one visible sign.

    Covers C0 and C1 controls, characters that reorder text (bidi), invisible ones and lone
    surrogates. The result is never longer than the text, so length limits still hold.

    Args:
        text: Anything; line feeds and tabs are kept.
    """
    if text.isprintable():
        return text
    text = _TERMINAL_SEQUENCES.sub("", text.replace("\r\n", "\n"))
    return "".join(_sign(character) for character in text)


def _sign(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def one_line(text: str) -> str:
    """Make text visible and put it on one line."""
    return " ".join(visible(text).split())


def shortened(text: str, width: int) -> str:
    """One line of at most ``width`` characters, with an ellipsis where something was cut."""
    line = one_line(text)
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def cleaned(data: Model) -> Model:
    """Copy a report with every text in it made visible and every mapping in the order of its keys.

    Args:
        data: A report or a part of one; it is not changed.
    """
    values = {name: _cleaned(getattr(data, name)) for name in type(data).model_fields}
    return data.model_copy(update=values)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - a field may hold anything that JSON can
    if isinstance(value, BaseModel):
        return cleaned(value)
    if isinstance(value, str) and not isinstance(value, Enum):
        return visible(value)
    if isinstance(value, tuple):
        if _NUMBERS.issuperset(map(type, value)):
            return value  # thousands of them in a decision boundary
        return tuple(_cleaned(entry) for entry in value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(value[key]) for key in sorted(value)}
    return value
