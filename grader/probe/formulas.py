"""Recognises activations that were written as formulas by what they do to numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.evidence import Operation
from grader.probe.chain import Link, chain_of
from grader.probe.kinds import NORMS, POOLS, SHAPES, WEIGHTED
from grader.probe.numeric import activation_between
from grader.probe.tallies import Array

_LONGEST_RUN = 24
_MOST_TESTS = 400
_PLAIN = SHAPES | NORMS | POOLS | WEIGHTED


def with_formulas(
    steps: list[Operation],
    after: list[tuple[int, ...]],
    value: Callable[[int], Array | None],
) -> tuple[list[Operation], list[tuple[int, ...]]]:
    """Replace parts that every way passes, and that are one known activation, by that activation.

    Args:
        steps: In the order of the calls; the last one makes the output.
        after: Positions of the steps that each uses.
        value: What a step returned when it ran on sample rows.
    """
    steps, after = list(steps), list(after)
    uses = {place: tuple(used) for place, used in enumerate(after)}
    tests = 0
    for run in _runs(steps, chain_of(uses, source=-1, sink=len(steps) - 1)):
        start = 0
        while start < len(run) - 1:
            for end in range(len(run) - 1, start, -1):
                region = run[start + 1 : end + 1]
                if tests >= _MOST_TESTS or not _may_be_formula(steps, region):
                    continue
                tests += 1
                before, behind = value(run[start].node), value(run[end].node)
                found = None
                if before is not None and behind is not None:
                    found = activation_between(before, behind)
                if found is not None and found[0] != "linear":
                    place = run[end].node
                    steps[place] = Operation(kind="activation", activation=found[0], axis=found[1])
                    after[place] = (run[start].node,)
                    start = end - 1
                    break
            start += 1
    return steps, after


def _runs(steps: list[Operation], links: list[Link]) -> Iterator[list[Link]]:
    """Runs of links that begin at a layer with weights and hold no other one."""
    run: list[Link] = []
    for link in links:
        holds_layer = any(steps[one].kind in WEIGHTED for one in (*link.branch, link.node))
        if holds_layer:
            if len(run) > 1:
                yield run[:_LONGEST_RUN]
            run = [Link(link.node)]
        elif run:
            run.append(link)
    if len(run) > 1:
        yield run[-_LONGEST_RUN:]


def _may_be_formula(steps: list[Operation], region: list[Link]) -> bool:
    """Whether a region is more than a single activation between changes of shape."""
    if any(steps[link.node].kind in _PLAIN and not link.branch for link in (region[0], region[-1])):
        return False
    kinds = [steps[one].kind for link in region for one in (*link.branch, link.node)]
    active = [kind for kind in kinds if kind not in _PLAIN]
    return bool(active) and active != ["activation"] and set(active) != {"shift"}
