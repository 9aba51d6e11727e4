"""How good is the recall on rows that the student has never seen?"""

from __future__ import annotations

from grader.checks.base import Check, Finding
from grader.checks.threshold import AveragedParams, judge_average
from grader.evidence import Evidence


def hidden_recall(evidence: Evidence, params: AveragedParams) -> Finding:
    """Compare the recall on hidden data with the bounds of the rubric.

    What it checks:
        The recall, averaged as the rubric says: of the rows of a class, the share that are found.

    Why it matters:
        Accuracy hides a rare class that is never found.

    Passes:
        0.91 with ``minimum = 0.9``; exactly 0.9 too.

    Fails:
        A model that never names the rare class.

    Does not detect:
        False alarms: ``hidden-precision`` does.

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
    return judge_average(evidence, params, metric="recall", value_of=lambda scores: scores.recall)


CHECK = Check(
    id="hidden-recall",
    title="Recall on hidden data",
    params=AveragedParams,
    run=hidden_recall,
    requires=("was-trained",),
)
