"""What the peers ask about a model, as their users would write it, and the points for it.

Both ask the same: does the model map two columns to one (1 point), and does it tell newly drawn
points apart (2 points, hidden from students). The grader itself asks what its own rubric asks.
"""

from __future__ import annotations

import textwrap
from typing import Final

from throughput.submissions import Submission

SHAPE_POINTS: Final = 1
ACCURACY_POINTS: Final = 2
MAXIMUM: Final = SHAPE_POINTS + ACCURACY_POINTS
SHAPE_QUESTION: Final = "output"
ACCURACY_QUESTION: Final = "accuracy"

SHAPE: Final = {
    "pytorch": "assert tuple(model(torch.zeros(3, 2)).shape) == (3, 1)\n",
    "keras": "assert model.predict(np.zeros((3, 2)), verbose=0).shape == (3, 1)\n",
}
DRAW: Final = """\
rng = np.random.default_rng(20261128)
labels = np.arange(1000) % 2
angle = rng.uniform(0, 2 * np.pi, size=1000)
radius = np.array([1.0, 0.75])[labels]
points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
points = (points + rng.normal(scale=0.05, size=points.shape)).astype(np.float32)
"""
DECIDE: Final = {
    "pytorch": """\
model.eval()
with torch.inference_mode():
    decided = (model(torch.from_numpy(points)) > 0).numpy().ravel()
""",
    "keras": "decided = model.predict(points, verbose=0).ravel() > 0.5\n",
}
JUDGE: Final = 'assert (decided == labels).mean() >= 0.9, "less than 90 % of new points right"\n'


def expected_points(one: Submission) -> int:
    """What a peer must write down for a submission."""
    return MAXIMUM if one.is_sound else SHAPE_POINTS


def accuracy_test(framework: str) -> str:
    """Source of the hidden test, which uses ``model``, ``np`` and ``torch``."""
    return DRAW + DECIDE[framework] + JUDGE


def nbgrader_hidden_test(framework: str) -> str:
    """The hidden test between nbgrader's marks."""
    return f"### BEGIN HIDDEN TESTS\n{accuracy_test(framework)}### END HIDDEN TESTS\n"


def otter_test_file(question: str, framework: str) -> str:
    """A test file in otter's exception-based format."""
    if question == SHAPE_QUESTION:
        body, points, hidden = SHAPE[framework], SHAPE_POINTS, False
    else:
        body, points, hidden = accuracy_test(framework), ACCURACY_POINTS, True
    imports = "import torch\n" if framework == "pytorch" else ""
    return (
        "import numpy as np\n"
        f"{imports}"
        "from otter.test_files import test_case\n\n"
        "OK_FORMAT = False\n"
        f'name = "{question}"\n'
        f"points = {points}\n\n\n"
        f"@test_case(points={points}, hidden={hidden})\n"
        f"def test_{question}(model):\n{textwrap.indent(body, '    ')}"
    )
