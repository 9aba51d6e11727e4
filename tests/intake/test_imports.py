"""What a submission imports, whatever else stands in its cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from handed_in import laid_out, notebook

from grader.intake import collect
from grader.intake.imports import imported_names, imports_of


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a, b.c as d\nfrom e.f import g", {"a", "b.c", "e.f"}),
        ("def f():\n    if x:\n        import a", {"a"}),
        ("from . import a\nfrom .b import c", set()),
        ("%matplotlib inline\n!pip install x\nimport a", {"a"}),
        ("files = !ls\nimport a\nf?", {"a"}),
        ("%%time\nimport a\n%load_ext b\nimport c", {"a", "c"}),
        ("%time import a", {"a"}),
        ("%%bash\nimport a", set()),
        ("%%html\n<b>import a</b>", set()),
        ("try:\n    import a\nexcept ImportError:\n    import b", set()),
        ("try:\n    import a\nexcept:\n    pass\nelse:\n    import c", {"c"}),
        ("try:\n    import a\nexcept KeyError:\n    pass", {"a"}),
        ("'import a'\n# import b", set()),
        ("import a\nthis is no Python", set()),
        ("((" * 5000, set()),
    ],
)
def test_imports_are_read_from_source(source: str, names: set[str]) -> None:
    assert imported_names(source) == names


def test_own_files_are_not_needed_from_elsewhere(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "ada/hw.ipynb": notebook("import mine, tools.x, torchinfo", "%%time\nimport cv2"),
            "ada/mine.py": "import einops",
            "ada/tools/x.py": "",
            "bea/hw.ipynb": "{",
        },
    )

    ada, bea = collect([folder])

    assert imports_of(ada) == {"torchinfo", "cv2", "einops"}
    assert imports_of(bea) == frozenset()
