"""Says in plain words what is wrong with a value that an instructor wrote into a file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from grader.model_schema import Location, Schema, bounds_at, choices_at, keys_at, schema_of

SINGULAR: Final = {"criteria": "criterion", "exercises": "exercise"}
SAFE_NAME: Final = "lower-case letters, digits and single dashes"
SHARE: Final = re.compile(r"[\[(]0, 1([\])])")
MAX_SHOWN: Final = 60

KINDS: Final = {
    "string": "a text in quotes",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "tuple": "a list in square brackets",
    "list": "a list in square brackets",
    "set": "a list in square brackets",
    "frozen_set": "a list in square brackets",
    "dict": "a table",
    "model": "a table",
}
"""What a value must be, by the first part of pydantic's error type: ``int_parsing``."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file.

    Attributes:
        at: Keys and list positions (from 0) that lead to it.
        text: What is wrong, with the value seen.
        hint: The remedy; empty if none is known.
    """

    at: Location
    text: str
    hint: str = ""


def suggest(word: object, known: Iterable[str], *, label: str) -> str:
    """Name the known word that was probably meant, or list them all.

    Args:
        word: As it was written.
        known: Everything that could stand there.
        label: What the known words are: ``known checks``.
    """
    choices = sorted(known)
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(str(word).lower(), by_lower, n=1)
    if close:
        return f"did you mean {shown(by_lower[close[0]])}?"
    return f"{label}: {', '.join(choices)}" if choices else ""


def shown(value: object) -> str:
    """Write a value as it stands in a TOML file, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(shown(entry) for entry in value)}]"
    elif isinstance(value, dict):
        return "a table"
    else:
        text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def where(table: Mapping[str, Any], at: Location) -> str:
    """Say where something stands, in the file's own words.

    ``("criteria", 2, "params", "minimum")`` becomes ``criterion "f1", params.minimum``.
    """
    words: list[str] = []
    keys: list[str] = []
    for index, part in enumerate(at):
        if isinstance(part, str):
            keys.append(part if re.fullmatch(r"[\w-]+", part, re.ASCII) else shown(part))
            continue
        if keys[-1:] and keys[-1] in SINGULAR:
            singular = SINGULAR[keys.pop()]
            if keys:
                words.append(".".join(keys))
            words.append(f"{singular} {_name_of(value_at(table, at[:index]), part)}")
        else:
            words.append(f"{'.'.join(keys)} entry {part + 1}".lstrip())
        keys = []
    if keys:
        words.append(".".join(keys))
    return ", ".join(words)


def _name_of(entries: object, index: int) -> str:
    """The quoted id of an entry; its number, from 1, where it has no id of its own."""
    ids = [e.get("id") if isinstance(e, dict) else None for e in _as_list(entries)]
    own = ids[index] if index < len(ids) else None
    if isinstance(own, str) and ids.count(own) == 1:
        return shown(own)
    return str(index + 1)


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def value_at(table: object, at: Location) -> Any:  # noqa: ANN401 - a file may say anything
    """The value at a place in a file, or ``None`` where there is nothing."""
    value: Any = table
    for part in at:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            return None
    return value


def mistakes_in(
    error: ValidationError, model: type[BaseModel], table: Mapping[str, Any], *, at: Location = ()
) -> tuple[Mistake, ...]:
    """Turn what pydantic found into mistakes.

    Args:
        error: What validation raised.
        model: The class that refused the value; bounds and known keys are read from its schema.
        table: The whole file.
        at: Where in the file the refused value stands.

    Returns:
        One mistake for each thing to mend: an error that only follows from another is left out.
    """
    schema = schema_of(model)
    details = error.errors(include_url=False)
    missing = {d["loc"] for d in details if d["type"] == "missing"}
    found: dict[Location, Mistake] = {}
    meant_otherwise: set[Location] = set()
    for detail in details:
        if _follows_from_another(detail, details):
            continue
        mistake = _mistake(detail, schema, table, at)
        if detail["type"] == "extra_forbidden":
            meant = {k for k in missing if k[:-1] == detail["loc"][:-1]}
            meant_otherwise |= {k for k in meant if mistake.hint == f"did you mean {shown(k[-1])}?"}
        key = (*mistake.at, detail["loc"][-1]) if _is_about_a_key(detail) else mistake.at
        found[key] = _either(found[key], mistake) if key in found else mistake
    dropped = {(*at, *loc) for loc in meant_otherwise}
    return tuple(mistake for key, mistake in found.items() if key not in dropped)


def _is_about_a_key(detail: ErrorDetails) -> bool:
    return detail["type"] in ("extra_forbidden", "missing")


