"""How often what the grader finds out about a program is right; writes ``battery.md``.

``python benchmarks/battery.py [--only GLOB] [--record-blind]``. ``--only`` prints the page for some
programs instead of writing it. ``--record-blind`` stores the first run over the blind
programs, once; it refuses while they or the grader are not committed, and where a first run is
stored already.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
sys.path[0:1] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from battery.facts import (  # noqa: E402  # after the path was mended
    FACTS,
    Unknown,
    agrees,
    asked_about,
    facts_of_model,
)
from battery.harness import Seen, run_battery  # noqa: E402  # after the path was mended
from battery.specification import (  # noqa: E402  # after the path was mended
    ABSENT,
    CORRECTED,
    FRAMEWORKS,
    read_battery,
)
from battery.verdict import Verdict, verdict_on  # noqa: E402  # after the path was mended

PAGE: Final = REPOSITORY / "benchmarks" / "battery.md"
FIRST_RUN: Final = REPOSITORY / "benchmarks" / "blind_first_run.json"
BLIND_FOLDERS: Final = ("tests/battery/pytorch/blind", "tests/battery/keras/blind")
BY_TECHNIQUE: Final = (
    "weighted_layers", "hidden_units", "hidden_activations", "output_activation", "emits",
    "is_affine",
)  # fmt: skip
PACKAGES: Final = ("torch", "tensorflow", "keras", "numpy", "scikit-learn")


@dataclass(slots=True)
class Tally:
    """How often something was right, wrong or unknown."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0

    def count(self, *, is_right: bool, is_unknown: bool) -> None:
        """Add one case."""
        if is_unknown:
            self.unknown += 1
        elif is_right:
            self.right += 1
        else:
            self.wrong += 1

    def __str__(self) -> str:
        return f"{self.right} / {self.wrong} / {self.unknown}"


def main() -> None:
    """Run the battery and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record-blind", action="store_true", help="store the first blind run")
    parser.add_argument("--only", default="", help="shell pattern for names of programs")
    arguments = parser.parse_args()
    is_recording = arguments.record_blind and not arguments.only
    if is_recording:
        refuse_a_second_or_unclean_first_run()
    programs, problems = read_battery(arguments.only or "*")
    if problems:
        sys.exit("\n".join(problems))
    with tempfile.TemporaryDirectory() as folder:
        seen = list(run_battery(programs, Path(folder), with_techniques=True).values())
        verdicts = [verdict_on(one) for one in seen]
    if is_recording:
        record_first_run([one for one in verdicts if one.program.folder == "blind"])
    if arguments.only:
        sys.stdout.write(page(seen, verdicts))
        return
    PAGE.write_text(page(seen, verdicts), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.relative_to(REPOSITORY)}\n")


# The first run over the blind programs ---------------------------------------------------------


def refuse_a_second_or_unclean_first_run() -> None:
    """End unless the programs and the grader are committed and no first run is stored."""
    if FIRST_RUN.exists():
        sys.exit(f"{FIRST_RUN.name} exists: the first run was recorded; there is no second one")
    if git("status", "--porcelain", "--", *BLIND_FOLDERS, "grader", "tests/battery/*.py"):
        sys.exit("commit the blind programs, the grader and the harness before their first run")


def record_first_run(verdicts: Sequence[Verdict]) -> None:
    """Store what was found about each blind program, unmended for ever."""
    stored = {
        "programs_commit": git("log", "-1", "--format=%H", "--", *BLIND_FOLDERS),
        "grader_commit": git("log", "-1", "--format=%H", "--", "grader"),
        "versions": versions(),
        "programs": {verdict.program.name: stored_verdict(verdict) for verdict in verdicts},
    }
    FIRST_RUN.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def stored_verdict(verdict: Verdict) -> dict[str, Any]:
    """One blind program in the stored file."""
    return {
        "right": len(FACTS) - len(verdict.wrong) - len(verdict.unknown),
        "wrong": {one.fact: [one.stated, one.found] for one in verdict.wrong},
        "unknown": {one.fact: [one.stated, str(one.found)] for one in verdict.unknown},
        "expected": verdict.program.sheet.diagnoses.expected,
        "diagnosed": None if verdict.diagnosed is None else list(verdict.diagnosed),
        "missing": list(verdict.missing),
        "unexpected": list(verdict.unexpected),
        "problems": list(verdict.problems),
    }


# The page --------------------------------------------------------------------------------------


def page(seen: Sequence[Seen], verdicts: Sequence[Verdict]) -> str:
    """The whole page."""
    parts = [
        "# What the grader finds out about programs",
        "",
        "Written by `make bench-battery`; do not edit. `tests/battery/README.md` says what the "
        "programs are and what each fact states. Every value was stated by a reader of the "
        "program. A fact is right, wrong or unknown; only a wrong one misleads.",
        "",
        ", ".join(f"{name} {number}" for name, number in versions().items()),
        "",
        "## All thirty facts together",
        "",
        *summary(verdicts),
        "",
        "## Fact by fact: right / wrong / unknown",
        "",
        *fact_table(verdicts),
        "",
        "## Each technique by itself: right / wrong / unknown",
        "",
        *technique_tables(seen),
        "",
        "## Diagnoses, rule by rule",
        "",
        *diagnosis_table(verdicts),
        "",
        "## Blind programs",
        "",
        *blind_part([one for one in verdicts if one.program.folder == "blind"]),
    ]
    return "\n".join(parts) + "\n"


def summary(verdicts: Sequence[Verdict]) -> list[str]:
    """Programs and facts by framework and folder."""
    rows = []
    for framework in FRAMEWORKS:
        for folder in ("faults", "styles", "blind"):
            mine = [v for v in verdicts if v.program.name.startswith(f"{framework}/{folder}/")]
            if mine:
                tally = all_facts(mine)
                total = len(FACTS) * len(mine)
                entirely = sum(not (v.wrong or v.unknown or v.problems) for v in mine)
                rows.append(
                    (framework, folder, len(mine), total, tally.right, tally.wrong, tally.unknown,
                     f"{tally.right / total:.1%}", entirely)
                )  # fmt: skip
    heads = ("framework", "programs", "number", "facts", "right", "wrong", "unknown", "share right",
             "programs entirely right")  # fmt: skip
    return table(heads, rows)


def fact_table(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each fact."""
    rows = []
    for fact in FACTS:
        row = [f"`{fact}`"]
        for framework in FRAMEWORKS:
            mine = [v for v in verdicts if v.program.framework == framework]
            wrong = sum(one.fact == fact for v in mine for one in v.wrong)
            unknown = sum(one.fact == fact for v in mine for one in v.unknown)
            row.append(str(Tally(len(mine) - wrong - unknown, wrong, unknown)))
        rows.append(row)
    return table(("fact", *FRAMEWORKS), rows)


