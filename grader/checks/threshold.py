"""Judges a number measured on hidden data against a minimum, with partial credit above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from grader.checks.base import Finding, Outcome, Params, without_value
from grader.evidence import AveragedScores, Evidence, HiddenProblem, Measurement, Task

Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False)]
STUDENT_PLACES: Final = 2
INSTRUCTOR_PLACES: Final = 4
_SETTLED_BY_PREDICT: Final = (HiddenProblem.NO_ROUTE, HiddenProblem.NOT_SEEN)


class ThresholdParams(Params):
    """From which value on a criterion earns points.

    Attributes:
        minimum: From here on, inclusive, it earns ``at_minimum``.
        full: From here on, inclusive, it earns everything, linear in between; without it,
            everything at ``minimum``.
        at_minimum: Share of the points earned at ``minimum``; belongs to ``full``.
    """

    minimum: Share
    full: Share | None = None
    at_minimum: Share | None = None

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        if self.full is None and self.at_minimum not in (None, Decimal(1)):
            message = "at_minimum: has no meaning without full: everything is earned at minimum"
            raise ValueError(message)
        if self.full is not None and self.full <= self.minimum:
            message = f"full: must be above minimum ({self.minimum}), got {self.full}"
            raise ValueError(message)
        if self.full is not None and self.at_minimum is None:
            message = "at_minimum: say which share of the points is earned at minimum, 0 to 1"
            raise ValueError(message)
        return self

    def share_of(self, value: Decimal) -> Decimal:
        """Share of the points for a value, 0 to 1, not rounded."""
        if value < self.minimum:
            return Decimal(0)
        if self.full is None or self.at_minimum is None or value >= self.full:
            return Decimal(1)
        way = (value - self.minimum) / (self.full - self.minimum)
        return self.at_minimum + (1 - self.at_minimum) * way


class AveragedParams(ThresholdParams):
    """A threshold for a metric that is averaged over classes.

    Attributes:
        average: ``binary`` (one class counts), ``macro``, ``micro`` or ``weighted``, as in
            scikit-learn.
        positive: Name of the class that counts, with ``binary`` only; label 1 if left out.
    """

    average: Literal["binary", "macro", "micro", "weighted"] = "macro"
    positive: str | None = None

    @model_validator(mode="after")
    def _positive_belongs_to_binary(self) -> Self:
        if self.positive is not None and self.average != "binary":
            message = f'positive: belongs to average = "binary", not to "{self.average}"'
            raise ValueError(message)
        return self


def judge_hidden(
    evidence: Evidence,
    params: ThresholdParams,
    *,
    metric: str,
    value_of: Callable[[Measurement], float],
) -> Finding:
    """Compare a hidden metric with its bounds: unrounded, whatever the texts show.

    Args:
        evidence: Uses ``hidden``.
        params: The bounds.
        metric: As a sentence names it: ``macro F1``.
        value_of: Reads the metric, in [0, 1].

    Returns:
        Passed, partial with its share, or failed; what an absent or unknown measurement deserves.
    """
    expected = f"{metric} on hidden data of at least {params.minimum} (inclusive)"
    if params.full is not None:
        expected += (
            f", which earns {float(params.at_minimum or 0) * 100:.4g} % of the points;"
            f" all of them from {params.full} (inclusive)"
        )
    fact = evidence.hidden
    if not fact.is_known:
        advice = "Mend what kept the model from answering for the hidden rows."
        finding = without_value(
            fact, f"the {metric} on hidden data", expected=expected, advice=advice
        )
        if fact.is_unknown and fact.reason in _SETTLED_BY_PREDICT:
            advice = f"{finding.advice} A function predict(inputs) that returns labels helps."
            finding = replace(finding, advice=advice)
        return finding

    value = exact(value_of(fact.known_value))
    bounds = [params.minimum] if params.full is None else [params.minimum, params.full]
    share = params.share_of(value)
    outcome = Outcome.PARTIAL
    if value < params.minimum:
        outcome = Outcome.FAILED
    elif value >= bounds[-1]:
        outcome = Outcome.PASSED
    advice = ""
    if fact.known_value.predicted_classes == 1 and outcome is not Outcome.PASSED:
        advice = "The model gives every row the same class: look whether the loss fell at all."
    elif outcome is not Outcome.PASSED:
        advice = "Look at the loss curve: train for longer, or try more units or another rate."
    return Finding(
        outcome=outcome,
        seen=f"{metric} on hidden data: {shown(value, bounds, INSTRUCTOR_PLACES)}",
        expected=expected,
        advice=advice,
        share=share if outcome is Outcome.PARTIAL else Decimal(0),
        seen_by_student=f"{metric} on hidden data: {shown(value, bounds, STUDENT_PLACES)}",
        provenance=fact.provenance,
    )


def judge_average(
    evidence: Evidence,
    params: AveragedParams,
    *,
    metric: str,
    value_of: Callable[[AveragedScores], float],
) -> Finding:
    """Do the same for a metric that is averaged over classes.

    Args:
        evidence: Uses ``hidden`` and ``brief``.
        params: The bounds and the average.
        metric: ``precision``, ``recall`` or ``F1``.
        value_of: Reads it.

    Raises:
        ValueError: The average does not exist for the task, or the positive class not at all.
    """
    brief = evidence.brief
    if params.positive is not None and params.positive not in brief.classes:
        message = f'positive: "{params.positive}" is none of the classes {", ".join(brief.classes)}'
        raise ValueError(message)
    if params.average == "binary" and params.positive is None and brief.task is not Task.BINARY:
        message = f'average: "binary" does not exist for a {brief.task} task without positive'
        raise ValueError(message)
    name = f"{params.average} {metric}"
    if params.average == "binary":
        name = f"{metric} of the class {params.positive or brief.classes[1]}"

    def of_average(measurement: Measurement) -> float:
        if params.positive is not None:
            return value_of(measurement.per_class[params.positive])
        return value_of(measurement.averages[params.average])

    return judge_hidden(evidence, params, metric=name, value_of=of_average)


def exact(value: float) -> Decimal:
    """Free a metric from floating-point noise, so that 1900 right of 2000 meet 0.95.

    Args:
        value: In [0, 1]; noise lies below 1e-12.
    """
    return Decimal(f"{value:.12f}")


def shown(value: Decimal, bounds: Sequence[Decimal], places: int) -> str:
    """Round a value for people, and say so where rounding moves it across a bound.

    Args:
        value: Not rounded.
        bounds: What it is compared with, each inclusive, lowest first.
        places: Decimal places.

    Returns:
        ``0.93``, or ``0.90 after rounding, just below the bound of 0.90``.
    """
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    for bound in bounds:
        if (rounded >= bound) != (value >= bound):
            side = "above" if value >= bound else "below"
            what = "the minimum" if bound == bounds[0] else f"the bound of {bound}"
            return f"{rounded} after rounding, just {side} {what}"
    return str(rounded)
