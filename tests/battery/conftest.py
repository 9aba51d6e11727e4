"""One run of the battery per framework, shared by all tests that ask about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from battery.harness import run_battery
from battery.specification import read_battery
from battery.verdict import Verdict, verdict_on

collect_ignore_glob = ["pytorch/*", "keras/*"]
Verdicts = dict[str, Verdict]


@pytest.fixture(scope="session")
def verdicts_on(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Verdicts]:
    """Verdicts on the programs of a framework, by name; they run at the first call.

    Where only tests on single programs were selected, no other program runs.
    """
    known: dict[str, Verdicts] = {}
    selected = [
        item.callspec.params.get("program")
        for item in request.session.items
        if isinstance(item, pytest.Function) and "verdicts_on" in item.fixturenames
    ]
    wanted = {one.name for one in selected if one is not None}

    def verdicts(framework: str) -> Verdicts:
        if framework not in known:
            programs = [
                one
                for one in read_battery()[0]
                if one.framework == framework and (None in selected or one.name in wanted)
            ]
            seen = run_battery(programs, tmp_path_factory.mktemp(framework))
            known[framework] = {name: verdict_on(one) for name, one in seen.items()}
        return known[framework]

    return verdicts
