"""How long a class takes with each tool; writes ``benchmarks/throughput.md`` and ``.json``.

``python benchmarks/throughput [--rounds 3] [--quick]``. Installs the other tools first, each in an
environment of its own under ``build/``. What was measured already is not measured again: the run
can be stopped at any time and be spread out with ``--modes``, ``--frameworks`` and ``--workers``.
It wants a quiet machine with two cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

sys.path[0] = str(Path(__file__).resolve().parents[1])

from throughput.calibration import calibrate  # noqa: E402  # after the path was mended
from throughput.environments import (  # noqa: E402  # after the path was mended
    BUILD,
    REPOSITORY,
    install,
    versions,
)
from throughput.measuring import (  # noqa: E402  # after the path was mended
    BenchmarkError,
    Case,
    Mode,
    measure,
)
from throughput.page import page  # noqa: E402  # after the path was mended
from throughput.submissions import (  # noqa: E402  # after the path was mended
    CLASS_SIZES,
    FRAMEWORKS,
    TRAININGS,
    class_digest,
    make_class,
)
from throughput.times import RawTimes, Taken, What, load  # noqa: E402  # after the path was mended
from throughput.with_grader import Ours, public_data  # noqa: E402  # after the path was mended
from throughput.with_nbclient import Plain  # noqa: E402  # after the path was mended
from throughput.with_nbgrader import Nbgrader  # noqa: E402  # after the path was mended
from throughput.with_otter import Otter  # noqa: E402  # after the path was mended

PAGE: Final = REPOSITORY / "benchmarks" / "throughput.md"
TIMES: Final = REPOSITORY / "benchmarks" / "throughput.json"
MODES: Final[tuple[Mode, ...]] = (
    Nbgrader(),
    Otter(),
    Plain(),
    Ours("fresh", "grader, fresh sandboxes", is_fresh=True),
    Ours("preloaded", "grader, preloaded", is_fresh=False),
)
TOOL_OF: Final = {"nbgrader": "nbgrader", "otter": "otter-grader"}
LONG_MODES: Final = ("preloaded",)
"""The class with long training has a target for the preloaded mode alone."""
QUICK_SIZE: Final = 4


def main() -> int:
    """Measure what is missing and write the page; the status tells whether nothing failed."""
    given = arguments()
    if given.calibrate:
        for line in calibrate(given.frameworks, public_data()):
            say(line)
        return 0
    tools = list(dict.fromkeys(TOOL_OF.get(name, "grader") for name in given.modes))
    for tool in tools:
        install(tool, say)
    if given.restart:
        given.times.unlink(missing_ok=True)
    times = load(given.times, setting(given, tools))
    refused = measure_all(given, times)
    if times.taken:
        text = page(times, MODES)
        if given.quick or given.print:
            sys.stdout.write(text)
        else:
            PAGE.write_text(text, encoding="utf-8")
            say(f"written: {PAGE.relative_to(REPOSITORY)}")
    for mode, why in refused.items():
        say(f"NOT MEASURED: {mode}: {why}")
    return int(bool(refused))


def arguments() -> argparse.Namespace:
    """What the command line says, with the defaults of ``--quick`` filled in."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/throughput",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [mode.name for mode in MODES]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--class-size", type=int, default=CLASS_SIZES["short"])
    parser.add_argument("--long-size", type=int, default=CLASS_SIZES["long"])
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=FRAMEWORKS)
    parser.add_argument("--trainings", nargs="+", choices=TRAININGS, default=TRAININGS)
    parser.add_argument("--modes", nargs="+", choices=names, default=names)
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--times", type=Path, default=TIMES, help="file of raw times")
    parser.add_argument("--restart", action="store_true", help="forget the raw times")
    parser.add_argument("--print", action="store_true", help="write no page, show it")
    parser.add_argument(
        "--quick", action="store_true", help="4 submissions, once, 2 at a time; writes no page"
    )
    parser.add_argument(
        "--calibrate", action="store_true", help="only tell how long training takes here"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.class_size, given.workers = 1, QUICK_SIZE, [2]
        given.trainings = ["short"]
        given.times, given.restart = BUILD / "quick.json", True
        BUILD.mkdir(parents=True, exist_ok=True)
    return given


def setting(given: argparse.Namespace, tools: Sequence[str]) -> dict[str, Any]:
    """What has to be equal for times to be put on one page."""
    sizes = {"short": given.class_size, "long": given.long_size}
    return {
        "machine": machine(),
        "grader": tree_of_grader(),
        "classes": {
            f"{framework}-{training}": [size, class_digest(make_class(framework, training, size))]
            for framework in FRAMEWORKS
            for training, size in sizes.items()
        },
        "versions": {tool: versions(tool) for tool in tools},
    }


def measure_all(given: argparse.Namespace, times: RawTimes) -> dict[str, str]:
    """Measure what is missing, and save after each measurement.

    Returns:
        Modes that could not be measured, and why.
    """
    modes = {mode.name: mode for mode in MODES}
    data, warm, refused = public_data(), set[tuple[str, str]](), dict[str, str]()
    for what in what_to_measure(given):
        if times.has(what) or what.mode in refused:
            continue
        submissions = make_class(what.framework, what.training, what.size)
        place, shared = BUILD / "run", BUILD / "shared" / class_digest(submissions)[:12]
        try:
            for size in [1, what.size] if (what.framework, what.mode) not in warm else [what.size]:
                # The first, of one submission, warms the caches of disk and libraries; not kept.
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir(parents=True)
                workers = min(size, what.workers)
                case = Case(submissions[:size], data, workers, place, shared)
                measurement = measure(modes[what.mode], case)
        except BenchmarkError as exc:
            refused[what.mode] = str(exc)
            say(f"{what}: FAILED: {exc}")
            continue
        warm.add((what.framework, what.mode))
        times.taken.append(Taken(what, measurement, datetime.now(UTC).date().isoformat()))
        times.save(given.times)
        say(f"{what}: {measurement.wall_s / what.size:.2f} s per submission")
        shutil.rmtree(place, ignore_errors=True)
    return refused


def what_to_measure(given: argparse.Namespace) -> Iterator[What]:
    """Everything that was asked for; the tool that goes first changes from round to round."""
    for number in range(1, given.rounds + 1):
        shift = (number - 1) % len(given.modes)
        modes = [*given.modes[shift:], *given.modes[:shift]]
        for framework in given.frameworks:
            for training in given.trainings:
                for workers in workers_for(training, given.workers):
                    for mode in modes:
                        if training == "short":
                            yield What(framework, training, given.class_size, workers, mode, number)
                        elif mode in LONG_MODES:
                            yield What(framework, training, given.long_size, workers, mode, number)


def workers_for(training: str, workers: Sequence[int]) -> list[int]:
    """How many at a time: the class with long training is measured with the most alone."""
    return [max(workers)] if training == "long" else list(workers)


def machine() -> str:
    """The machine, in words."""
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = names[0] if names else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, Linux {platform.release()}"


def tree_of_grader() -> str:
    """Git's name for the content of ``grader/``, with a remark if it is changed."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["/usr/bin/env", "git", *words],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    changed = " (changed since)" if git("status", "--porcelain", "--", "grader") else ""
    return git("rev-parse", "HEAD:grader")[:12] + changed


def say(line: str) -> None:
    """Show how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
