"""Which frameworks are read from a submission's code."""

from __future__ import annotations

from pathlib import PurePosixPath

import nbformat
import pytest

from grader.evidence import Limits
from grader.sandbox.interface import Job
from grader.sandbox.queueing import frameworks_of


def job(*cells: str, files: dict[str, bytes] | None = None) -> Job:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    book.cells.append(nbformat.v4.new_markdown_cell("import tensorflow"))
    return Job(
        notebook=str(nbformat.writes(book)),
        entry_kind="notebook",
        entry_name="work.ipynb",
        files={PurePosixPath(name): content for name, content in (files or {}).items()},
        briefs=(),
        public={},
        hidden_inputs={},
        limits=Limits(),
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("import numpy as np",), ()),
        (("%pip install torch\nimport torch.nn as nn",), ("pytorch",)),
        (("!echo x", "def late():\n    from torchvision import datasets"), ("pytorch",)),
        (("from tensorflow import keras",), ("keras",)),
        (("import torch\nx = (1",), ("pytorch",)),
        (("import torch", "import keras"), None),
        (("import os; os.environ['KERAS_BACKEND'] = 'torch'", "import keras"), None),
        (("# import torch\nname = 'import keras'",), ()),
    ],
)
def test_imports_are_read_without_running_anything(
    cells: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    assert frameworks_of(job(*cells)) == expected


def test_helper_files_count_too() -> None:
    files = {"helpers.py": b"import torch\n", "data.txt": b"import keras\n"}

    assert frameworks_of(job("import helpers", files=files)) == ("pytorch",)
