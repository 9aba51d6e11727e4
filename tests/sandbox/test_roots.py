"""A sandbox shows the interpreter and three of our folders, nothing else of ours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import grader
from grader.sandbox import bwrap
from grader.sandbox.roots import VISIBLE_PARTS, Roots, interpreter_roots, links_on_the_way

REPOSITORY = Path(grader.__file__).resolve().parent.parent


def test_the_interpreter_is_shown() -> None:
    shown = interpreter_roots().read_only

    for needed in (Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()):
        assert any(needed.is_relative_to(root) for root in (*shown, Path("/usr")))


def test_the_repository_is_not_shown_under_an_editable_install() -> None:
    shown = interpreter_roots().read_only

    for private in ("rubrics", "reference_solutions", "tests", "grader"):
        path = REPOSITORY / private
        assert not any(path.is_relative_to(root) for root in shown)


def test_the_current_folder_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    assert not any(tmp_path.is_relative_to(root) for root in interpreter_roots().read_only)


def test_only_worker_probe_and_evidence_are_bound() -> None:
    roots = Roots(read_only=(), masked=(Path("/x/grader"),), package=Path("/x/grader"))
    variant = bwrap.BwrapVariant(bwrap="bwrap", as_root=False, nested=False)

    argv = bwrap.command(variant, ["true"], roots=roots, scratch=None, slot=0, environment={})

    bound = [argv[i + 1] for i, word in enumerate(argv) if word == "--ro-bind"]
    ours = sorted(path for path in bound if path.startswith("/x/grader"))
    assert ours == sorted(f"/x/grader/{part}" for part in VISIBLE_PARTS)
    assert "/x/grader" in [argv[i + 1] for i, word in enumerate(argv) if word == "--tmpfs"]


def test_nothing_of_the_callers_environment_goes_in() -> None:
    variant = bwrap.BwrapVariant(bwrap="bwrap", as_root=False, nested=False)
    roots = Roots(read_only=(), masked=(), package=Path("/x/grader"))

    argv = bwrap.command(
        variant, ["true"], roots=roots, scratch=None, slot=0, environment={"LANG": "C.UTF-8"}
    )

    assert "--clearenv" in argv
    assert [argv[i + 1] for i, word in enumerate(argv) if word == "--setenv"] == ["LANG"]


@pytest.mark.parametrize("flag", ["--unshare-net", "--unshare-pid", "--unshare-ipc"])
def test_namespaces_are_separate(flag: str) -> None:
    for as_root in (True, False):
        variant = bwrap.BwrapVariant(
            bwrap="bwrap", as_root=as_root, nested=as_root, setpriv="setpriv"
        )
        roots = Roots(read_only=(), masked=(), package=Path("/x/grader"))

        argv = bwrap.command(variant, ["true"], roots=roots, scratch=None, slot=3, environment={})

        assert flag in argv


def test_as_root_every_slot_has_a_user_of_its_own() -> None:
    variant = bwrap.BwrapVariant(bwrap="bwrap", as_root=True, nested=True, setpriv="setpriv")
    roots = Roots(read_only=(), masked=(), package=Path("/x/grader"))

    users = {
        next(
            word
            for word in bwrap.command(
                variant, ["true"], roots=roots, scratch=None, slot=slot, environment={}
            )
            if word.startswith("--reuid=")
        )
        for slot in range(4)
    }

    assert len(users) == 4
    assert "--reuid=0" not in users


def testlinks_on_the_way_to_the_interpreter_are_made_again(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "python").touch()
    (tmp_path / "alias").symlink_to("real")
    (real / "python3").symlink_to("python")

    links = links_on_the_way(tmp_path / "alias" / "python3")

    found = [(link, target) for link, target in links if link.is_relative_to(tmp_path.resolve())]
    assert found == [(tmp_path / "alias", "real"), (real / "python3", "python")]


def test_the_catalogue_that_an_editable_install_leaves_in_site_packages_is_covered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (packages / "grader" / "catalogue" / "rubrics").mkdir(parents=True)
    (packages / "classification_grader-0.1.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("site.getsitepackages", lambda: [str(packages)])

    masked = interpreter_roots().masked

    assert packages / "grader" in masked
    assert packages / "classification_grader-0.1.0.dist-info" in masked
