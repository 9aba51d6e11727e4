"""Was the model trained at all?"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from grader.checks.base import Check, Finding, Outcome, Params, undetermined, weakest, without_value
from grader.checks.wording import counted
from grader.evidence import Evidence, TrainingStory

IDLE_STEPS: Final = (
    "Look for a learning rate of 0, an optimizer that holds other parameters, or a ReLU on the"
    " output, which passes no gradient on once its outputs are 0."
)
LOSS_FELL: Final = 0.8
"""A loss that ends below this share of its beginning fell by more than the noise of batches."""


class WasTrainedParams(Params):
    """What counts as trained.

    Attributes:
        minimum_steps: Training steps at least, inclusive.
    """

    minimum_steps: Annotated[int, Field(ge=1)] = 1


def was_trained(evidence: Evidence, params: WasTrainedParams) -> Finding:
    """Look for parameters that training has changed.

    What it checks:
        A parameter of the model differs from its value before training, and there were at least
        ``minimum_steps`` steps.

    Why it matters:
        A template with gaps runs without an error, and so does a training loop without
        ``step()``; only the parameters show that nothing was learnt.

    Passes:
        ``model.fit(X, y, epochs=20)``; also gradient descent written by hand, without an
        optimizer.

    Fails:
        A loop without ``optimizer.step()``; an optimizer that holds another model's parameters.

    Does not detect:
        Whether training has helped: the checks on hidden data ask that.

    Args:
        evidence: Uses ``is_trained``, ``training`` and ``optimizer.holds_parameters``.
        params: The least number of steps.

    Returns:
        Undetermined if training could not be observed.
    """
    least = params.minimum_steps
    expected = "a model whose parameters were changed by training"
    if least > 1:
        expected += f", in at least {least} steps (inclusive)"
    trained, training = evidence.is_trained, evidence.training
    advice = "Run the training loop, or call fit, on the model that you hand in."
    if not trained.is_known:
        return without_value(
            trained, "whether the model was trained", expected=expected, advice=advice
        )

    steps = training.steps.value if training.steps.is_known else None
    if not trained.known_value:
        if _loss_fell(training):
            reason = "its loss fell, but none of its parameters was seen to change"
            return undetermined("whether it was trained", reason=reason, expected=expected)
        if steps:
            seen = f"no parameter of the model changed in {counted(steps, 'step')}"
            advice = IDLE_STEPS
        elif training.gradients.is_known and training.gradients.known_value:
            often = counted(training.gradients.known_value, "time")
            seen = f"gradients were computed {often}, but no parameter of the model changed"
            advice = "Call optimizer.step() after loss.backward(), with this model's parameters."
        else:
            seen = "no parameter of the model changed and no training step was made"
        holds = evidence.optimizer.holds_parameters
        if holds.is_known and holds.known_value is False:
            seen += "; the optimizer holds parameters of something else"
            advice = "Create the optimizer after the model, with this model's parameters."
        return Finding(Outcome.FAILED, seen, expected, advice, provenance=trained.provenance)

    # Gradient descent by hand makes no optimizer step; each gradient then stands for a step.
    count = training.steps
    if not steps and training.gradients.is_known:
        count = training.gradients
    if not count.is_known or not count.known_value:
        if least > 1:
            return undetermined(
                "how many training steps were made", reason=count.reason, expected=expected
            )
        seen = "the model's parameters were changed by training"
        return Finding(Outcome.PASSED, seen, expected, provenance=trained.provenance)
    made = count.known_value
    seen = f"the model's parameters were changed by training, in {counted(made, 'step')}"
    provenance = weakest(trained, count)
    if made >= least:
        return Finding(Outcome.PASSED, seen, expected, provenance=provenance)
    return Finding(Outcome.FAILED, seen, expected, "Train for longer.", provenance=provenance)


def _loss_fell(training: TrainingStory) -> bool:
    """Whether the loss ended clearly below its beginning, which contradicts "nothing changed"."""
    losses = [point.loss for point in training.curve if point.loss is not None]
    return len(losses) > 1 and losses[-1] < LOSS_FELL * losses[0]


CHECK = Check(
    id="was-trained",
    title="The model was trained",
    params=WasTrainedParams,
    run=was_trained,
)
