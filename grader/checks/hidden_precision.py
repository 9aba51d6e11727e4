"""How good is the precision on rows that the student has never seen?"""

from __future__ import annotations

from grader.checks.base import Check, Finding
from grader.checks.threshold import AveragedParams, judge_average
from grader.evidence import Evidence


def hidden_precision(evidence: Evidence, params: AveragedParams) -> Finding:
    """Compare the precision on hidden data with the bounds of the rubric.

    What it checks:
        The precision, averaged as the rubric says: of the rows called a class, the share that are.

    Why it matters:
        Accuracy hides false alarms where one class is rare.

    Passes:
        0.91 with ``minimum = 0.9``; exactly 0.9 too.

    Fails:
        A model that calls every row positive, where few are.

    Does not detect:
        Positive rows that are missed: ``hidden-recall`` does.

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
    return judge_average(
        evidence, params, metric="precision", value_of=lambda scores: scores.precision
    )


CHECK = Check(
    id="hidden-precision",
    title="Precision on hidden data",
    params=AveragedParams,
    run=hidden_precision,
    requires=("was-trained",),
)
