"""Turns the bytes of an entry into text, whatever editor wrote them."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass
from typing import Final

from grader.intake.model import ProblemKind
from grader.intake.refusal import RefusedError, shown

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL_SHARE: Final = 0.05
_TEXT_CONTROLS: Final = frozenset(b"\t\n\v\f\r\x1b")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and what was noteworthy on the way to it."""

    text: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, name: str) -> Decoded:
    """Decode a notebook: byte order mark, strict UTF-8, else one of the single-byte encodings.

    Raises:
        RefusedError: It is no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(_strictly(content, encoding, name), name)
    try:
        return _checked(Decoded(content.decode("utf-8")), name)
    except UnicodeDecodeError:
        return _single_byte(content, name)


def decode_module(content: bytes, name: str) -> Decoded:
    """Decode a module: like :func:`decode`, but an encoding cookie (PEP 263) comes first.

    Raises:
        RefusedError: It is no text.
    """
    if any(content.startswith(mark) for mark, _ in _MARKS):
        return decode(content, name)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError, ValueError):
        return decode(content, name)
    if encoding == "utf-8":
        return _checked(Decoded(text), name)
    # A cookie such as "utf-16" would turn plain ASCII into other letters without an error.
    head = content.splitlines()[:2]
    if [line.decode("ascii", "replace") for line in head if b"coding" in line] != [
        line for line in text.splitlines()[:2] if "coding" in line
    ]:
        return decode(content, name)
    return _checked(Decoded(text, (f"decoded as {encoding}, which the file names itself",)), name)


def _strictly(content: bytes, encoding: str, name: str) -> Decoded:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        raise RefusedError(
            ProblemKind.UNREADABLE,
            f"The file {shown(name)} begins like {encoding.removesuffix('-sig')} text but is "
            "damaged further on.",
        ) from exc
    shown_encoding = "UTF-8 with a byte order mark" if encoding == "utf-8-sig" else encoding.upper()
    return Decoded(text, (f"decoded as {shown_encoding}",))


def _single_byte(content: bytes, name: str) -> Decoded:
    controls = sum(content.count(code) for code in range(32) if code not in _TEXT_CONTROLS)
    if controls > _CONTROL_SHARE * len(content):
        raise _no_text(name)
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    encoding = "latin-1" if text == content.decode("latin-1") else "cp1252"
    note = f"decoded as {encoding}, because it is not UTF-8"
    return _checked(Decoded(text, (note,)), name)


def _checked(decoded: Decoded, name: str) -> Decoded:
    if "\0" in decoded.text:
        raise _no_text(name)
    return decoded


def _no_text(name: str) -> RefusedError:
    return RefusedError(ProblemKind.UNREADABLE, f"The file {shown(name)} is not a text file.")
