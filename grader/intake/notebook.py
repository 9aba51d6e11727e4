"""Reads a notebook of any format and kernel, and writes the plain one that is run."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import nbformat

from grader.intake.model import ProblemKind
from grader.intake.refusal import RefusedError, shown
from grader.intake.syntax import parse

MAX_CODE_CELLS: Final = 2000
CELL_TYPES: Final = ("code", "markdown", "raw")
_KNOWN_MAJOR: Final = 4
_UPGRADE_ERRORS: Final = (
    ArithmeticError, AttributeError, KeyError, NameError, RecursionError, TypeError, ValueError,
)  # fmt: skip  # nbformat's upgrades take the input for sound
_OWN_KERNEL: Final = "python3"
_KERNEL_LANGUAGES: Final = (
    (re.compile(r"^(ir|irkernel|r|xr)$"), "R"),
    (re.compile(r"^(julia|ijulia)"), "Julia"),
    (re.compile(r"^(\.net-csharp|csharp)"), "C#"),
    (re.compile(r"^(xcpp|cpp)"), "C++"),
    (re.compile(r"^(javascript|jslab|tslab|deno|typescript)"), "JavaScript"),
    (re.compile(r"^(octave|matlab)"), "MATLAB"),
    (re.compile(r"^(scala|almond|java|rust|bash|sas|stata|go|kotlin|haskell)"), ""),
)
_CONFLICT: Final = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_SOURCE_LINE: Final = re.compile(r"(?:import\s|from\s+\S+\s+import\s|def\s|class\s|%\w)")
_WEB_PAGE: Final = re.compile(r"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, stripped of outputs, counts, attachments, tags and widgets."""

    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A notebook's cells, and what was mended on the way."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def read_notebook(text: str, name: str) -> Cells:
    """Read a notebook from its JSON text.

    Args:
        text: nbformat 1 to 4, or newer if it still looks like 4.
        name: File name, for messages.

    Raises:
        RefusedError: It is broken, of another language, or no notebook at all.
    """
    data = _parse(text, name)
    if not isinstance(data, dict):
        raise RefusedError(
            ProblemKind.BROKEN_JSON,
            f"The file {shown(name)} is JSON but no notebook: an object with cells was expected, "
            f"a {_json_name(data)} was found.",
        )
    notes: list[str] = []
    major = data.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool):
        major = _KNOWN_MAJOR - 1 if "worksheets" in data else _KNOWN_MAJOR
    language, kernel_note = _foreign_language(data), _kernel_note(data)
    if 0 < major < _KNOWN_MAJOR:
        data = _upgraded(data | {"nbformat": major}, name)
        notes.append(f"upgraded from notebook format {major}")
    elif major > _KNOWN_MAJOR:
        if not _fits(data.get("cells")):
            raise RefusedError(
                ProblemKind.UNREADABLE,
                f"The notebook {shown(name)} has format {major}, which is newer than this grader "
                f"can read. Save it in notebook format {_KNOWN_MAJOR}.",
            )
        notes.append(f"read as notebook format {_KNOWN_MAJOR}, although it says {major}")

    cells = _cells(data.get("cells"), name)
    count = sum(cell.kind == "code" for cell in cells)
    if count > MAX_CODE_CELLS:
        raise RefusedError(
            ProblemKind.TOO_LARGE,
            f"The notebook {shown(name)} has {count} code cells; at most {MAX_CODE_CELLS} are run.",
        )
    if language:
        raise RefusedError(
            ProblemKind.WRONG_LANGUAGE,
            f"The notebook {shown(name)} is written in {language}, not in Python.",
        )
    return Cells(cells, (*notes, *kernel_note))


def write_notebook(cells: Iterable[Cell]) -> str:
    """Write nbformat 4.5 JSON text for our own kernel; the same cells give the same text."""
    written: list[dict[str, Any]] = []
    for number, cell in enumerate(cells, start=1):
        source = cell.source.encode("utf-8", "replace").decode("utf-8")
        entry: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
        }
        if cell.kind == "code":
            entry |= {"execution_count": None, "outputs": []}
        written.append(entry)
    kernel = {"display_name": "Python 3", "language": "python", "name": _OWN_KERNEL}
    notebook = {
        "cells": written,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": _KNOWN_MAJOR,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False)


def is_notebook_json(text: str) -> bool:
    """Whether text is the JSON of a notebook, whatever its file is called."""
    if not text.lstrip().startswith("{") or not re.search(r'"(cells|worksheets)"', text):
        return False
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and ("cells" in data or "worksheets" in data)


def _parse(text: str, name: str) -> Any:  # noqa: ANN401  # any JSON value
    try:
        return json.loads(text)
    except RecursionError as exc:
        detail = f"The file {shown(name)} is no notebook: its JSON is nested too deeply."
        raise RefusedError(ProblemKind.BROKEN_JSON, detail) from exc
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno}"
        raise RefusedError(ProblemKind.BROKEN_JSON, _why_broken(text, name, where, exc)) from exc
    except ValueError as exc:  # a number of more digits than Python converts
        detail = f"The file {shown(name)} is no notebook: it holds a number that is too long."
        raise RefusedError(ProblemKind.BROKEN_JSON, detail) from exc


