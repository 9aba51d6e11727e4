"""otter-grader without containers: ``otter generate`` once, then ``otter run`` per submission.

otter's documented way without Docker takes one submission per call; so many calls run at a time as
there are workers. What its containers would add is not measured.

Source: otter documentation, "Non-containerized Grading", "Generating Configuration Files",
"Python Format" (exception-based tests).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from throughput.environments import executable, process_environment
from throughput.measuring import Case, Command, Graded, Plan
from throughput.questions import (
    ACCURACY_QUESTION,
    MAXIMUM,
    SHAPE_QUESTION,
    expected_points,
    otter_test_file,
)
from throughput.submissions import ENTRY
from throughput.with_nbclient import lay_out
from throughput.with_nbgrader import called

ARCHIVE: Final = "autograder.zip"
RESULTS: Final = "results.json"


@dataclass(frozen=True, slots=True)
class Otter:
    """``otter run`` for each submission."""

    name: str = "otter"
    title: str = "otter (otter run)"

    def prepare(self, case: Case) -> Plan:
        """The submissions, and the archive of tests and data."""
        environment = process_environment("otter-grader")
        archive = self._archive(case, environment)
        lay_out(case, case.folder / "class")
        program = executable("otter-grader", "otter")
        commands = []
        for one in case.submissions:
            results = case.folder / "results" / one.key
            results.mkdir(parents=True)
            entry = case.folder / "class" / one.key / ENTRY
            argv = (program, "run", "-a", str(archive), "-o", str(results), str(entry))
            commands.append(Command(argv, results))
        return Plan(tuple(commands), case.workers, environment)

    def read(self, case: Case) -> dict[str, Graded]:
        """Points from each ``results.json``; otter keeps no executed notebook, so no cell times."""
        submissions = {one.key: one for one in case.submissions}
        found = {}
        for path in sorted(case.folder.glob(f"results/*/{RESULTS}")):
            key = path.parent.name
            score = score_of_results(json.loads(path.read_text(encoding="utf-8")))
            expected = expected_points(submissions[key])
            found[key] = Graded(
                is_right=score == (expected, MAXIMUM),
                said=f"{score[0]:g} of {score[1]:g} points, {expected} expected",
                finished_at=path.stat().st_mtime,
            )
        return found

    def _archive(self, case: Case, environment: dict[str, str]) -> Path:
        """What ``otter generate`` makes of tests and data; made once."""
        folder = case.shared / f"otter-{case.framework}"
        archive = folder / ARCHIVE
        if archive.is_file():
            return archive
        (folder / "tests").mkdir(parents=True, exist_ok=True)
        for question in (SHAPE_QUESTION, ACCURACY_QUESTION):
            text = otter_test_file(question, case.framework)
            (folder / "tests" / f"{question}.py").write_text(text, encoding="utf-8")
        for name, content in case.data.items():
            (folder / name).write_bytes(content)
        argv = [executable("otter-grader", "otter"), "generate", "-t", "tests", *sorted(case.data)]
        called(argv, folder, environment)
        return archive


def score_of_results(results: dict[str, Any]) -> tuple[float, float]:
    """Points and maximum of one submission, from otter's file in Gradescope's format."""
    tests = [one for one in results["tests"] if one.get("max_score")]
    return (
        float(sum(one.get("score", 0.0) for one in tests)),
        float(sum(one["max_score"] for one in tests)),
    )
