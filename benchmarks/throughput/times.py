"""The file of raw times, kept beside the page, so that a run can be spread out and be checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from throughput.measuring import BenchmarkError, Measurement


@dataclass(frozen=True, slots=True)
class What:
    """What one measurement was of.

    Attributes:
        framework: ``pytorch`` or ``keras``.
        training: ``short`` or ``long``.
        size: Number of submissions.
        workers: Submissions at a time.
        mode: Name of the tool's mode.
        round: From 1.
    """

    framework: str
    training: str
    size: int
    workers: int
    mode: str
    round: int

    def __str__(self) -> str:
        return (
            f"round {self.round}, {self.size} {self.framework} ({self.training} training), "
            f"{self.workers} at a time, {self.mode}"
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """One measurement with what it was of.

    Attributes:
        what: Of what.
        measurement: The times.
        date: Day, ISO 8601, UTC.
    """

    what: What
    measurement: Measurement
    date: str


@dataclass(slots=True)
class RawTimes:
    """All measurements of one setting.

    Attributes:
        setting: What must be equal for times to be compared: machine, versions, classes.
        taken: The measurements, in the order in which they were made.
    """

    setting: dict[str, Any]
    taken: list[Taken] = field(default_factory=list)

    def has(self, what: What) -> bool:
        """Whether this was measured already."""
        return any(one.what == what for one in self.taken)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        content = {"setting": self.setting, "taken": [as_json(one) for one in self.taken]}
        partial = path.with_name(f".{path.name}.part")
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)


def as_json(one: Taken) -> dict[str, Any]:
    """One measurement in the file; times to the millisecond."""
    measurement = {
        name: [round(each, 3) for each in value] if isinstance(value, tuple) else round(value, 3)
        for name, value in asdict(one.measurement).items()
    }
    return {**asdict(one.what), **measurement, "date": one.date}


def load(path: Path, setting: Mapping[str, Any]) -> RawTimes:
    """Read what was measured before; nothing if there is no file.

    Versions of tools that one of the two runs did not use are put together.

    Raises:
        BenchmarkError: It was measured in another setting, whose times cannot be compared.
    """
    if not path.exists():
        return RawTimes(dict(setting))
    content = json.loads(path.read_text(encoding="utf-8"))
    names = differing(content["setting"], setting)
    if names:
        raise BenchmarkError(
            f"{path}: measured in another setting ({', '.join(names)} differ): "
            "begin anew with --restart, or name another file with --times"
        )
    known = {**content["setting"]["versions"], **setting["versions"]}
    taken = [from_json(one) for one in content["taken"]]
    return RawTimes({**setting, "versions": known}, taken)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names of what is not equal in two settings; tools in only one of them do not count."""
    names = {*one, *other} - {"versions"}
    ours, theirs = one["versions"], other["versions"]
    tools = [f"versions of {name}" for name in {*ours} & {*theirs} if ours[name] != theirs[name]]
    return sorted([name for name in names if one.get(name) != other.get(name)] + tools)


def from_json(content: Mapping[str, Any]) -> Taken:
    """One measurement from the file."""
    return Taken(
        what=What(**{name: content[name] for name in What.__slots__}),
        measurement=Measurement(
            **{
                name: tuple(content[name]) if isinstance(content[name], list) else content[name]
                for name in Measurement.__slots__
            }
        ),
        date=content["date"],
    )
