"""The steps of a PyTorch model, read from its autograd graph between output and input."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from grader.evidence import Operation
from grader.probe.autograd import (
    following,
    has_weights,
    is_leaf,
    operation_of,
    walked,
)
from grader.probe.layers_pytorch import LayerCall, Observed, operation_of_layer
from grader.probe.opaque import Opaque
from grader.probe.spelled_out import on_ways

NO_WAY = "the output does not depend on the input by known steps"
_EMBEDDINGS = {"EmbeddingBackward0", "EmbeddingBagBackward0"}


@dataclass(slots=True)
class _Draft:
    """Steps so far.

    Attributes:
        steps: Without their ``after``.
        after: Positions that each uses.
        place: Position of each node's, or folded call's, step; the step that a node is part of.
    """

    steps: list[Operation] = field(default_factory=list)
    after: list[tuple[int, ...]] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)

    def add(self, step: Operation, after: tuple[int, ...]) -> int:
        self.steps.append(step)
        self.after.append(after)
        return len(self.steps) - 1


def steps_of(seen: Observed, *, anywhere: bool = False) -> list[Operation]:
    """The steps between a model's input and its output, in the order of the calls.

    Args:
        seen: The run.
        anywhere: Whether the steps may begin at rows that are not the model's input.

    Raises:
        LookupError: The graph does not lead to the input.
    """
    nodes = [node for node in walked([seen.output.grad_fn]) if not is_leaf(node)]
    nodes.sort(key=lambda node: node._sequence_nr())  # a node's number is above those it uses
    start = seen.source.grad_fn
    folds = seen.folds()
    data = _data_nodes(nodes, start, anywhere=anywhere or seen.leaf is None)
    if id(nodes[-1]) not in data if nodes else True:
        raise LookupError(NO_WAY)
    fixed = _fixed_branches(nodes, data)
    draft = _Draft()
    folded: dict[int, int] = {}
    for node in nodes:
        if node is start or (id(node) not in data and id(node) not in fixed):
            continue
        below = list({id(n): n for n in following(node) if id(n) in data}.values())
        others = [n for n in following(node) if id(n) in fixed]
        used = {draft.place.get(id(n), -1) for n in (*below, *others)}
        call = _fold_of(node, folds)
        if call is not None and id(call) in folded:
            place = folded[id(call)]
            draft.after[place] = tuple(sorted({*draft.after[place], *(used - {place})}))
            draft.place[id(node)] = place
            continue
        if not below and id(node) in data:
            used = {-1}
        step = operation_of(node, below) if call is None else operation_of_layer(call)
        if step.kind == "bias" and _is_own_bias(draft, used):
            draft.place[id(node)] = used.pop()
            continue
        place = draft.add(step, tuple(sorted(used)))
        draft.place[id(node)] = place
        if call is not None:
            folded[id(call)] = place
    return on_ways(draft.steps, draft.after)


def _data_nodes(nodes: list[Opaque], start: Opaque, *, anywhere: bool) -> set[int]:
    """Nodes whose results depend on the model's input; ``nodes`` are in order."""
    data = set() if start is None else {id(start)}
    for node in nodes:
        below = following(node)
        if any(id(one) in data for one in below) or (anywhere and _starts_at_whole_numbers(node)):
            data.add(id(node))
    return data


def _starts_at_whole_numbers(node: Opaque) -> bool:
    """Whether the node looks rows up, or multiplies numbers made of class numbers, by weights."""
    if node.name() in _EMBEDDINGS:
        return node.name() == "EmbeddingBagBackward0" or not _looks_up_constants(node)
    return has_weights(node) and any(one is None for one, _ in node.next_functions[-2:])


def _looks_up_constants(node: Opaque) -> bool:
    """Whether an embedding looks up the same for every row: positions, not data."""
    places = node._saved_indices
    if places.dim() < 2:
        return bool(places.dim() == 0 or places.tolist() == list(range(len(places))))
    return bool(places.shape[0] == 1 or (places == places[:1]).all())


def _fixed_branches(nodes: list[Opaque], data: set[int]) -> set[int]:
    """Nodes of branches that begin at an embedding of positions."""
    fixed: set[int] = set()
    for node in nodes:
        if id(node) in data:
            continue
        if node.name() in _EMBEDDINGS or any(id(one) in fixed for one in following(node)):
            fixed.add(id(node))
    return fixed


def _fold_of(node: Opaque, folds: list[LayerCall]) -> LayerCall | None:
    number = node._sequence_nr()
    place = bisect_right(folds, number, key=lambda call: call.start) - 1
    return folds[place] if place >= 0 and number < folds[place].end else None


def _is_own_bias(draft: _Draft, used: set[int]) -> bool:
    """Whether what a bias is added to is a layer's result and nothing else."""
    place = next(iter(used)) if len(used) == 1 else -1
    while place >= 0 and draft.steps[place].kind in {"reshape", "identity", "transpose"}:
        after = draft.after[place]
        place = after[0] if len(after) == 1 else -1
    return place >= 0 and draft.steps[place].kind in {"dense", "conv1d", "conv2d", "conv3d"}
