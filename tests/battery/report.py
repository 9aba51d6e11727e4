"""Tells a developer, program by program, what was found other than its reader stated.

``python tests/battery/report.py [--only GLOB] [--show] [--seconds]``; the status is 0 if
nothing is wrong, missing or unexpected.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0:1] = [str(HERE.parents[1]), str(HERE.parent)]

from battery.facts import FACTS, Unknown  # noqa: E402  # after the path was mended
from battery.harness import Seen, run_battery  # noqa: E402  # after the path was mended
from battery.specification import read_battery  # noqa: E402  # after the path was mended
from battery.verdict import Verdict, verdict_on  # noqa: E402  # after the path was mended


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", help="shell pattern for names of programs")
    parser.add_argument("--root", type=Path, default=HERE, help="another folder of programs")
    parser.add_argument("--show", action="store_true", help="print every fact that was found")
    parser.add_argument("--seconds", action="store_true", help="print the CPU time of each")
    arguments = parser.parse_args()
    programs, problems = read_battery(arguments.only, arguments.root)
    for problem in problems:
        say(f"SHEET {problem}")
    with tempfile.TemporaryDirectory() as folder:
        seen = run_battery(programs, Path(folder))
        verdicts = [verdict_on(one) for one in seen.values()]
    for verdict in verdicts:
        tell(verdict, seen[verdict.program.name], arguments)
    summarise(verdicts, len(problems))
    used = sum(sum(one.cpu_s) for one in seen.values())
    say(f"\n{used:.0f} s of CPU time for programs and examinations")
    return int(bool(problems) or not all(verdict.is_right for verdict in verdicts))


def tell(verdict: Verdict, seen: Seen, arguments: argparse.Namespace) -> None:
    """Print what is to be said about one program."""
    lines = verdict.complaints + [f"  unknown {one}" for one in verdict.unknown]
    if arguments.seconds:
        lines.append(f"  CPU time {seen.cpu_s[0]} s, its examination {seen.cpu_s[1]} s")
    if arguments.show:
        lines += [f"  {name} = {verdict.found[name]}" for name in FACTS]
        lines.append(f"  diagnoses {verdict.diagnosed}")
    if lines:
        say(verdict.program.name)
        for line in lines:
            say(f"  {line.strip()}")


def summarise(verdicts: list[Verdict], problems: int) -> None:
    """Print the sums, for each framework."""
    for framework in sorted({verdict.program.framework for verdict in verdicts}):
        mine = [verdict for verdict in verdicts if verdict.program.framework == framework]
        asked = len(FACTS) * len(mine)
        wrong = Counter(one.fact for verdict in mine for one in verdict.wrong)
        unknown = Counter(one.fact for verdict in mine for one in verdict.unknown)
        reasons = Counter(
            one.found.reason
            for verdict in mine
            for one in verdict.unknown
            if isinstance(one.found, Unknown)
        )
        share = unknown.total() / asked
        say(f"\n{framework}: {len(mine)} programs, {asked} facts asked")
        say(f"  wrong   {wrong.total():5} {dict(wrong.most_common())}")
        say(f"  unknown {unknown.total():5} ({share:.1%}) {dict(unknown.most_common())}")
        for reason, count in reasons.most_common(8):
            say(f"    {count:4}x {reason}")
        for kind in ("missing", "unexpected"):
            found = Counter(name for verdict in mine for name in getattr(verdict, kind))
            say(f"  diagnoses {kind}: {found.total()} {dict(found.most_common())}")
        say(f"  programs entirely right: {sum(v.is_right and not v.unknown for v in mine)}")
    if problems:
        say(f"\n{problems} sheets cannot be read")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
