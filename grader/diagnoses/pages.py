"""Writes a page for each rule and a list of them: ``python -m grader.diagnoses.pages FOLDER``."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from grader.diagnoses import RULES
from grader.diagnoses.base import Rule, Severity

LEFT_OUT = ("Args:", "Returns:", "Raises:")
HEAD = """# Rules

Generated from the docstrings by `make docs`. What can be wrong with a model or its training, and
how the grader tells. Errors: the model cannot be right. Warnings: it works, but is fragile or bad
practice. Notes: worth knowing, told only when asked for, and never worth points. What follows from
something else that was found is folded into its cause. A rubric can ask that errors and warnings
are not there: see `no-faults` among the [checks](../checks.md). Where a fact that a rule looks at
is unknown, it finds nothing, and that does not mean that nothing is there.
"""


def pages() -> dict[str, str]:
    """Every page in Markdown, by file name."""
    return {"README.md": _index(), **{f"{rule.id}.md": _page(rule) for rule in RULES.values()}}


def write(folder: Path) -> None:
    """Write every page, and remove those of rules that are gone.

    Args:
        folder: ``docs/rules``; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _index() -> str:
    parts = [HEAD]
    for severity in Severity:
        parts.append(f"\n## {severity.capitalize()}s\n\n| id | what |\n|---|---|\n")
        parts += [
            f"| [`{rule.id}`]({rule.id}.md) | {rule.title} |\n"
            for rule in RULES.values()
            if rule.severity is severity
        ]
    return "".join(parts)


def _page(rule: Rule) -> str:
    head = (
        f"# {rule.title}\n\nRule `{rule.id}`, {rule.severity}; row {rule.row} of the rule table.\n"
    )
    parts = [head]
    for line in (inspect.getdoc(rule.find) or "").splitlines():
        if line.startswith(LEFT_OUT):
            break
        is_heading = line.endswith(":") and not line.startswith(" ")
        text = line.strip().replace("``", "`")
        parts.append(f"\n**{line.removesuffix(':')}**\n" if is_heading else text)
    if rule.explains:
        listed = ", ".join(f"[`{each}`]({each}.md)" for each in rule.explains)
        parts.append(f"\nFolded into it, where both are found: {listed}.")
    parts.append("\nLooks at: " + ", ".join(f"`{name}`" for name in rule.needs) + ".")
    page = "\n".join(parts)
    while "\n\n\n" in page:
        page = page.replace("\n\n\n", "\n\n")
    return page.rstrip() + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
