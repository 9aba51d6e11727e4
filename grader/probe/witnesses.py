"""What several independent techniques say together about one computation.

A fact is known only where at least two techniques speak and nobody disagrees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from grader.evidence import HiddenLayer, Operation
from grader.probe.structure import Structure, ingredients, simplified, weighted_layers

T = TypeVar("T")
_SAME_NUMBERS = {"celu": "elu", "prelu": "leaky_relu", "rrelu": "leaky_relu"}


def agreed(witnesses: Mapping[str, Structure]) -> Structure:
    """What the techniques say together.

    Args:
        witnesses: By the technique's name; those whose operations are the fullest come first.
    """
    hidden, hidden_how, hidden_problem = _agreed(witnesses, lambda one: one.hidden)
    ending, ending_how, ending_problem = _agreed(
        witnesses, lambda one: None if one.ending is None else simplified(one.ending)
    )
    axes = {w.softmax_axis for w in witnesses.values() if w.softmax_axis is not None}
    if len(axes) > 1:
        ending, ending_problem = None, "the techniques disagree about the axis of the softmax"
    linear = {w.is_linear_chain for w in witnesses.values() if w.is_linear_chain is not None}
    operations = _operations(witnesses)
    listing = {name: one for name, one in witnesses.items() if one.operations is not None}
    return Structure(
        operations=operations,
        operations_how=_listed(listing) if operations is not None else "",
        hidden=hidden,
        ending=ending,
        softmax_axis=axes.pop() if len(axes) == 1 else None,
        is_linear_chain=linear.pop() if len(linear) == 1 else None,
        ignores_input=any(one.ignores_input for one in witnesses.values()),
        problem=ending_problem or hidden_problem,
        hidden_how=hidden_how or hidden_problem,
        ending_how=ending_how or ending_problem,
    )


def _agreed(
    witnesses: Mapping[str, Structure], asked: Callable[[Structure], T | None]
) -> tuple[T | None, str, str]:
    """The value, the techniques that found it, and why there is none."""
    said = {name: value for name, one in witnesses.items() if (value := asked(one)) is not None}
    if not said:
        problems = [one.problem for one in witnesses.values() if one.problem]
        return None, "", problems[0] if problems else "no technique could tell"
    values = list(said.values())
    if any(not _alike(value, values[0]) for value in values):
        return None, "", f"{_listed(said)} disagree"
    if len(said) == 1:
        silent = [one.problem for name, one in witnesses.items() if name not in said]
        reason = next((f" ({problem})" for problem in silent if problem), "")
        return None, "", f"only the {_listed(said)} could tell{reason}"
    return values[0], _listed(said), ""


def _alike(one: object, other: object) -> bool:
    """Whether two answers are the same, but for names that numbers cannot tell apart."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, HiddenLayer) and isinstance(other, HiddenLayer):
        return one.units == other.units and _alike(one.activation, other.activation)
    return _SAME_NUMBERS.get(str(one), one) == _SAME_NUMBERS.get(str(other), other)


def _operations(witnesses: Mapping[str, Structure]) -> tuple[Operation, ...] | None:
    """The first list of operations, unless another one names other layers or ingredients."""
    lists = [one.operations for one in witnesses.values() if one.operations is not None]
    if len({_outline(operations) for operations in lists}) != 1:
        return None
    return lists[0]


def _outline(operations: tuple[Operation, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """What two lists must share; dropout does nothing in evaluation and not all can see it."""
    return weighted_layers(operations), frozenset(ingredients(operations)) - {"dropout"}


def _listed(names: Mapping[str, object]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
