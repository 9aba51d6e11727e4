"""Builds malformed hand-ins: archives that lead out, notebooks that are none, odd encodings."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ground import LEFT

from grader.evidence import RunState
from grader.intake import ProblemKind

GOOD = b"print('ran')\n"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
CODE = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
PAYLOAD = f"cos\nsystem\n(S'touch /tmp/{LEFT}-pickle'\ntR.".encode()
"""A pickle, protocol 0, that makes a file where somebody loads it."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """One hand-in and what must come of it.

    Attributes:
        make: Writes it into a student's folder.
        problem: Why it is not run; ``None`` where it runs.
        words: In the problem's sentence, or shown by the run.
        state: How the run ends, where it runs.
    """

    make: Callable[[Path], object]
    problem: ProblemKind | None = None
    words: str = ""
    state: RunState = RunState.COMPLETED


def written(name: str, content: str | bytes) -> Callable[[Path], object]:
    """A hand-in of one file."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(raw)


def cells(*sources: object, **top: object) -> str:
    """A notebook with these sources."""
    return json.dumps(NOTEBOOK | {"cells": [CODE | {"source": each} for each in sources]} | top)


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """An archive with these entries, doubled names too."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def linked(name: str, target: str, kind: int) -> bytes:
    """An archive with an entry that is no regular file."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return zipped(("work.py", GOOD), (info, target.encode()))


def nested(depth: int) -> bytes:
    """An archive in an archive in an archive."""
    content = zipped(("work.py", GOOD))
    for _ in range(depth):
        content = zipped(("inner.zip", content))
    return content


def bomb(mebibytes: int) -> bytes:
    """An archive that grows to a thousand times its size."""
    return zipped(("work.py", GOOD), ("data.csv", b"0" * (mebibytes << 20)))


def lying_size() -> bytes:
    """An archive whose directory promises less than there is."""
    content = bytearray(zipped(("work.py", b"#" * (1 << 20))))
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 10)
    return bytes(content)


def png_bomb() -> bytes:
    """A picture of 50,000 by 50,000 pixels in a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def with_pickles(folder: Path) -> None:
    """An honest module beside files that run a command where somebody loads them."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + PAYLOAD
    (folder / "work.py").write_bytes(GOOD)
    for name in ("model.pkl", "model.joblib", "checkpoint.pth", "history.pickle"):
        (folder / name).write_bytes(PAYLOAD)
    (folder / "labels.npy").write_bytes(npy)
    (folder / "data.npz").write_bytes(zipped(("labels.npy", npy)))
    (folder / "model.pt").write_bytes(
        zipped(("archive/data.pkl", PAYLOAD), ("archive/version", b"3"))
    )
    layers = {"class_name": "Lambda", "config": {"function": PAYLOAD.decode("latin-1")}}
    config = json.dumps({"module": "os", "class_name": "system", "config": layers}).encode()
    (folder / "model.keras").write_bytes(
        zipped(("config.json", config), ("model.weights.h5", PAYLOAD))
    )


