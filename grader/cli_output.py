"""What the command line prints; no decisions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from grader.evidence import Limits
    from grader.pipeline import GradeResult
    from grader.pipeline.scan import ScanResult
    from grader.sandbox.levels import Trial


def level_sentence(trial: Trial) -> str:
    """Say which isolation level is in force, and how to get a stronger one."""
    from grader.sandbox.levels import Level

    walls = {
        Level.BWRAP: "bwrap (own file system, no network, unprivileged user)",
        Level.CONTAINER: "container (own file system, no network, unprivileged user)",
        Level.LANDLOCK: "landlock (files and sockets refused by the kernel, no namespaces)",
        Level.NONE: "none, student code runs without walls",
    }
    reason = f"; bwrap does not work here: {trial.why}" if trial.why else ""
    remedy = f"\n  {trial.remedy}" if trial.remedy else ""
    return f"isolation: {walls[trial.level]}{reason}{remedy}"


def limits_sentence(limits: Limits) -> str:
    """Say what each run may use."""
    from grader.report.words import limits_text

    return f"limits: {limits_text(limits)}"


def show_class(result: GradeResult, out: Path) -> None:
    """Print a graded class as a table, and where everything lies."""
    from grader.report.terminal import class_table, summary_lines

    console = open_console()
    console.print(class_table(result.reports))
    for line in summary_lines(result.reports):
        console.print(line)
    for student in result.missing:
        console.print(f"nothing handed in: {student.display_name}", markup=False)
    console.print(f"class overview   {out / 'index.html'}", markup=False, soft_wrap=True)
    console.print(f"gradebook        {out / 'gradebook.csv'}", markup=False, soft_wrap=True)
    console.print(f"for students     {out / 'feedback'}{os.sep}", markup=False, soft_wrap=True)
    console.print(f"not for students {out / 'private'}{os.sep}", markup=False, soft_wrap=True)


def failed_on_our_side(result: GradeResult) -> int:
    """How many students wait because the grader failed."""
    return sum(report.run.state == "grader failed" for report in result.reports)


def show_reuse(result: GradeResult, console: Console) -> None:
    """Say what was not run, and what has to be tried again."""
    if result.reused:
        verb = "was" if result.reused == 1 else "were"
        console.print(f"{result.reused} had been run before and {verb} not run again.")
    if result.identical:
        verb = "is" if result.identical == 1 else "are"
        console.print(f"{result.identical} {verb} identical to another and run once with it.")
    failed = failed_on_our_side(result)
    if failed:
        console.print(f"{failed} failed on our side; --retry-failed tries again.")


def print_scan(result: ScanResult, *, as_json: bool) -> None:
    """Print what a class imports."""
    import json
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(result), indent=2))
        return
    read = f"{result.submissions} read"
    if result.unreadable:
        read += f", {result.unreadable} of them cannot be run at all"
    typer.echo(read)
    if not result.missing:
        typer.echo("everything that they import is installed here")
    else:
        typer.echo("not installed here:")
    for each in result.missing:
        typer.echo(
            f"  {each.name:<20} {each.submissions:>5}  {', '.join(each.students[:3])}"
            + (" ..." if len(each.students) > 3 else "")
        )
    if result.installed:
        typer.echo("installed:")
    for found in result.installed:
        package = f"{found.distribution} {found.version}".strip()
        typer.echo(f"  {found.name:<20} {found.submissions:>5}  {package}")


def print_json(result: GradeResult) -> None:
    """Print a graded class as JSON."""
    import json

    rows = [
        {
            "key": report.student.key,
            "attempt": report.attempt.number,
            "attempts": report.attempt.of,
            "earned": float(report.totals.earned),
            "pending": float(report.totals.pending),
            "maximum": float(report.totals.maximum),
            "needs_review": report.needs_review,
            "state": str(report.run.state),
            "criteria": {each.id: float(each.earned) for each in report.criteria},
        }
        for report in result.reports
    ]
    typer.echo(json.dumps({"students": rows, "missing": [s.key for s in result.missing]}, indent=2))


def open_console(*, stderr: bool = False) -> Console:
    """A console that colours nothing by itself."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)
