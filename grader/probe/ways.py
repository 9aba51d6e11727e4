"""The ways that results take through a computation: what is applied to a layer's result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.evidence import HiddenLayer, Operation
from grader.probe.kinds import AFFINE, NORMS, POOLS, SHAPES

_PLAIN = SHAPES | NORMS | POOLS
_RECTIFIERS = {"relu", "leaky_relu", "prelu"}
_MOST_WAYS = 20_000


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a layer's result onwards.

    Attributes:
        applied: Activations on it, in order; ``None`` if something unknown is applied.
        axis: Axis of the last softmax among them.
        place: Position of the step that it has reached.
        is_merged: Whether another branch was added to it before any activation.
        is_gated: Whether it was multiplied by another branch before any activation.
        ends: ``layer``, ``merge`` (after an activation) or ``output``; empty on the way.
    """

    applied: tuple[str, ...] | None = ()
    axis: int | None = None
    place: int = -1
    is_merged: bool = False
    is_gated: bool = False
    ends: str = ""


class Flow:
    """Which step uses what, in both directions."""

    def __init__(
        self,
        steps: Sequence[Operation],
        weighted: frozenset[int],
        uses: Sequence[tuple[int, ...]] | None = None,
    ) -> None:
        self.steps = steps
        self.weighted = weighted
        self.uses = [used(steps, place) for place in range(len(steps))] if uses is None else uses
        self.users: dict[int, list[int]] = {}
        for place, below in enumerate(self.uses):
            for one in dict.fromkeys(below):
                self.users.setdefault(one, []).append(place)

    def leads_to_layer(self, place: int) -> bool:
        """Whether another layer with weights is computed from this step's result."""
        waiting, seen = list(self.users.get(place, ())), set()
        while waiting:
            one = waiting.pop()
            if one in self.weighted:
                return True
            if one not in seen:
                seen.add(one)
                waiting.extend(self.users.get(one, ()))
        return False


def used(steps: Sequence[Operation], place: int) -> tuple[int, ...]:
    """Positions of the steps whose results a step uses; -1 is the model's input."""
    after = steps[place].after
    return (place - 1,) if after is None else after


def hidden_of(
    flow: Flow, simplified: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[HiddenLayer, ...] | None:
    """Units and activation of every layer but the last; ``None`` if one of them is not known."""
    layers = []
    for place in sorted(flow.weighted)[:-1]:
        step = flow.steps[place]
        applied = _applied_to(flow, place)
        name = None if applied is None else simplified(applied)
        if step.units is None or name is None or len(name) > 1:
            return None
        own = (step.activation or "linear") if step.kind == "recurrent" else "linear"
        layers.append(HiddenLayer(units=step.units, activation=name[0] if name else own))
    return tuple(layers)


def _applied_to(flow: Flow, place: int) -> tuple[str, ...] | None:
    """What is applied to a layer's result before the next layer: direct ways go first."""
    ways = _ways(flow, place, stops_at_merges=True)
    if ways is None:
        return None
    to_layers = [way for way in ways if way.ends != "output"]
    if not to_layers:  # one of several outputs
        return () if all(way.applied == () for way in ways) else None
    direct = [way for way in to_layers if not way.is_merged] or to_layers
    answers = {way.applied for way in direct}
    return answers.pop() if len(answers) == 1 else None


def ending_of(flow: Flow) -> Way | None:
    """What is applied after the last layer; several outputs must agree."""
    heads = [place for place in sorted(flow.weighted) if not flow.leads_to_layer(place)]
    found: set[tuple[tuple[str, ...], int | None]] = set()
    for head in heads:
        ways = _ways(flow, head, stops_at_merges=False)
        if ways is None or not ways:
            return None
        for way in ways:
            if way.applied is None:
                return None
            found.add((way.applied, way.axis))
    if len(found) != 1:
        return None
    applied, axis = found.pop()
    return Way(applied, axis)


def _ways(flow: Flow, start: int, *, stops_at_merges: bool) -> list[Way] | None:
    """Every way from a layer to the next layers, or to the output; ``None`` if there are too many.

    Args:
        flow: The computation.
        start: Position of the layer.
        stops_at_merges: Whether a way ends where other branches join after an activation; what
            the sum is put through later is then no longer said of this layer.
    """
    waiting = [Way(place=start)]
    seen = set(waiting)
    ended: list[Way] = []
    while waiting:
        way = waiting.pop()
        if len(seen) > _MOST_WAYS:
            return None
        for onward in _onward(flow, way, stops_at_merges=stops_at_merges):
            if onward in seen:
                continue
            seen.add(onward)
            (ended if onward.ends else waiting).append(onward)
    return ended


def _onward(flow: Flow, way: Way, *, stops_at_merges: bool) -> Iterator[Way]:
    users = flow.users.get(way.place, ())
    if not users:
        yield _replaced(way, ends="output")
    for user in users:
        step = flow.steps[user]
        if user in flow.weighted:
            yield _replaced(way, place=user, ends="layer")
        elif len(set(flow.uses[user])) > 1 and step.kind not in AFFINE:
            yield _merged(way, step, user, stops_at_merges=stops_at_merges)
        else:
            yield _applied(way, step, user, is_hidden=stops_at_merges)


def _merged(way: Way, step: Operation, place: int, *, stops_at_merges: bool) -> Way:
    if way.applied is None:
        return _replaced(way, place=place)
    if stops_at_merges and (way.applied or step.kind == "matrix-product"):
        return _replaced(way, place=place, ends="merge")
    is_joined = step.kind == "concatenate" and "softmax" not in "".join(way.applied)
    if (step.kind == "add" and not way.applied) or is_joined:
        return _replaced(way, place=place, is_merged=True)
    if step.kind == "multiply" and stops_at_merges:
        return _replaced(way, place=place, is_merged=True, is_gated=True)
    return _replaced(way, place=place, applied=None)


def _applied(way: Way, step: Operation, place: int, *, is_hidden: bool) -> Way:
    applied = way.applied
    if applied is None:
        return _replaced(way, place=place)
    if step.kind == "activation" and step.activation is not None:
        axis = step.axis if "softmax" in step.activation else way.axis
        further = None if way.is_gated else (*applied, step.activation)
        return _replaced(way, place=place, applied=further, axis=axis)
    if step.kind in SHAPES or (is_hidden and step.kind in _PLAIN):
        return _replaced(way, place=place)
    if step.kind in POOLS and "softmax" not in "".join(applied):
        return _replaced(way, place=place)
    if not applied and step.kind in _PLAIN | AFFINE | {"add", "concatenate"}:
        return _replaced(way, place=place)
    if is_hidden and step.kind in AFFINE and set(applied) <= _RECTIFIERS:
        return _replaced(way, place=place)
    return _replaced(way, place=place, applied=None)


def _replaced(
    way: Way,
    *,
    place: int | None = None,
    applied: tuple[str, ...] | str | None = "",
    axis: int | None = None,
    is_merged: bool = False,
    is_gated: bool = False,
    ends: str = "",
) -> Way:
    return Way(
        applied=way.applied if isinstance(applied, str) else applied,
        axis=way.axis if axis is None else axis,
        place=way.place if place is None else place,
        is_merged=way.is_merged or is_merged,
        is_gated=way.is_gated or is_gated,
        ends=ends,
    )
