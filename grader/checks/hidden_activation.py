"""Is there something non-linear behind every hidden layer?"""

from __future__ import annotations

from grader.checks.activations import canonical, is_linear
from grader.checks.base import Check, Finding, Outcome, Params, undetermined, weakest, without_value
from grader.evidence import Evidence


class HiddenActivationParams(Params):
    """Which activations count.

    Attributes:
        allowed: Names in either framework's spelling: ``relu``, ``LeakyReLU``; empty for any
            activation that is not linear.
    """

    allowed: tuple[str, ...] = ()


def hidden_activation(evidence: Evidence, params: HiddenActivationParams) -> Finding:
    """Look for a non-linear activation behind every hidden layer.

    What it checks:
        Each layer with weights before the last one is followed by an activation of the allowed
        kind, and the model as a whole is not an affine function of its input.

    Why it matters:
        Layers with nothing between them collapse into a single one, however many there are.

    Passes:
        ``Linear(2, 16), ReLU(), Linear(16, 1)``; ``F.relu`` or one shared ``self.relu`` in
        ``forward``.

    Fails:
        ``Linear(2, 16), Linear(16, 1), Sigmoid()``; a ``ReLU`` that ``forward`` never calls.

    Does not detect:
        Activations that are always saturated or always 0.

    Args:
        evidence: Uses ``model.hidden_layers``, ``model.is_affine``, ``model.output_activation``.
        params: The activations that count.

    Returns:
        Undetermined if the layers and the behaviour of the model contradict each other, or if
        neither decides.
    """
    kinds = " or ".join(params.allowed) if params.allowed else "a non-linear activation"
    expected = f"{kinds} behind every hidden layer"
    advice = f"Put {kinds} behind every hidden layer."
    layers, affine = evidence.model.hidden_layers, evidence.model.is_affine
    if not layers.is_known:
        if affine.is_known and affine.known_value:
            seen = "the whole model is one affine function: nothing in it is non-linear"
            return Finding(Outcome.FAILED, seen, expected, advice, provenance=affine.provenance)
        what = "what follows the hidden layers"
        return without_value(layers, what, expected=expected, advice=advice)
    if not layers.known_value:
        seen = "the model has no hidden layer"
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=layers.provenance)

    names = tuple(layer.activation for layer in layers.known_value)
    linear = [is_linear(name) for name in names]
    ending = evidence.model.output_activation
    bends_at_the_end = ending.is_known and not is_linear(ending.known_value)
    if affine.is_known and affine.known_value and not any(linear):
        reason = (
            f"the layers show {', '.join(names)}, but the model behaves like an affine function"
        )
        return undetermined("whether the model is non-linear", reason=reason, expected=expected)
    if affine.is_known and not affine.known_value and all(linear) and not bends_at_the_end:
        reason = "the layers show no activation, but the model does not behave like one layer"
        return undetermined("what follows the hidden layers", reason=reason, expected=expected)

    behind = ", ".join("nothing" if is_linear(name) else name for name in names)
    seen = f"behind the hidden layer{'s, in order' if len(names) > 1 else ''}: {behind}"
    wanted = {canonical(name) for name in params.allowed}
    right = not any(linear) and (not wanted or all(canonical(name) in wanted for name in names))
    provenance = weakest(layers, affine) if affine.is_known else layers.provenance
    if right:
        return Finding(Outcome.PASSED, seen, expected, provenance=provenance)
    return Finding(Outcome.FAILED, seen, expected, advice, provenance=provenance)


CHECK = Check(
    id="hidden-activation",
    title="The hidden layers have a non-linear activation",
    params=HiddenActivationParams,
    run=hidden_activation,
    requires=("was-trained",),
)
