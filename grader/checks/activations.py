"""Names of activations in either framework, and the one that the loss finally receives."""

from __future__ import annotations

from typing import Final

from grader.checks.base import weakest
from grader.evidence import Evidence, Fact, absent, known, unknown

LINEAR: Final = "linear"
FOR_EACH_OUTPUT: Final = frozenset({"sigmoid", "logsigmoid"})
"""Turn each output into a probability, or its logarithm, of its own."""
ACROSS_OUTPUTS: Final = frozenset({"softmax", "logsoftmax"})
"""Share one probability among the outputs."""
RECOGNISED: Final = FOR_EACH_OUTPUT | ACROSS_OUTPUTS | {LINEAR}
NO_SCORES: Final = frozenset(
    {
        *("relu", "relu6", "leakyrelu", "prelu", "elu", "selu", "celu", "gelu", "silu", "swish"),
        *("mish", "hardswish", "hardtanh", "tanh", "softplus", "softsign", "exponential", "exp"),
        *("argmax", "round", "sign", "step", "threshold"),
    }
)
"""Leave neither logits nor probabilities behind."""

_SPELLINGS_OF_NOTHING: Final = frozenset({"", "none", "identity", "linear"})
_TWO_THAT_MAKE_ONE: Final = {
    ("softmax", "log"): "log-softmax",
    ("softmax", "logarithm"): "log-softmax",
    ("sigmoid", "log"): "log-sigmoid",
    ("logsoftmax", "exp"): "softmax",
    ("logsoftmax", "logsoftmax"): "log-softmax",
    ("logsigmoid", "exp"): "sigmoid",
}


def canonical(name: str) -> str:
    """Spell a name so that both frameworks agree: ``LeakyReLU`` and ``leaky_relu`` are one.

    Args:
        name: Of an activation or an optimizer.
    """
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return LINEAR if letters in _SPELLINGS_OF_NOTHING else letters


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
