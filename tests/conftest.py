"""What several test folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Course, bundled_catalogue, open_course
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline.setting import Setting, prepare
from grader.sandbox.levels import Trial, try_bwrap

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def catalogue() -> Course:
    return open_course(bundled_catalogue(), here=REPOSITORY)


@pytest.fixture(scope="session")
def circles(catalogue: Course) -> Setting:
    """The bundled assignment, with hidden data from the public demo secret."""
    return prepare(catalogue, "circles", secret=DEMO_SECRET)


@pytest.fixture(scope="session")
def walls() -> Trial:
    """The strongest isolation level; a test that needs it says so by asking for this."""
    trial = try_bwrap()
    if not trial.works:
        pytest.skip(f"bubblewrap does not work here: {trial.why}; {trial.remedy}")
    return trial
