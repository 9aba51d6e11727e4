"""Which share of rows that the student has never seen does the model get right?"""

from __future__ import annotations

from grader.checks.base import Check, Finding
from grader.checks.threshold import ThresholdParams, judge_hidden
from grader.evidence import Evidence


def hidden_accuracy(evidence: Evidence, params: ThresholdParams) -> Finding:
    """Compare the accuracy on hidden data with the bounds of the rubric.

    What it checks:
        The share of hidden rows whose class is right; multilabel: with every label right.

    Why it matters:
        Only rows that training has not seen show what was learnt.

    Passes:
        1900 right rows of 2000 with ``minimum = 0.95``.

    Fails:
        1899 right rows of 2000 with ``minimum = 0.95``, although it prints as 0.95.

    Does not detect:
        A rare class that is never found: ``hidden-recall`` and ``beats-majority`` do.

    Args:
        evidence: Uses ``hidden``, measured outside the sandbox.
        params: The bounds, which are inclusive.

    Returns:
        Partial between ``minimum`` and ``full``; undetermined if nothing could be measured.
    """
    return judge_hidden(
        evidence, params, metric="accuracy", value_of=lambda measurement: measurement.accuracy
    )


CHECK = Check(
    id="hidden-accuracy",
    title="Accuracy on hidden data",
    params=ThresholdParams,
    run=hidden_accuracy,
    requires=("was-trained",),
)
