"""What the grader is meant to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from throughput.figures import Figure, Group, wall_by_student_time

PRELOADED: Final = "preloaded"
STAND_IN: Final = "nbclient"
"""Whose times of cells stand for those of a tool that keeps none."""
RATIOS: Final = {
    ("pytorch", "nbgrader"): 6.0,
    ("pytorch", "otter"): 6.0,
    ("pytorch", "nbclient"): 4.0,
    ("keras", "nbgrader"): 4.0,
    ("keras", "otter"): 5.0,
    ("keras", "nbclient"): 3.0,
}
OVERHEAD_S: Final = {"pytorch": 0.7, "keras": 1.2}
LONG_CLASS: Final = 1.25
Groups = Mapping[tuple[str, str, int], Group]
"""By framework, training and number of workers."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target with what was measured.

    Attributes:
        text: What is wanted.
        figure: What was measured; ``None`` if nothing was.
        bound: What the median must reach, or not exceed.
        is_minimum: Whether more is better.
    """

    text: str
    figure: Figure | None
    bound: float
    is_minimum: bool

    @property
    def verdict(self) -> str:
        """``met``, ``missed`` or ``not measured``."""
        if self.figure is None:
            return "not measured"
        median = self.figure.median
        is_met = median >= self.bound if self.is_minimum else median <= self.bound
        return "met" if is_met else "**missed**"


def all_targets(groups: Groups) -> list[Target]:
    """Every target for every number of workers that was measured."""
    targets: list[Target] = []
    for (framework, training, workers), group in sorted(groups.items()):
        of = f"{framework}, {workers} at a time"
        if training == "short":
            targets += short_targets(of, framework, group)
        else:
            figure = group.figure(PRELOADED, wall_by_student_time)
            text = f"{of}, long training: wall clock at most {LONG_CLASS} x student time / cores"
            targets.append(Target(text, figure, LONG_CLASS, is_minimum=False))
    return targets


def short_targets(of: str, framework: str, group: Group) -> list[Target]:
    """Ratios to the peers, and overhead."""
    targets = [
        Target(
            f"{of}: {peer} takes at least {bound:g} times as long",
            group.ratio(peer, PRELOADED),
            bound,
            is_minimum=True,
        )
        for (wanted, peer), bound in RATIOS.items()
        if wanted == framework
    ]
    bound = OVERHEAD_S[framework]
    text = f"{of}: at most {bound:g} s beyond the cells' own time, steady state"
    figure = group.steady_overhead(PRELOADED, STAND_IN)
    return [*targets, Target(text, figure, bound, is_minimum=False)]
