"""Does the model take the rows of the exercise?"""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.base import Check, Finding, Outcome, Params, weakest, without_value
from grader.checks.wording import counted
from grader.evidence import Evidence


class InputShapeParams(Params):
    """How strictly the shape is taken.

    Attributes:
        exact: The model itself must take rows as they are in the file; otherwise rows may reach
            it through the submission's own preprocessing.
    """

    exact: bool = False


def input_shape(evidence: Evidence, params: InputShapeParams) -> Finding:
    """Compare the shape of one row with what the model takes.

    What it checks:
        The model takes rows of the exercise's shape, or they were seen to reach it through the
        submission's own preprocessing.

    Why it matters:
        A model that takes anything else cannot say anything about the data it is meant for.

    Passes:
        ``Linear(2, 16)`` first, for rows of 2 numbers; ``PolynomialFeatures`` and a model for 5
        numbers, if the fitted transformer or a ``predict`` brings the rows to it.

    Fails:
        ``Linear(1, 16)`` first, for rows of 2 numbers.

    Does not detect:
        Columns in another order.

    Args:
        evidence: Uses ``brief.input_shape``, ``model.input_shape`` and whether ``hidden`` could
            be measured.
        params: Whether preprocessing is welcome.

    Returns:
        Undetermined if the model's input shape is unknown.
    """
    asked, shape = evidence.brief.input_shape, evidence.model.input_shape
    expected = f"a model that takes {_rows(asked)}"
    advice = f"Let the first layer take {_rows(asked)}"
    if not params.exact:
        expected += ", or preprocessing that brings them to the model"
        advice += ", or offer predict(inputs) that prepares the rows"
    advice += "."
    if not shape.is_known:
        return without_value(shape, "which rows the model takes", expected=expected, advice=advice)

    taken = shape.known_value[1:]
    seen = f"the model takes {_rows(taken)}"
    if len(taken) == len(asked) and all(
        size in (None, wanted) for size, wanted in zip(taken, asked, strict=True)
    ):
        return Finding(Outcome.PASSED, seen, expected, provenance=shape.provenance)
    if evidence.hidden.is_known and not params.exact:
        seen += f"; {_rows(asked)} reached it through the submission's own preprocessing"
        provenance = weakest(shape, evidence.hidden)
        return Finding(Outcome.PASSED, seen, expected, provenance=provenance)
    return Finding(Outcome.FAILED, seen, expected, advice, provenance=shape.provenance)


def _rows(shape: Sequence[int | None]) -> str:
    if len(shape) == 1 and shape[0] is not None:
        return f"rows of {counted(shape[0], 'number')}"
    sizes = ", ".join("any" if size is None else str(size) for size in shape)
    return f"rows of shape ({sizes})"


CHECK = Check(
    id="input-shape",
    title="The model takes the rows of the exercise",
    params=InputShapeParams,
    run=input_shape,
    requires=("was-trained",),
)
