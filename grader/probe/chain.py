"""Turns a computation graph into a chain: steps that every way from input to output passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain.

    Attributes:
        node: The step that every way passes.
        branch: Steps between the link before and this one that not every way passes; empty where
            this step directly follows the one before.
        is_split: Whether this step uses the one before in more than one way.
    """

    node: int
    branch: tuple[int, ...] = ()
    is_split: bool = False


def chain_of(uses: Mapping[int, tuple[int, ...]], *, source: int, sink: int) -> list[Link]:
    """Find the links between ``source`` (left out) and ``sink`` (included).

    Args:
        uses: For each step, the steps whose results it uses, doubled where used twice.
        source: The input.
        sink: The step whose result is the output.

    Returns:
        Links in order of computation; empty if the output does not depend on the input.
    """
    order = on_the_way(uses, source, sink)
    if source not in order or sink not in order:
        return []
    position = {node: number for number, node in enumerate(order)}
    inner = {node: [u for u in uses.get(node, ()) if u in position] for node in order}
    ways_in = dict.fromkeys(order, 0)
    ways_in[source] = 1
    for node in order:
        if node != source:
            ways_in[node] = sum(ways_in[used] for used in inner[node])
    ways_out = dict.fromkeys(order, 0)
    ways_out[sink] = 1
    for node in reversed(order):
        for used in inner[node]:
            ways_out[used] += ways_out[node]
    total = ways_in[sink]
    passed = [node for node in order if ways_in[node] * ways_out[node] == total]
    links = []
    for before, node in pairwise(passed):
        branch = tuple(order[position[before] + 1 : position[node]])
        links.append(Link(node, branch, is_split=len(inner[node]) > 1 or bool(branch)))
    return links


def on_the_way(uses: Mapping[int, tuple[int, ...]], source: int, sink: int) -> list[int]:
    """Steps on some way from ``source`` to ``sink``, each after all that it uses."""
    leads: dict[int, bool] = {source: True}
    order = [source]
    stack: list[tuple[int, bool]] = [(sink, False)]
    while stack:
        node, is_done = stack.pop()
        if node in leads:
            continue
        if is_done:
            leads[node] = any(leads.get(used, False) for used in uses.get(node, ()))
            if leads[node]:
                order.append(node)
        else:
            stack.append((node, True))
            stack.extend((used, False) for used in uses.get(node, ()) if used not in leads)
    return order