def special(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """An honest module beside something that is no file."""

    def both(folder: Path) -> None:
        (folder / "work.py").write_bytes(GOOD)
        make(folder)

    return both


def many_files(folder: Path) -> None:
    """More files than any hand-in needs."""
    (folder / "work.py").write_bytes(GOOD)
    for number in range(2_100):
        (folder / f"file-{number}.txt").write_bytes(b"")


def zip_with_odd_encodings() -> bytes:
    """Names in UTF-8 that do not say so, in cp437, and with letters taken apart."""
    plain = zipped(("work.py", GOOD), ("n0te.txt", b"x"))
    return plain.replace(b"n0te.txt", "\u00e9te.txt".encode("cp437").ljust(8, b"_"))


UNSAFE, UNREADABLE = ProblemKind.UNSAFE_ARCHIVE, ProblemKind.UNREADABLE
NO_ENTRY = ProblemKind.NO_ENTRY
BROKEN, TOO_LARGE = ProblemKind.BROKEN_JSON, ProblemKind.TOO_LARGE
MALFORMED = {
    "zip-slip": Malformed(
        written("hw.zip", zipped(("work.py", GOOD), ("../../evil.py", GOOD))), UNSAFE, "leads out"
    ),
    "zip-absolute": Malformed(
        written("hw.zip", zipped(("work.py", GOOD), ("/tmp/evil.py", GOOD))), UNSAFE, "absolute"
    ),
    "zip-drive": Malformed(
        written("hw.zip", zipped(("work.py", GOOD), ("C:\\evil.py", GOOD))), UNSAFE, "backslash"
    ),
    "zip-bomb": Malformed(written("hw.zip", bomb(100)), UNSAFE, "times its size"),
    "zip-many-entries": Malformed(
        written("hw.zip", zipped(*((f"f{n}.txt", b"") for n in range(2_100)))), TOO_LARGE, "2,000"
    ),
    "zip-nested": Malformed(written("hw.zip", nested(6)), UNSAFE, "in an archive"),
    "zip-link": Malformed(
        written("hw.zip", linked("labels.npz", "/etc/passwd", stat.S_IFLNK)), UNSAFE, "link"
    ),
    "zip-fifo": Malformed(written("hw.zip", linked("pipe", "", stat.S_IFIFO)), UNSAFE, "regular"),
    "zip-device": Malformed(written("hw.zip", linked("disk", "", stat.S_IFBLK)), UNSAFE, "regular"),
    "zip-doubled-name": Malformed(
        written("hw.zip", zipped(("work.py", GOOD), ("work.py", b"evil()"))), UNSAFE, "twice"
    ),
    "zip-lying-size": Malformed(written("hw.zip", lying_size()), UNREADABLE, "damaged"),
    "zip-cut-off": Malformed(written("hw.zip", zipped(("work.py", GOOD))[:60]), UNREADABLE, "zip"),
    "zip-odd-encodings": Malformed(written("hw.zip", zip_with_odd_encodings())),
    "zip-that-is-text": Malformed(written("hw.zip", "work.py"), UNREADABLE, "not a zip"),
    "notebook-that-is-a-page": Malformed(
        written("hw.ipynb", "<!doctype html><title>Sign in</title>"), BROKEN
    ),
    "notebook-cut-off": Malformed(written("hw.ipynb", cells("print('ran')")[:-20]), BROKEN),
    "notebook-deep-json": Malformed(written("hw.ipynb", "[" * 100_000), BROKEN),
    "notebook-that-is-a-list": Malformed(written("hw.ipynb", "[1, 2]"), BROKEN, "no notebook"),
    "notebook-without-cells": Malformed(written("hw.ipynb", '{"nbformat": 4}'), BROKEN),
    "notebook-cells-no-list": Malformed(written("hw.ipynb", cells(cells={"a": 1})), BROKEN),
    "notebook-odd-cells": Malformed(
        written("hw.ipynb", cells(7, None, ["a", 3], {"x": 1})), BROKEN
    ),
    "notebook-huge-number": Malformed(
        written("hw.ipynb", cells(x=1).replace("1", "1" * 5000, 1)), BROKEN
    ),
    "notebook-many-cells": Malformed(written("hw.ipynb", cells(*["1"] * 2_100)), TOO_LARGE, "2100"),
    "notebook-too-large": Malformed(
        written("hw.ipynb", cells("x") + " " * (51 << 20)), TOO_LARGE, "50 MiB"
    ),
    "notebook-utf-16": Malformed(written("hw.ipynb", cells("print('ran')").encode("utf-16"))),
    "notebook-with-mark": Malformed(
        written("hw.ipynb", b"\xef\xbb\xbf" + cells("print('ran')").encode()), None, "ran"
    ),
    "notebook-lone-surrogate": Malformed(
        written(
            "hw.ipynb",
            cells(
                "print('ran', '\ud800')".encode("utf-16", "surrogatepass").decode(
                    "utf-16", "replace"
                )
            ),
        ),
        None,
        "ran",
    ),
    "notebook-in-r": Malformed(
        written("hw.ipynb", cells("x <- 1", metadata={"kernelspec": {"name": "ir"}})),
        ProblemKind.WRONG_LANGUAGE,
        "R",
    ),
    "module-nul-bytes": Malformed(written("work.py", b"\0" * 1000), UNREADABLE),
    "module-latin-1": Malformed(
        written("work.py", "# -*- coding: latin-1 -*-\nprint('ran é')\n".encode("latin-1")),
        None,
        "ran",
    ),
    "module-false-coding": Malformed(written("work.py", b"# -*- coding: rot13 -*-\nprint(1)\n")),
    "module-binary": Malformed(written("work.py", bytes(range(256)) * 40), UNREADABLE),
    "module-deep-expression": Malformed(written("work.py", "x = " + "(" * 50_000 + ")" * 50_000)),
    "module-one-long-line": Malformed(written("work.py", "x = '" + "y" * (5 << 20) + "'")),
    "with-pickles": Malformed(with_pickles, None, "ran"),
    "with-picture-bomb": Malformed(
        special(lambda folder: (folder / "plot.png").write_bytes(png_bomb())), None, "ran"
    ),
    "with-fifo": Malformed(special(lambda folder: os.mkfifo(folder / "train.csv")), None, "ran"),
    "with-link": Malformed(
        special(lambda folder: (folder / "labels.csv").symlink_to("/etc/passwd")), None, "ran"
    ),
    "with-endless-link": Malformed(
        special(lambda folder: (folder / "loop").symlink_to(folder)), None, "ran"
    ),
    "with-many-files": Malformed(many_files, TOO_LARGE, "2,000"),
    "entry-is-a-link": Malformed(
        lambda folder: (folder / "work.py").symlink_to("/etc/passwd"), NO_ENTRY, "left out"
    ),
    "entry-is-a-fifo": Malformed(
        lambda folder: os.mkfifo(folder / "work.py"), NO_ENTRY, "left out"
    ),
    "entry-is-a-folder": Malformed(lambda folder: (folder / "work.py").mkdir(), ProblemKind.EMPTY),
}
