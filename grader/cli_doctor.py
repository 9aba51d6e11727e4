"""Prints what this machine offers, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from grader.sandbox.machine import Machine

FRAMEWORKS = ("torch", "tensorflow", "keras")


def show_machine(*, as_json: bool) -> None:
    """Examine the machine and print what was found."""
    from grader.sandbox.machine import examine_machine

    machine = examine_machine()
    if as_json:
        typer.echo(json.dumps(asdict(machine), indent=2))
    else:
        typer.echo("\n".join(machine_lines(machine)))


def machine_lines(machine: Machine) -> list[str]:
    """Say what a machine offers, one fact a line."""
    user = "root" if machine.is_root else "an ordinary user"
    landlock = f"Landlock ABI {machine.landlock_abi}" if machine.landlock_abi else "no Landlock"
    calls = "system-call filter" if machine.filters_calls else "no system-call filter"
    lines = [
        f"grader {machine.grader}, Python {machine.python}, run by {user}",
        f"Linux {machine.kernel} on {machine.architecture}: {landlock}, {calls}",
        f"{machine.cores} cores, {machine.memory_mib} MiB of memory, cgroups: {machine.cgroup}"
        " (limits on memory and processes are kept by watching)",
        "isolation, strongest first:",
    ]
    for offered in machine.levels:
        state = f"works: {offered.how}" if offered.works else f"does not work: {offered.why}"
        lines.append(f"  {offered.level:<10} {state}")
        if not offered.works:
            lines += [f"  {'':<10} {line}" for line in offered.remedy.splitlines()]
    lines.append("packages:")
    for package in dict.fromkeys((*FRAMEWORKS, *machine.packages)):
        lines.append(f"  {package:<14}{machine.packages.get(package, 'not installed')}")
    return lines