def technique_tables(seen: Sequence[Seen]) -> list[str]:
    """A table for each framework: one line for each technique, one column for each fact."""
    lines: list[str] = []
    for framework in FRAMEWORKS:
        mine = [one for one in seen if one.program.framework == framework]
        tallies = technique_tallies(mine)
        if not tallies:
            lines += [f"{framework}: no technique can be asked by itself.", ""]
            continue
        asked = sum(one.count for one in tallies.values())
        rows = [
            (name, *(str(tallies[name].facts[fact]) for fact in BY_TECHNIQUE)) for name in tallies
        ]
        heads = (f"{framework}", *(f"`{fact}`" for fact in BY_TECHNIQUE))
        lines += [*table(heads, rows), ""] if asked else []
    return lines[:-1]


@dataclass(slots=True)
class TechniqueTally:
    """How one technique did."""

    facts: dict[str, Tally]
    count: int = 0


def technique_tallies(seen: Sequence[Seen]) -> dict[str, TechniqueTally]:
    """Hold what each technique said of the model in question against what its reader stated."""
    tallies: dict[str, TechniqueTally] = {}
    for one in seen:
        candidate = asked_about(one.examination, one.program.sheet.model)
        if candidate is None:
            continue
        said: dict[str, Any] = {**one.techniques.get(candidate.id, {})}
        said |= {"all together": candidate.model} if said else {}
        for name, description in said.items():
            tally = tallies.setdefault(
                name, TechniqueTally({fact: Tally() for fact in BY_TECHNIQUE})
            )
            tally.count += 1
            found = {} if isinstance(description, str) else facts_of_model(description)
            for fact in BY_TECHNIQUE:
                stated = getattr(one.program.sheet.facts, fact)
                if stated == ABSENT:
                    continue
                value = found.get(fact, Unknown("it failed"))
                tally.facts[fact].count(
                    is_right=agrees(stated, value), is_unknown=isinstance(value, Unknown)
                )
    return tallies