def _follows_from_another(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is only too short because one of its entries was refused."""
    if detail["type"] != "too_short":
        return False
    loc = detail["loc"]
    return any(d["loc"][: len(loc)] == loc and len(d["loc"]) > len(loc) for d in details)


def _either(first: Mistake, second: Mistake) -> Mistake:
    """One mistake for a value that fits none of several allowed kinds."""
    kind, _, seen = first.text.partition(", got ")
    other = second.text.partition(", got ")[0].removeprefix("must be ")
    if not kind.startswith("must be ") or other in kind:
        return first
    return replace(first, text=f"{kind} or {other}, got {seen}")


def _mistake(
    detail: ErrorDetails, schema: Schema, table: Mapping[str, Any], at: Location
) -> Mistake:
    loc = detail["loc"]
    if detail["type"] == "missing":
        return Mistake((*at, *loc[:-1]), f"{shown(loc[-1])} is missing")
    if detail["type"] == "extra_forbidden":
        known = keys_at(schema, loc[:-1])
        hint = suggest(loc[-1], known, label="known keys")
        return Mistake((*at, *loc[:-1]), f"unknown key {shown(loc[-1])}", hint)

    place = _within_the_file(table, (*at, *loc), at)
    value = value_at(table, place)
    if detail["type"] in ("value_error", "assertion_error"):
        return _from_validator(detail, schema, table, place, depth=len(at))

    text, hint = _wording(detail, schema, place[len(at) :], value)
    return Mistake(place, f"{text}, got {shown(value)}", hint or _percent_hint(text, value))


def _within_the_file(table: Mapping[str, Any], at: Location, start: Location) -> Location:
    """Drop the parts that are no keys: pydantic adds the name of the type in a union."""
    end = len(start)
    while end < len(at) and value_at(table, at[: end + 1]) is not None:
        end += 1
    return at[:end]


def _from_validator(
    detail: ErrorDetails, schema: Schema, table: Mapping[str, Any], at: Location, *, depth: int
) -> Mistake:
    """Word a ``ValueError``; a key that it names at its start belongs to the place."""
    text = str(detail.get("ctx", {}).get("error", detail["msg"]))
    key, colon, rest = text.partition(": ")
    if colon and key in keys_at(schema, at[depth:]):
        at, text = (*at, key), rest
    value = value_at(table, at)
    if not isinstance(value, dict | list | None) and "got " not in text:
        text = f"{text}, got {shown(value)}"
    return Mistake(at, text, _percent_hint(text, value))


def _wording(detail: ErrorDetails, schema: Schema, loc: Location, value: object) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    choices = choices_at(schema, loc)
    if kind in ("enum", "literal_error"):
        listed = " or ".join(shown(choice) for choice in choices) or context["expected"]
        close = suggest(value, [c for c in choices if isinstance(c, str)], label="")
        return f"must be {listed}", close if close.startswith("did you mean") else ""
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return bounds_at(schema, loc) or detail["msg"].replace("Input should be", "must be"), ""
    if kind == "finite_number":
        return "must be a finite number", ""
    if kind in ("too_short", "too_long"):
        return _count(context, "entry", "entries"), ""
    if kind in ("string_too_short", "string_too_long"):
        return _count(context, "character", "characters"), ""
    if kind == "string_pattern_mismatch":
        return _pattern(context["pattern"], value)
    for start, wanted in KINDS.items():
        if kind.startswith(f"{start}_"):
            quoted = start == "string" and not isinstance(value, bool | dict | list)
            return f"must be {wanted}", f'did you mean "{value}"?' if quoted else ""
    return detail["msg"][:1].lower() + detail["msg"][1:], ""


def _count(context: Mapping[str, Any], one: str, many: str) -> str:
    bound = context.get("min_length", context.get("max_length"))
    side = "at least" if "min_length" in context else "at most"
    return f"must have {side} {bound} {one if bound == 1 else many}"


def _pattern(pattern: str, value: object) -> tuple[str, str]:
    if pattern != "^[a-z0-9]+(-[a-z0-9]+)*$":
        return f"must match {pattern}", ""
    safe = re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")
    return f"must consist of {SAFE_NAME}", f"did you mean {shown(safe)}?" if safe else ""


def _percent_hint(text: str, value: object) -> str:
    """A percentage where a share is wanted is the most common slip of all."""
    share = SHARE.search(text)
    if share is None or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    number = Decimal(str(value))
    if not number.is_finite() or not 1 < number <= 100 or (number == 100 and share[1] == ")"):
        return ""
    return f"did you mean {(number / 100).normalize():f}?"
