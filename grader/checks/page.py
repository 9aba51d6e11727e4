"""Writes the page about all checks from their docstrings: ``python -m grader.checks.page``."""

from __future__ import annotations

import inspect
import sys

from grader.checks import CHECKS
from grader.checks.base import Check

LEFT_OUT = ("Args:", "Returns:", "Raises:")
HEAD = """# Checks

Generated from the docstrings by `make docs`. A rubric names a check by its id and sets its
parameters. Where a check requires another one that fails, it is skipped and earns nothing: so a
model that was never trained earns nothing for its structure.
"""


def page() -> str:
    """The page in Markdown."""
    return HEAD + "".join(_section(check) for check in CHECKS.values())


def _section(check: Check) -> str:
    parts = [f"\n## `{check.id}`: {check.title}\n"]
    body = inspect.getdoc(check.run) or ""
    for line in body.splitlines():
        if line.startswith(LEFT_OUT):
            break
        is_heading = line.endswith(":") and not line.startswith(" ")
        parts.append(f"\n**{line.removesuffix(':')}**\n" if is_heading else line.strip())
    schema = check.params.model_json_schema().get("properties", {})
    if schema:
        parts.append("\n| parameter | default | limits |\n|---|---|---|")
        parts += [_row(name, field) for name, field in schema.items()]
    if check.requires:
        parts.append("\nRequires: " + ", ".join(f"`{name}`" for name in check.requires) + ".")
    text = "\n".join(parts)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip() + "\n"


def _row(name: str, field: dict[str, object]) -> str:
    default = f"`{field['default']}`" if "default" in field else "must be given"
    words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above"}
    limits = [f"{word} {field[key]}" for key, word in words.items() if key in field]
    if isinstance(field.get("enum"), list):
        limits.append("one of " + ", ".join(f"`{value}`" for value in field["enum"]))  # type: ignore[attr-defined]  # a list, as was just seen
    return f"| `{name}` | {default} | {', '.join(limits) or 'none'} |"


if __name__ == "__main__":
    sys.stdout.write(page())
