"""What was found about a program, held against what its reader stated."""

from __future__ import annotations

from dataclasses import dataclass, field

from battery.diagnosed import diagnosed_in
from battery.facts import FACTS, Difference, Found, Unknown, differences, facts_of
from battery.harness import Seen
from battery.specification import Program


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one program was judged.

    Attributes:
        program: The program.
        found: The thirty facts as found.
        wrong: Facts that were found otherwise.
        unknown: Facts that were not found out.
        diagnosed: Errors and warnings, the root first; ``None`` where that failed.
        missing: Diagnoses that were expected and not made.
        unexpected: Diagnoses that were made and neither expected nor allowed.
        problems: Anything else: it never ended, or raised what it was not meant to.
    """

    program: Program
    found: dict[str, Found]
    wrong: list[Difference] = field(default_factory=list)
    unknown: list[Difference] = field(default_factory=list)
    diagnosed: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether nothing wrong was said; something unknown is not wrong."""
        return not self.complaints

    @property
    def complaints(self) -> list[str]:
        """Everything that is wrong, a line each."""
        lines = [f"problem {problem}" for problem in self.problems]
        lines += [f"wrong {one}" for one in self.wrong]
        if self.missing or self.unexpected:
            lines.append(
                f"diagnoses: missing {list(self.missing)}, unexpected {list(self.unexpected)}, "
                f"found {list(self.diagnosed or ())}"
            )
        expected = self.program.sheet.diagnoses.expected
        if expected and self.diagnosed and not self.missing and self.diagnosed[0] != expected[0]:
            lines.append(f"diagnoses: {self.diagnosed[0]} comes first instead of {expected[0]}")
        return lines


def verdict_on(seen: Seen) -> Verdict:
    """Judge what one run left."""
    sheet = seen.program.sheet
    problem = _problem(seen)
    found: dict[str, Found] = dict.fromkeys(FACTS, Unknown(problem))
    if not seen.problem:
        found = facts_of(seen.examination, sheet.model)
    apart = differences(sheet.facts, found)
    diagnosed, trouble = _diagnosed(seen)
    problem = problem or trouble
    stated = sheet.diagnoses
    return Verdict(
        seen.program,
        found,
        wrong=[one for one in apart if one.is_wrong],
        unknown=[one for one in apart if not one.is_wrong],
        diagnosed=diagnosed,
        missing=()
        if diagnosed is None
        else tuple(one for one in stated.expected if one not in diagnosed),
        unexpected=tuple(
            one for one in diagnosed or () if one not in {*stated.expected, *stated.allowed}
        ),
        problems=(problem,) if problem else (),
    )


def _diagnosed(seen: Seen) -> tuple[tuple[str, ...] | None, str]:
    """The diagnoses, or what went wrong over them: one program must not hide the others."""
    try:
        return (None if seen.problem else diagnosed_in(seen)), ""
    except Exception as error:  # noqa: BLE001  # told as a problem of this program
        return None, f"the diagnosis raised {type(error).__name__}: {error}"


def _problem(seen: Seen) -> str:
    if seen.problem:
        return seen.problem.strip().splitlines()[-1]
    raised = seen.error.name if seen.error else ""
    meant = seen.program.sheet.raises
    if raised == meant:
        return ""
    if seen.error is not None and not meant:
        return f"line {seen.error.line} raised {raised}: {seen.error.message[:200]}"
    return f"it was meant to raise {meant}, but raised {raised or 'nothing'}"