def diagnosis_table(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each rule; both frameworks together."""
    judged = [one for one in verdicts if one.diagnosed is not None]
    if not judged:
        return ["Nothing diagnoses yet."]
    rows = []
    rules = sorted({one.program.sheet.rule for one in judged if one.program.sheet.rule})
    for rule in rules:
        mine = [one for one in judged if one.program.sheet.rule == rule]
        faults = [one for one in mine if not one.program.name.endswith(CORRECTED)]
        twins = [one for one in mine if one.program.name.endswith(CORRECTED)]
        rows.append(
            (
                rule,
                len(faults),
                sum(not one.missing for one in faults),
                sum(bool(one.missing) for one in faults),
                sum(not one.missing and not is_root_first(one) for one in faults),
                sum(bool(one.unexpected) for one in faults),
                len(twins),
                sum(bool(one.unexpected) for one in twins),
            )
        )
    rows.append(("all", *(sum(row[i] for row in rows) for i in range(1, 8))))
    styles = [one for one in judged if one.program.sheet.kind == "style"]
    alarms = sum(bool(one.unexpected) for one in styles)
    heads = ("rule", "faulty programs", "found", "missed", "found, but not first",
             "something wrong said besides", "corrected twins", "false alarms")  # fmt: skip
    return [
        *table(heads, rows),
        "",
        f"False alarms on programs that were never faulty: {alarms} of {len(styles)}.",
    ]


def is_root_first(verdict: Verdict) -> bool:
    """Whether the root cause comes first."""
    return (verdict.diagnosed or ())[:1] == tuple(verdict.program.sheet.diagnoses.expected[:1])


def blind_part(verdicts: Sequence[Verdict]) -> list[str]:
    """The first run as it was stored, beside today's."""
    if not verdicts:
        return ["There are none yet."]
    today = {one.program.name: stored_verdict(one) for one in verdicts}
    rows = [("today", *blind_row(today.values()))]
    lines = [
        f"{len(verdicts)} programs, written by somebody who had seen neither recorder nor probe, "
        "and committed before they were run.",
        "",
    ]
    if not FIRST_RUN.exists():
        return [*lines, *table(_BLIND_HEADS, rows), "", "The first run was not recorded."]
    stored = json.loads(FIRST_RUN.read_text(encoding="utf-8"))
    rows.insert(0, ("first, unmended", *blind_row(stored["programs"].values())))
    return [
        *lines,
        *table(_BLIND_HEADS, rows),
        "",
        f"First run: programs as of {stored['programs_commit'][:12]}, grader as of "
        f"{stored['grader_commit'][:12]}.",
        "",
        *blind_mistakes(stored["programs"]),
    ]


_BLIND_HEADS = ("run", "programs", "facts", "right", "wrong", "unknown", "share right",
                "programs entirely right", "diagnoses missed", "false")  # fmt: skip


def blind_row(stored: Iterable[dict[str, Any]]) -> tuple[object, ...]:
    """The sums over stored verdicts."""
    every = list(stored)
    total = len(FACTS) * len(every)
    counts = [sum(len(one[kind]) for one in every) for kind in ("wrong", "unknown")]
    right = total - sum(counts)
    entirely = sum(not (one["wrong"] or one["unknown"] or one["problems"]) for one in every)
    missed = false = "not asked"
    if all(one["diagnosed"] is not None for one in every):
        missed, false = (str(sum(len(one[k]) for one in every)) for k in ("missing", "unexpected"))
    return len(every), total, right, *counts, f"{right / total:.1%}", entirely, missed, false


def blind_mistakes(programs: dict[str, dict[str, Any]]) -> list[str]:
    """What was wrong in the first run, fact by fact."""
    wrong = Counter(fact for one in programs.values() for fact in one["wrong"])
    unknown = Counter(fact for one in programs.values() for fact in one["unknown"])
    names = sorted({*wrong, *unknown}, key=lambda name: (-wrong[name], -unknown[name], name))
    rows = [(f"`{name}`", wrong[name], unknown[name]) for name in names]
    return table(("fact, first run", "wrong", "unknown"), rows) if rows else []


# Bricks ----------------------------------------------------------------------------------------


def all_facts(verdicts: Sequence[Verdict]) -> Tally:
    """All facts of some programs together."""
    wrong = sum(len(one.wrong) for one in verdicts)
    unknown = sum(len(one.unknown) for one in verdicts)
    return Tally(len(FACTS) * len(verdicts) - wrong - unknown, wrong, unknown)


def table(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def versions() -> dict[str, str]:
    """Of Python and the packages that matter."""
    found = {name: metadata.version(name) for name in PACKAGES}
    return {"Python": sys.version.split()[0], **found}


def git(*arguments: str) -> str:
    """What a git command prints."""
    done = subprocess.run(
        ["/usr/bin/env", "git", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
