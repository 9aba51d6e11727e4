"""Reads a TOML file of a course folder; whatever is wrong becomes one clear ``CourseError``."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from grader.errors import CourseError
from grader.mistakes import Mistake, mistakes_in, shown, suggest, value_at, where
from grader.model_schema import Location

COURSE_FILE_NAME: Final = "course.toml"
SET_BY_LOADER: Final = "sha256"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A file of a course folder, read but not yet judged.

    Attributes:
        name: As messages show it: relative to the course folder where it lies in one.
        table: What it says.
        sha256: Digest of its bytes.
    """

    name: str
    table: dict[str, Any]
    sha256: str


def read_course_file(path: Path, *, parse_float: Callable[[str], Any] = float) -> CourseFile:
    """Read a TOML file.

    Args:
        path: Of the file.
        parse_float: Makes a number of the text of a float; ``Decimal`` keeps it exact.

    Raises:
        CourseError: It is missing, cannot be read, or is not TOML.
    """
    name = display_name(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError as exc:
        raise CourseError(f"{name}: there is no such file", hint=_similar_file(path)) from exc
    except OSError as exc:
        raise CourseError(f"{name}: cannot be read ({exc.strerror})") from exc
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        message = f"{name}, line {line}: not UTF-8 text (byte 0x{raw[exc.start]:02x})"
        raise CourseError(message, hint="save the file with the encoding UTF-8") from exc
    try:
        table = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as exc:
        raise _not_toml(name, text, str(exc)) from exc
    return CourseFile(name=name, table=table, sha256=hashlib.sha256(raw).hexdigest())


def _not_toml(name: str, text: str, problem: str) -> CourseError:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", problem, re.S)
    lines = text.splitlines() or [""]
    what = match[1] if match else problem
    line = int(match[2]) if match and match[2] else len(lines)
    column = int(match[3]) if match and match[3] else len(lines[-1]) + 1
    written = lines[line - 1].strip() if line <= len(lines) else ""
    return CourseError(
        f"{name}, line {line}, column {column}: not valid TOML: {what[:1].lower()}{what[1:]}",
        hint=f"line {line} reads: {written}" if written else "",
    )


def _similar_file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {display_name(folder)} either"
    names = [entry.name for entry in folder.glob(f"*{path.suffix}")]
    return suggest(path.name, names, label=f"files in {display_name(folder)}")


def display_name(path: Path) -> str:
    """Name a file relative to the course folder that it lies in, or as given."""
    for folder in path.parents:
        if (folder / COURSE_FILE_NAME).is_file():
            return str(path) if path.name == COURSE_FILE_NAME else str(path.relative_to(folder))
    return str(path)


def validate(file: CourseFile, model: type[M]) -> M:
    """Make a model of a whole file; sets ``sha256`` where the model has it.

    Raises:
        CourseError: The file says something that the model refuses.
    """
    if SET_BY_LOADER in file.table:
        refuse(file, [Mistake((), f"unknown key {shown(SET_BY_LOADER)}")])
    made = validate_part(file, model, at=())
    if isinstance(made, Mistakes):
        refuse(file, made)
    has_digest = SET_BY_LOADER in model.model_fields
    return made.model_copy(update={SET_BY_LOADER: file.sha256}) if has_digest else made


class Mistakes(tuple[Mistake, ...]):
    """What is wrong with a part of a file, instead of the model that was asked for."""

    __slots__ = ()


def validate_part(file: CourseFile, model: type[M], *, at: Location) -> M | Mistakes:
    """Make a model of the part of a file at a place; nothing there counts as an empty table.

    Values keep to the kinds of TOML: a number in quotes is no number, and true is not 1.
    """
    part = value_at(file.table, at)
    document = json.dumps({} if part is None else part, default=_as_json)
    try:
        return model.model_validate_json(document, strict=True)
    except ValidationError as exc:
        return Mistakes(mistakes_in(exc, model, file.table, at=at))


def _as_json(value: object) -> object:
    """Numbers become floats, which print as they were written; dates become text."""
    return float(value) if isinstance(value, Decimal) else str(value)


def refuse(file: CourseFile, mistakes: Sequence[Mistake]) -> NoReturn:
    """Report the first of several mistakes and count the others.

    Raises:
        CourseError: Always.
    """
    first, others = mistakes[0], len(mistakes) - 1
    place = where(file.table, first.at)
    more = f" (and {others} more mistake{'s' if others > 1 else ''})" if others else ""
    parts = [file.name, place, first.text] if place else [file.name, first.text]
    raise CourseError(": ".join(parts) + more, hint=first.hint)
