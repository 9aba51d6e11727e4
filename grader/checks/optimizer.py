"""Was the model trained with an optimizer of the kind asked for?"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from grader.checks.activations import canonical
from grader.checks.base import Check, Finding, Outcome, Params, weakest, without_value
from grader.evidence import Evidence

LearningRate = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]


class OptimizerParams(Params):
    """Which optimizers count.

    Attributes:
        allowed: Class names, in any spelling: ``Adam``, ``sgd``; empty for any optimizer.
        minimum_learning_rate: Inclusive; no limit if left out.
        maximum_learning_rate: Inclusive; no limit if left out.
    """

    allowed: tuple[str, ...] = ()
    minimum_learning_rate: LearningRate | None = None
    maximum_learning_rate: LearningRate | None = None

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> Self:
        least, most = self.minimum_learning_rate, self.maximum_learning_rate
        if least is not None and most is not None and most < least:
            message = f"maximum_learning_rate: must not be below the minimum ({least}), got {most}"
            raise ValueError(message)
        return self


def optimizer(evidence: Evidence, params: OptimizerParams) -> Finding:
    """Look at the optimizer that moved the model's parameters.

    What it checks:
        There was one, it held this model's parameters, it is one of those allowed, and its
        learning rate lies within the bounds, where the rubric sets any.

    Why it matters:
        An optimizer created for an earlier model trains that one, silently.

    Passes:
        ``torch.optim.Adam(model.parameters())``, ``model.compile("adam", ...)``; gradient descent
        written by hand, where the rubric names no optimizer.

    Fails:
        ``SGD`` where ``allowed = ["Adam"]``; an optimizer with another model's parameters.

    Does not detect:
        Whether the learning rate was a good one: the loss curve and the hidden data show that.

    Args:
        evidence: Uses ``optimizer`` and ``training.parameters_changed``.
        params: Names and bounds.

    Returns:
        Undetermined if the optimizer, or a learning rate that has to be judged, is unknown.
    """
    story = evidence.optimizer
    least, most = params.minimum_learning_rate, params.maximum_learning_rate
    bounded = least is not None or most is not None
    expected = " or ".join(params.allowed) if params.allowed else "an optimizer"
    if least is not None:
        expected += f", learning rate at least {least} (inclusive)"
    if most is not None:
        expected += f", learning rate at most {most} (inclusive)"
    advice = f"Train with {expected}, created with this model's parameters."
    changed = evidence.training.parameters_changed
    if story.name.is_absent and changed.value and not params.allowed and not bounded:
        seen = "no optimizer object; the parameters were changed by gradient descent by hand"
        return Finding(Outcome.PASSED, seen, expected, provenance=weakest(story.name, changed))
    if not story.name.is_known:
        return without_value(
            story.name, "which optimizer was used", expected=expected, advice=advice
        )

    seen = story.name.known_value
    failed = Outcome.FAILED
    if story.holds_parameters.is_known and not story.holds_parameters.known_value:
        seen += " holds the parameters of something else than this model"
        provenance = weakest(story.name, story.holds_parameters)
        return Finding(failed, seen, expected, advice, provenance=provenance)
    if params.allowed and canonical(seen) not in {canonical(name) for name in params.allowed}:
        return Finding(failed, seen, expected, advice, provenance=story.name.provenance)
    if not bounded:
        return Finding(Outcome.PASSED, seen, expected, provenance=story.name.provenance)

    if not story.learning_rate.is_known:
        what = "which learning rate the optimizer had"
        return without_value(story.learning_rate, what, expected=expected, advice=advice)
    # Keras keeps it in single precision, where 0.001 is 0.0010000000474974513.
    rate = Decimal(f"{story.learning_rate.known_value:.6g}")
    seen += f" with learning rate {rate}"
    provenance = weakest(story.name, story.learning_rate)
    if (least is not None and rate < least) or (most is not None and rate > most):
        return Finding(failed, seen, expected, advice, provenance=provenance)
    return Finding(Outcome.PASSED, seen, expected, provenance=provenance)


CHECK = Check(
    id="optimizer",
    title="The model was trained with a suitable optimizer",
    params=OptimizerParams,
    run=optimizer,
    requires=("was-trained",),
)
