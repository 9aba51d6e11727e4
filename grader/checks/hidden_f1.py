"""How good is the F1 score on rows that the student has never seen?"""

from __future__ import annotations

from grader.checks.base import Check, Finding
from grader.checks.threshold import AveragedParams, judge_average
from grader.evidence import Evidence


def hidden_f1(evidence: Evidence, params: AveragedParams) -> Finding:
    """Compare the F1 score on hidden data with the bounds of the rubric.

    What it checks:
        F1, averaged as the rubric says: the harmonic mean of precision and recall.

    Why it matters:
        It is high only where a class is found and not called too often.

    Passes:
        Macro F1 of 0.97 with ``minimum = 0.9`` and ``full = 0.97``: all points.

    Fails:
        0.8999 with ``minimum = 0.9``, although it prints as 0.90.

    Does not detect:
        Which of precision and recall is to blame.

    Args:
        evidence: Uses ``hidden``, measured outside the sandbox.
        params: The average and the bounds, which are inclusive.

    Returns:
        Partial between ``minimum`` and ``full``; undetermined if nothing could be measured.

    Raises:
        ValueError: The average does not fit the task.

    Source:
        scikit-learn ``precision_recall_fscore_support``, ``zero_division=0``.
    """
    return judge_average(evidence, params, metric="F1", value_of=lambda scores: scores.f1)


CHECK = Check(
    id="hidden-f1",
    title="F1 on hidden data",
    params=AveragedParams,
    run=hidden_f1,
    requires=("was-trained",),
)
