"""How workers are started at the levels, as data: nothing is run here."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from grader.evidence import Limits
from grader.sandbox import container, landlocked
from grader.sandbox.roots import VISIBLE_PARTS, Roots
from grader.sandbox.scratch import Scratch


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """An interpreter with our package, catalogue included, among its packages."""
    site = tmp_path / "python" / "site-packages"
    for folder in ("grader/worker", "grader/catalogue", "numpy"):
        (site / folder).mkdir(parents=True)
    return Roots(
        read_only=(tmp_path / "python",),
        masked=(site / "grader",),
        package=site / "grader",
        links=((Path("/opt/python"), "/usr/local/python"),),
    )


def container_command(roots: Roots, tmp_path: Path, *, engine: str, as_root: bool) -> list[str]:
    variant = container.ContainerVariant(engine, f"/usr/bin/{engine}", as_root, "image:1")
    scratch = Scratch(root=tmp_path, given=tmp_path / "given", slot=tmp_path / "slot")
    wanted = container.Wanted("grader-1", 3, scratch, Limits(), {"HOME": "/home/student"})
    return container.command(variant, ["python", "-m", "x"], roots=roots, wanted=wanted)


@pytest.mark.parametrize("engine", container.ENGINES)
def test_a_container_has_no_network_no_rights_and_a_read_only_root(
    engine: str, roots: Roots, tmp_path: Path
) -> None:
    argv = container_command(roots, tmp_path, engine=engine, as_root=True)
    text = " ".join(argv)

    assert argv[:2] == [f"/usr/bin/{engine}", "run"]
    assert argv[-4:] == ["image:1", "python", "-m", "x"]
    for words in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--pull never",
        "--pids-limit 256",
        "--memory 3136m --memory-swap 3136m",
        "--user 60603:60603",
    ):
        assert words in text
    assert "--userns" not in argv


def test_a_container_writes_to_its_slot_alone(roots: Roots, tmp_path: Path) -> None:
    argv = container_command(roots, tmp_path, engine="docker", as_root=True)

    binds = [each for each in argv if each.startswith("type=bind")]
    writable = [each for each in binds if not each.endswith(",readonly")]
    assert writable == [f"type=bind,source={tmp_path / 'slot'},target=/slot"]
    assert any(f"type=tmpfs,target={roots.package}," in each for each in argv)
    targets = [each.split("target=")[1].split(",")[0] for each in binds]
    assert [t for t in targets if t.startswith("/grader/")] == [
        f"/grader/grader/{part}" for part in VISIBLE_PARTS
    ]


def test_an_ordinary_user_of_podman_stays_who_he_is(roots: Roots, tmp_path: Path) -> None:
    argv = container_command(roots, tmp_path, engine="podman", as_root=False)

    assert argv[argv.index("--userns") + 1] == "keep-id"


def test_the_image_holds_folders_and_links_alone(roots: Roots) -> None:
    content = container.image_archive(roots)

    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert all(member.isdir() or member.issym() for member in members.values())
    assert members["opt/python"].linkname == "/usr/local/python"
    assert container.image_archive(roots) == content


def test_landlock_grants_what_lies_around_our_package_but_not_the_package(
    roots: Roots, tmp_path: Path
) -> None:
    variant = landlocked.LandlockVariant(as_root=False)

    restriction = landlocked.restriction(variant, roots=roots, given=None, slot=tmp_path / "slot")

    site = roots.package.parent
    assert str(site / "numpy") in restriction.read_only
    granted = [Path(path) for path in (*restriction.read_only, *restriction.read_write)]
    for secret in (roots.package / "catalogue", roots.package / "metrics.py", Path("/etc/shadow")):
        assert not any(secret.is_relative_to(path) for path in granted)
    assert str(roots.package / "worker") in restriction.read_only
    assert restriction.sockets == "unix"
    assert restriction.least_abi == 6


def test_as_root_a_worker_becomes_the_user_of_its_slot() -> None:
    plain, reading = (
        landlocked.LandlockVariant(as_root=True, setpriv="/usr/bin/setpriv", reads_all=each)
        for each in (False, True)
    )

    argv = landlocked.command(plain, ["python"], slot=2)
    kept = landlocked.command(reading, ["python"], slot=2)

    assert "--reuid=60602" in argv
    assert "--bounding-set=-all" in argv
    assert argv[-3:] == ["--no-new-privs", "--", "python"]
    assert not any("ambient" in each for each in argv)
    assert "--bounding-set=-all,+dac_read_search" in kept
    assert "--ambient-caps=+dac_read_search" in kept
