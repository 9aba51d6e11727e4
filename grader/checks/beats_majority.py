"""Is the model better than always naming the most frequent class?"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from grader.checks.base import Check, Finding, Outcome, Params, without_value
from grader.checks.threshold import INSTRUCTOR_PLACES, STUDENT_PLACES, exact, shown
from grader.evidence import Evidence


class BeatsMajorityParams(Params):
    """By how much.

    Attributes:
        margin: Accuracy above the share of the most frequent class, inclusive; with 0 the
            accuracy has to be higher, not equal.
    """

    margin: Annotated[Decimal, Field(ge=0, lt=1, allow_inf_nan=False)] = Decimal(0)


def beats_majority(evidence: Evidence, params: BeatsMajorityParams) -> Finding:
    """Compare the accuracy on hidden data with that of the best constant answer.

    What it checks:
        Accuracy is at least ``margin`` above the share of the most frequent class.

    Why it matters:
        Where 90 % of the rows belong to one class, an accuracy of 0.90 shows nothing learnt.

    Passes:
        0.62 where the classes are equally frequent and ``margin = 0.05``.

    Fails:
        0.51 there; a model that gives every row the same class, whatever the classes.

    Does not detect:
        Whether it is good: the checks with a minimum do.

    Args:
        evidence: Uses ``hidden``, measured outside the sandbox.
        params: The margin.

    Returns:
        Undetermined if nothing could be measured.
    """
    expected = "an accuracy on hidden data above the share of the most frequent class"
    if params.margin:
        expected += f", by at least {params.margin} (inclusive)"
    advice = "Look at the loss curve: if it stayed flat, the model has not learnt anything yet."
    fact = evidence.hidden
    if not fact.is_known:
        return without_value(fact, "the accuracy on hidden data", expected=expected, advice=advice)

    measurement = fact.known_value
    accuracy, majority = exact(measurement.accuracy), exact(measurement.majority_share)
    bound = majority + params.margin
    better = accuracy >= bound if params.margin else accuracy > majority
    constant = "; every row gets the same class" if measurement.predicted_classes == 1 else ""

    def told(places: int) -> str:
        own, best = shown(accuracy, (), places), shown(majority, (), places)
        text = f"accuracy {own}, the most frequent class alone {best}"
        seems_better = Decimal(own) >= Decimal(best) + params.margin
        if not params.margin:
            seems_better = Decimal(own) > Decimal(best)
        if seems_better is not better:
            text += f" (rounded; unrounded {'just enough' if better else 'just not enough'})"
        return text + constant

    return Finding(
        outcome=Outcome.PASSED if better else Outcome.FAILED,
        seen=told(INSTRUCTOR_PLACES),
        expected=expected,
        advice="" if better else advice,
        seen_by_student=told(STUDENT_PLACES),
        provenance=fact.provenance,
    )


CHECK = Check(
    id="beats-majority",
    title="The model is better than naming one class always",
    params=BeatsMajorityParams,
    run=beats_majority,
    requires=("was-trained",),
)
