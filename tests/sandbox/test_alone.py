"""What runs out of wall time is run again while nothing else runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from grader.evidence import Limits, RunOutcome, RunState
from grader.sandbox.alone import SecondChanceRunner
from grader.sandbox.interface import Job, RunResult

SLOW = RunOutcome(state=RunState.WALL_TIME_LIMIT, detail="Still running after 600 s.", cell=2)
WELL = RunOutcome(state=RunState.COMPLETED)


@dataclass(slots=True)
class ScriptedRunner:
    """Ends each run as a list says, and notes how many ran at the same time."""

    outcomes: dict[str, list[RunOutcome]]
    together: threading.Barrier | None = None
    seen: list[tuple[str, int]] = field(default_factory=list)
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job, *, cancelled: Callable[[], bool]) -> RunResult:
        """End as the list says."""
        with self.lock:
            self.running += 1
            is_first = not any(name == job.entry_name for name, _ in self.seen)
            outcome = self.outcomes[job.entry_name].pop(0)
        if is_first and self.together is not None:
            self.together.wait(timeout=30)
        with self.lock:
            self.seen.append((job.entry_name, self.running))
        if is_first and self.together is not None:
            self.together.wait(timeout=30)
        with self.lock:
            self.running -= 1
        return RunResult(outcome=outcome, isolation="none")


def job(name: str) -> Job:
    return Job(
        notebook="{}",
        entry_kind="notebook",
        entry_name=name,
        files={},
        briefs=(),
        public={},
        hidden_inputs={},
        limits=Limits(),
    )


def never() -> bool:
    return False


def test_what_is_fast_enough_alone_counts_as_what_it_was_then() -> None:
    inner = ScriptedRunner({"a": [SLOW, WELL]})

    result = SecondChanceRunner(inner).run(job("a"), cancelled=never)

    assert result.outcome == WELL
    assert len(inner.seen) == 2


def test_a_wall_clock_that_strikes_twice_counts_and_says_so() -> None:
    inner = ScriptedRunner({"a": [SLOW, SLOW]})

    outcome = SecondChanceRunner(inner).run(job("a"), cancelled=never).outcome

    assert (outcome.state, outcome.cell) == (RunState.WALL_TIME_LIMIT, 2)
    assert outcome.detail == ("Still running after 600 s. It was run twice, the second time alone.")


def test_other_limits_are_no_matter_of_who_else_runs() -> None:
    outcome = RunOutcome(state=RunState.CPU_LIMIT)
    inner = ScriptedRunner({"a": [outcome]})

    assert SecondChanceRunner(inner).run(job("a"), cancelled=never).outcome == outcome


def test_an_interrupted_class_runs_nothing_again() -> None:
    inner = ScriptedRunner({"a": [SLOW]})

    assert SecondChanceRunner(inner).run(job("a"), cancelled=lambda: True).outcome == SLOW


def test_nothing_else_runs_while_one_has_its_second_chance() -> None:
    inner = ScriptedRunner({name: [SLOW, WELL] for name in "abc"}, together=threading.Barrier(3))
    runner = SecondChanceRunner(inner)

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda name: runner.run(job(name), cancelled=never), "abc"))

    assert [result.outcome for result in results] == [WELL] * 3
    firsts, seconds = inner.seen[:3], inner.seen[3:]
    assert [count for _, count in firsts] == [3, 3, 3]
    assert [count for _, count in seconds] == [1, 1, 1]
