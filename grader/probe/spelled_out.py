"""Names what several steps make together, and leaves out the steps that nothing needs."""

from __future__ import annotations

from grader.evidence import Operation
from grader.probe.kinds import POOLS

LEARNED_SCALE = "learned-scale"


def on_ways(steps: list[Operation], after: list[tuple[int, ...]]) -> list[Operation]:
    """The steps that the last one needs, each with its ``after``.

    Args:
        steps: In the order of the calls.
        after: Positions of the steps that each uses; -1 is the model's input.
    """
    steps, after = list(steps), list(after)
    _name_together(steps, after)
    needed, uses = {len(steps) - 1}, {}
    for place in range(len(steps) - 1, -1, -1):
        if place in needed:
            uses[place] = after[place]
            needed.update(one for one in after[place] if one >= 0)
    order = sorted(needed)
    new = {old: number for number, old in enumerate(order)} | {-1: -1}
    return [
        steps[old].model_copy(
            update={"after": _after(tuple(new[one] for one in uses[old]), new[old])}
        )
        for old in order
    ]


def _after(used: tuple[int, ...], place: int) -> tuple[int, ...] | None:
    """``None`` where a step simply follows the one before."""
    return None if used == (place - 1,) else used


def _name_together(steps: list[Operation], after: list[tuple[int, ...]]) -> None:
    users: dict[int, list[int]] = {}
    for place, used in enumerate(after):
        for one in used:
            users.setdefault(one, []).append(place)
    served: set[int] = set()
    for place, step in enumerate(steps):
        below = after[place]
        if step.kind == LEARNED_SCALE:
            is_summed = any(steps[user].kind == "sum" for user in users.get(place, ()))
            steps[place] = Operation(kind="weighted-sum" if is_summed else "scale")
        elif step.kind == "bias":
            steps[place] = Operation(kind="shift")
        elif step.kind in POOLS and _serves_a_formula(place, below, users, after):
            served.add(place)
            steps[place] = Operation(kind="sum" if step.kind == "average-pool" else "comparison")
        elif step.kind == "add" and served & set(below):
            steps[place] = Operation(kind="shift")
        elif (step.kind == "multiply" and _is_silu(steps, after, place)) or (
            step.kind == "division" and _is_softsign(steps, after, place)
        ):
            name = "silu" if step.kind == "multiply" else "softsign"
            steps[place] = Operation(kind="activation", activation=name)
            after[place] = below[:1]


def _serves_a_formula(
    place: int, below: tuple[int, ...], users: dict[int, list[int]], after: list[tuple[int, ...]]
) -> bool:
    """Whether a maximum or mean is put together with the very values that it was taken of."""
    uses = users.get(place, ())
    return bool(uses) and all(set(below) & set(after[user]) for user in uses)


def _is_silu(steps: list[Operation], after: list[tuple[int, ...]], place: int) -> bool:
    below = after[place]
    return (
        len(below) == 2 and steps[below[1]].activation == "sigmoid" and after[below[1]] == below[:1]
    )


def _is_softsign(steps: list[Operation], after: list[tuple[int, ...]], place: int) -> bool:
    below = after[place]
    if len(below) != 2 or below[0] < 0 or steps[below[1]].kind != "shift":
        return False
    inner = after[below[1]]
    return len(inner) == 1 and steps[inner[0]].kind == "absolute" and after[inner[0]] == below[:1]
