"""Which of several files is run."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from grader.intake.entry import choose_entry
from grader.intake.model import ProblemKind
from grader.intake.refusal import RefusedError


def files(**contents: str) -> dict[PurePosixPath, bytes]:
    """Files by path, with ``__`` for a slash and the last ``_`` for the dot."""
    return {
        PurePosixPath(".".join(name.replace("__", "/").rsplit("_", 1))): content.encode()
        for name, content in contents.items()
    }


def test_a_module_beside_a_notebook_is_a_helper() -> None:
    chosen = choose_entry(files(hw_ipynb="{}", train_py="import hw"))

    assert chosen.name == "hw.ipynb"
    assert chosen.files == files(train_py="import hw")


@pytest.mark.parametrize(
    "main",
    [
        "import net, data",
        "from net import Net\nfrom data import load",
        "from . import net, data",
        "from .net import Net\nimport data.parts as d",
        "print 'two'\nimport net\nfrom data import *\n",
    ],
)
def test_the_module_that_nobody_imports_is_the_entry(main: str) -> None:
    given = files(main_py=main, net_py="import net", data_py="import torch.main")

    assert choose_entry(given).name == "main.py"


def test_the_nearest_to_the_top_is_the_entry_and_its_folder_the_top() -> None:
    given = files(
        README_md="r", src__hw_ipynb="{}", src__net_py="n", src__deep__old_ipynb="{}", net_py="o"
    )

    chosen = choose_entry(given)

    assert chosen.name == "hw.ipynb"
    assert chosen.files == files(README_md="r", net_py="n", deep__old_ipynb="{}")


@pytest.mark.parametrize(
    ("given", "kind", "detail"),
    [
        (files(a_ipynb="", b_ipynb=""), ProblemKind.SEVERAL_ENTRIES, "'a.ipynb', 'b.ipynb'."),
        (files(a_py="", b_py=""), ProblemKind.SEVERAL_ENTRIES, "modules, .*'a.py', 'b.py'."),
        (files(a_py="import b", b_py="import a"), ProblemKind.SEVERAL_ENTRIES, "'a.py', 'b.py'."),
        (files(q1__hw_ipynb="", q2__hw_ipynb=""), ProblemKind.SEVERAL_ENTRIES, "'q1/hw.ipynb'"),
        (files(a_pdf="", pkg____init___py=""), ProblemKind.NO_ENTRY, "only 'a.pdf', 'pkg/"),
        (
            {PurePosixPath(f"{n}.ipynb"): b"" for n in range(9)},
            ProblemKind.SEVERAL_ENTRIES,
            "'4.ipynb' and 4 more",
        ),
    ],
)
def test_no_entry_and_several_entries_are_named(
    given: dict[PurePosixPath, bytes], kind: ProblemKind, detail: str
) -> None:
    with pytest.raises(RefusedError, match=detail) as caught:
        choose_entry(given)

    assert caught.value.problem.kind is kind


def test_a_pattern_that_matches_nothing_changes_nothing() -> None:
    assert choose_entry(files(hw_ipynb="{}"), entry_glob="q1*.ipynb").name == "hw.ipynb"


def test_a_pattern_narrows_the_choice() -> None:
    given = files(q1_a_ipynb="", q1_b_ipynb="", q2_ipynb="", train_py="")

    assert choose_entry(given, entry_glob="train.py").name == "train.py"
    with pytest.raises(RefusedError, match=r"'q1_a.ipynb', 'q1_b.ipynb'\."):
        choose_entry(given, entry_glob="q1*")