def _why_broken(text: str, name: str, where: str, error: json.JSONDecodeError) -> str:
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        return (
            f"The notebook {shown(name)} holds the marks of an unresolved merge conflict "
            f"(line {line}, column 1). Choose one side, then save it again from Jupyter."
        )
    if _WEB_PAGE.match(text):
        return (
            f"The file {shown(name)} is a web page, not a notebook ({where}). "
            "Download the notebook itself."
        )
    start = text.lstrip()
    if not start.startswith(("{", "[")) and (_SOURCE_LINE.match(start) or parse(text)):
        return (
            f"The file {shown(name)} holds Python source, not a notebook ({where}). "
            "Give it a name that ends in .py, or save it as a notebook from Jupyter."
        )
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return (
            f"The notebook {shown(name)} was cut off: it ends too early ({where}). "
            "Save it again from Jupyter."
        )
    return (
        f"The notebook {shown(name)} is not valid JSON ({where}: {error.msg}). "
        "Save it again from Jupyter."
    )


def _upgraded(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Upgrade formats 1 to 3; outputs go first, because old ones break the upgrade."""
    sheets = data.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else [data]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                cell["outputs"] = []
            elif isinstance(cell, dict) and cell.get("cell_type") == "heading":
                cell["level"] = cell["level"] if cell.get("level") in range(1, 7) else 1
    data["metadata"] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            upgraded = nbformat.reads(json.dumps(data), as_version=_KNOWN_MAJOR)  # type: ignore[no-untyped-call]  # nbformat has no annotations
        return dict(upgraded)
    except (nbformat.ValidationError, *_UPGRADE_ERRORS) as exc:
        raise RefusedError(
            ProblemKind.UNREADABLE,
            f"The notebook {shown(name)} has the old format {data['nbformat']} and could not be "
            "upgraded. Open it in Jupyter and save it again.",
        ) from exc


def _fits(cells: object) -> bool:
    return isinstance(cells, list) and all(
        isinstance(cell, dict) and cell.get("cell_type") in CELL_TYPES and _source(cell) is not None
        for cell in cells
    )


def _cells(cells: object, name: str) -> tuple[Cell, ...]:
    if not isinstance(cells, list):
        raise RefusedError(
            ProblemKind.BROKEN_JSON,
            f"The file {shown(name)} is no notebook: a list of cells was expected, "
            f"a {_json_name(cells)} was found.",
        )
    read: list[Cell] = []
    for number, cell in enumerate(cells, start=1):
        source = _source(cell) if isinstance(cell, dict) else None
        if source is None or cell.get("cell_type") not in CELL_TYPES:
            raise RefusedError(
                ProblemKind.BROKEN_JSON,
                f"Cell {number} of the notebook {shown(name)} is damaged: it has no text or no "
                "known type.",
            )
        read.append(Cell(cell["cell_type"], source))
    return tuple(read)


def _source(cell: dict[str, Any]) -> str | None:
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _foreign_language(data: dict[str, Any]) -> str:
    """Name the language if it is not Python; the kernel's own statement counts first."""
    kernel = _text(data, "kernelspec", "name").lower()
    named = _text(data, "kernelspec", "language") or _text(data, "language_info", "name")
    if named:
        return "" if "python" in named.lower() else shown(named).strip("'\"")
    for pattern, language in _KERNEL_LANGUAGES:
        found = pattern.match(kernel)
        if found:
            return language or found.group(1).capitalize()
    return _old_language(data)


def _old_language(data: dict[str, Any]) -> str:
    """Format 3 names the language in each code cell."""
    sheets = data.get("worksheets")
    languages = {
        str(cell.get("language", "python"))
        for sheet in (sheets if isinstance(sheets, list) else [])
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
        for cell in sheet["cells"]
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    }
    foreign = sorted(name for name in languages if "python" not in name.lower())
    return shown(foreign[0]).strip("'\"") if foreign and len(foreign) == len(languages) else ""


def _kernel_note(data: dict[str, Any]) -> tuple[str, ...]:
    kernel = _text(data, "kernelspec", "name")
    if kernel in ("", _OWN_KERNEL):
        return ()
    return (f"asks for the kernel {shown(kernel)}; run with the grader's own Python 3 kernel",)


def _text(data: dict[str, Any], section: str, key: str) -> str:
    metadata = data.get("metadata")
    part = metadata.get(section) if isinstance(metadata, dict) else None
    value = part.get(key) if isinstance(part, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _json_name(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "truth value", type(None): "nothing"}
    return names.get(type(value), "number")
