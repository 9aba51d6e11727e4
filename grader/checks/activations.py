"""Names of activations in either framework, and the one that the loss finally receives."""

from __future__ import annotations

from typing import Final

from grader.designs import (
    ACROSS_OUTPUTS,
    FOR_EACH_OUTPUT,
    LINEAR,
    NO_SCORES,
    RECOGNISED,
    canonical,
)
from grader.evidence import Evidence, Fact, absent, known, unknown, weakest

__all__ = [
    "ACROSS_OUTPUTS",
    "FOR_EACH_OUTPUT",
    "LINEAR",
    "NO_SCORES",
    "RECOGNISED",
    "canonical",
    "final_activation",
    "is_linear",
]

_TWO_THAT_MAKE_ONE: Final = {
    ("softmax", "log"): "log-softmax",
    ("softmax", "logarithm"): "log-softmax",
    ("sigmoid", "log"): "log-sigmoid",
    ("logsoftmax", "exp"): "softmax",
    ("logsoftmax", "logsoftmax"): "log-softmax",
    ("logsigmoid", "exp"): "sigmoid",
}


def is_linear(name: str) -> bool:
    """Whether an activation changes nothing."""
    return canonical(name) == LINEAR


def final_activation(evidence: Evidence) -> Fact[str]:
    """Say what stands between the last layer and the loss, inside the model or outside it.

    Args:
        evidence: Uses ``model.output_activation`` and ``loss.outside_activation``.

    Returns:
        The name; ``linear`` if nothing. Two in a row that amount to one (softmax, then the
        logarithm) carry that one's name, any other two read ``sigmoid and sigmoid``. Where the
        training code could not be read, an activation inside the model speaks for itself.
    """
    inside, outside = evidence.model.output_activation, evidence.loss.outside_activation
    if not inside.is_known:
        return inside
    if not outside.is_known:
        if not is_linear(inside.known_value):
            return inside
        state = absent if outside.is_absent else unknown
        return state(outside.reason, provenance=outside.provenance)

    first, second = inside.known_value, outside.known_value
    provenance = weakest(inside, outside)
    if is_linear(second):
        return known(first if not is_linear(first) else LINEAR, provenance=provenance)
    if is_linear(first):
        return known(second, provenance=provenance)
    pair = _TWO_THAT_MAKE_ONE.get((canonical(first), canonical(second)))
    return known(pair or f"{first} and {second}", provenance=provenance)
