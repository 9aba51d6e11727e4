"""What leaves the house holds no hidden label or row, no secret and no path of ours."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from grader.datasets.hidden import HiddenSet
from grader.datasets.secret import DEMO_SECRET
from grader.pipeline import Setting
from pipeline.conftest import GradedClass

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
DTYPES = ("int64", "int32", "int16", "int8", "float64", "float32", "float16")
LABELS_SOUGHT = 64
_NUMBER = re.compile(r"-?\d+\.\d{5,}")
_DATA_URI = re.compile(rb"base64,([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True)
class Search:
    """Looks for what must not be there.

    Attributes:
        hidden: Whose labels and rows.
        texts: By a name, what must not occur: paths, forms of the secret.
    """

    hidden: HiddenSet
    texts: dict[str, bytes]

    def found(self, folder: Path) -> set[str]:
        """Names of what some file under a folder holds, or its own name does."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files, f"nothing to search in {folder.name}"
        names = "\n".join(str(path.relative_to(folder)) for path in files).encode()
        contents = [names, *(path.read_bytes() for path in files)]
        return {name for content in contents for name in self._in(content)}

    def _in(self, content: bytes) -> Iterator[str]:
        for part in (content, *_embedded(content)):
            yield from (name for name, text in self.texts.items() if text in part)
            if any(form in part for form in self._binary_labels()):
                yield "labels"
        text = content.decode("utf-8", errors="replace")
        if self._label_text() in re.sub(r"[^0-9]", "", re.sub(r"([01])\.0?\b", r"\1", text)):
            yield "labels"
        for places in (5, 6):  # six significant digits, above and below 1
            sought = {round(abs(float(value)), places) for value in self.hidden.inputs.flat}
            for token in _NUMBER.findall(text):
                decimals = min(len(token.partition(".")[2]), 6)
                if decimals == places and round(abs(float(token)), places) in sought:
                    yield "row"

    def _label_text(self) -> str:
        return "".join(str(int(label)) for label in self.hidden.labels[:LABELS_SOUGHT])

    def _binary_labels(self) -> list[bytes]:
        return [self.hidden.labels[:LABELS_SOUGHT].astype(dtype).tobytes() for dtype in DTYPES]


def _embedded(content: bytes) -> Iterator[bytes]:
    for found in _DATA_URI.findall(content):
        yield base64.b64decode(found + b"=" * (-len(found) % 4))


@pytest.fixture(scope="module")
def search(circles: Setting, every_outcome: GradedClass) -> Search:
    secret = DEMO_SECRET.value
    return Search(
        hidden=circles.hidden["circles"],
        texts={
            "checkout": str(REPOSITORY).encode(),
            "result folder": str(every_outcome.out.parent).encode(),
            "secret": secret,
            "secret in hex": secret.hex().encode(),
            "secret in base64": base64.b64encode(secret).rstrip(b"="),
            "secret in URL base64": base64.urlsafe_b64encode(secret).rstrip(b"="),
            "seed domain": b"grader-hidden-seed",
        },
    )


def test_nothing_secret_is_in_the_feedback(every_outcome: GradedClass, search: Search) -> None:
    assert search.found(every_outcome.out / "feedback") == set()


def test_what_the_instructor_gets_holds_no_secret_and_no_labels(
    every_outcome: GradedClass, search: Search, tmp_path: Path
) -> None:
    for path in every_outcome.out.rglob("*"):
        if path.name.startswith(("report.", "index.", "gradebook.")):
            shutil.copy(path, tmp_path / "-".join(path.relative_to(every_outcome.out).parts))

    assert search.found(tmp_path) == {"checkout"}  # in the worker's log, which students do not get


def test_the_search_finds_the_hidden_set_itself(
    every_outcome: GradedClass, search: Search, tmp_path: Path
) -> None:
    (path,) = (every_outcome.out / "private" / "hidden").iterdir()
    np.save(tmp_path / "labels.npy", np.load(path)["labels"])

    assert search.found(tmp_path) == {"labels"}


PLANTS: dict[str, Callable[[HiddenSet], bytes]] = {
    "labels as JSON": lambda hidden: json.dumps(hidden.labels.tolist()).encode(),
    "labels as lines": lambda hidden: "\n".join(map(str, hidden.labels)).encode(),
    "labels as floats": lambda hidden: json.dumps(hidden.labels.astype(float).tolist()).encode(),
    "labels as NumPy prints them": lambda hidden: np.array2string(
        hidden.labels, threshold=10**6
    ).encode(),
    "labels as bytes": lambda hidden: b"x" + hidden.labels.astype(np.int8).tobytes(),
    "labels in a picture": lambda hidden: (
        b'<img src="data:image/png;base64,' + base64.b64encode(hidden.labels.tobytes()) + b'">'
    ),
    "row as JSON": lambda hidden: json.dumps(hidden.inputs[700].tolist()).encode(),
    "row with six digits": lambda hidden: f"seen: {hidden.inputs[3, 1]:.6g}".encode(),
    "row with six decimals": lambda hidden: f"| {hidden.inputs[1999, 0]:.6f} |".encode(),
    "checkout": lambda _: f'<p title="{REPOSITORY}/x.py">'.encode(),
    "secret": lambda _: b"\x00" + DEMO_SECRET.value,
    "secret in hex": lambda _: DEMO_SECRET.value.hex().encode(),
    "secret in base64": lambda _: base64.b64encode(DEMO_SECRET.value),
    "secret in URL base64": lambda _: base64.urlsafe_b64encode(DEMO_SECRET.value),
}


@pytest.mark.parametrize("what", PLANTS)
def test_the_search_finds_what_is_planted(
    every_outcome: GradedClass, search: Search, tmp_path: Path, what: str
) -> None:
    shutil.copytree(every_outcome.out / "feedback" / "right", tmp_path / "feedback")
    page = tmp_path / "feedback" / "report.html"
    page.write_bytes(page.read_bytes() + PLANTS[what](search.hidden))

    text = search.texts.get(what)
    forms = {name for name, form in search.texts.items() if form == text} or {what.split()[0]}
    assert search.found(tmp_path) == forms


def test_the_search_looks_at_file_names(search: Search, tmp_path: Path) -> None:
    (tmp_path / f"{DEMO_SECRET.value.hex()}.json").write_bytes(b"")

    assert search.found(tmp_path) == {"secret in hex"}
