"""A structure from numbers alone: what each layer was given, and what it returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.evidence import HiddenLayer
from grader.probe.kinds import WEIGHTED
from grader.probe.numeric import activations_between, reduced
from grader.probe.structure import Structure, simplified
from grader.probe.tallies import Array

NO_MATCH = "the numbers between the layers fit no known activation, or several"


@dataclass(frozen=True, slots=True)
class Passage:
    """One call of a layer on sample rows.

    Attributes:
        kind: Neutral kind: a layer with weights, a normalisation or a pooling.
        given: What it was given.
        result: What it returned.
        units: Width of its result, of a layer with weights.
        own: A recurrent layer's own activation.
    """

    kind: str
    given: Array
    result: Array
    units: int | None = None
    own: str = "linear"


def compared(passages: Sequence[Passage], inputs: Array, output: Array) -> Structure:
    """Tell by comparison which activations stand between layers that follow each other.

    Args:
        passages: In the order of the calls; layers with weights, normalisations and poolings.
        inputs: What the model was given.
        output: What it returned.

    Returns:
        Hidden layers only where each layer's input is made of the output of the one before.
    """
    weighted = [i for i, one in enumerate(passages) if one.kind in WEIGHTED]
    if not weighted:
        return Structure(problem="no layer of the framework's own was called")
    hidden = _hidden(passages[: weighted[-1] + 1], inputs)
    ended = _applied(list(passages[weighted[-1] :]), output)
    return Structure(
        hidden=hidden,
        ending=None if ended is None else tuple(name for name, _ in ended),
        softmax_axis=None
        if ended is None
        else next((axis for _, axis in reversed(ended) if axis is not None), None),
        problem=NO_MATCH if hidden is None or ended is None else "",
    )


def _hidden(passages: Sequence[Passage], inputs: Array) -> tuple[HiddenLayer, ...] | None:
    first = next(i for i, one in enumerate(passages) if one.kind in WEIGHTED)
    start = Passage("identity", inputs, inputs)
    if _applied([start, *passages[:first]], passages[first].given) != []:
        return None
    layers = []
    section = [passages[first]]
    for passage in passages[first + 1 :]:
        if passage.kind not in WEIGHTED:
            section.append(passage)
            continue
        applied = _applied(section, passage.given)
        layer = section[0]
        names = None if applied is None else simplified([name for name, _ in applied])
        if names is None or len(names) > 1 or layer.units is None:
            return None
        layers.append(HiddenLayer(units=layer.units, activation=names[0] if names else layer.own))
        section = [passage]
    return tuple(layers)


def _applied(section: list[Passage], target: Array) -> list[tuple[str, int | None]] | None:
    """Activations on the way from the first passage's result through the others to a target."""
    applied: list[tuple[str, int | None]] = []
    ends = [*(passage.given for passage in section[1:]), target]
    for passage, end in zip(section, ends, strict=True):
        found = _between(passage.result, end)
        if found is None:
            return None
        if found[0] != "linear":
            applied.append(found)
    return applied


def _between(before: Array, after: Array) -> tuple[str, int | None] | None:
    """The one activation that maps ``before``, perhaps pooled, onto ``after``."""
    fits: list[tuple[str, int | None]] = []
    for values in reduced(before, np.shape(after)):
        fits += activations_between(values, after)
    unlike = list(dict.fromkeys(fits))
    return unlike[0] if len(unlike) == 1 else None
