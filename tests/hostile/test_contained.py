"""Every hostile submission is contained, however submissions are run."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contained import MODES, SUBMISSIONS, Proving, cases, differences, expected_of
from ground import Ground, prepared_ground

from grader.pipeline import Setting
from grader.sandbox.levels import Trial

pytestmark = [pytest.mark.sandbox, pytest.mark.hostile]
CASES = {case: expected_of(case) for case in cases()}
RUNS = [
    (mode, case)
    for mode, how in MODES.items()
    for case, expected in CASES.items()
    if how.is_whole or expected.representative
]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    tmp_path_factory.getbasetemp()  # made before the temporary folder is another one for a while
    with prepared_ground() as prepared:
        yield prepared


@pytest.fixture(scope="module")
def provings(
    request: pytest.FixtureRequest, circles: Setting, ground: Ground
) -> Iterator[Callable[[str], Proving]]:
    """A runner of each mode that is asked for, after an honest submission."""
    made: dict[str, Proving] = {}

    def proving(name: str) -> Proving:
        if name not in made:
            mode = MODES[name]
            trial: Trial = request.getfixturevalue("walls")
            made[name] = Proving(circles, ground, mode.start(trial), mode.level)
            made[name].before = made[name].canary()
            made[name].idle = len(ground.processes())
        return made[name]

    yield proving
    for each in made.values():
        getattr(each.runner, "close", lambda: None)()
    assert ground.processes() == []
    assert list(ground.scratch.glob("grader-*")) == []


def test_the_listeners_hear(ground: Ground) -> None:
    """Otherwise silence would prove nothing."""
    told = ground.told
    for address in told["addresses"]:
        socket.create_connection((address, told["tcp"])).close()
        assert len(ground.heard()) == 1
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.sendto(b"hello", ("127.0.0.1", told["udp"]))
    datagrams.close()
    assert len(ground.heard()) == 1
    for address in (told["unix"], "\0" + told["abstract"]):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(address)
        assert len(ground.heard()) == 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"hello", told["unix_datagrams"])
    assert len(ground.heard()) == 1
    assert ground.heard() == []


def test_a_change_outside_is_seen(ground: Ground, tmp_path: Path) -> None:
    before = ground.look()
    victim = Path(ground.told["files"][0])

    victim.with_name(f"{victim.name}-twin").symlink_to(victim)
    after = ground.look()
    victim.with_name(f"{victim.name}-twin").unlink()
    (tmp_path / "report").write_text(ground.token[::-1], encoding="utf-8")

    assert after != before
    assert ground.look() == before
    assert ground.leaked_into(tmp_path) == [str(tmp_path / "report")]
    assert os.environ["GRADER_PLANTED"] == ground.token


@pytest.mark.parametrize(("mode", "case"), RUNS)
def test_a_submission_is_contained(
    provings: Callable[[str], Proving], ground: Ground, mode: str, case: str, tmp_path: Path
) -> None:
    expected, proving = CASES[case], provings(mode)
    before = ground.look()

    graded = proving.graded(SUBMISSIONS / case, expected.limits, tmp_path)

    left = ground.processes()
    assert differences(graded, expected) == []
    assert len(left) <= proving.idle, left
    canary_differs = proving.canary_differs()
    assert canary_differs == [], "\n".join(canary_differs)
    assert ground.look() == before
    assert ground.heard() == []
    assert ground.leaked_into(tmp_path / "out") == []
