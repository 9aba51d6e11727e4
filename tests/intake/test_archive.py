"""Hostile and damaged archives: refused for the student concerned, and for no other."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from handed_in import laid_out, notebook, zipped

from grader.errors import UsageError
from grader.intake import Problem, ProblemKind, Submission, collect

pytestmark = pytest.mark.slow

GOOD = {"hw.py": "x = 1"}


def linked(name: str, target: str, mode: int = stat.S_IFLNK) -> bytes:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (mode | 0o777) << 16
    return zipped({**GOOD, info: target})


def doubled() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, dotted = zipfile.ZipInfo("hw.py"), zipfile.ZipInfo("./hw.py")
        return zipped({plain: "x = 1", dotted: "x = 2"})


def encrypted() -> bytes:
    content = bytearray(zipped(GOOD))
    for record, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(record) + flag] |= 1
    return bytes(content)


def with_method(method: int) -> bytes:
    content = bytearray(zipped(GOOD))
    for record, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", content, content.index(record) + place, method)
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(zipped({"hw.py": "x = 1\n" * 1000}))
    content[45] ^= 0xFF
    return bytes(content)


def class_with(tmp_path: Path, content: bytes) -> tuple[Submission, ...]:
    folder = laid_out(tmp_path / "class", {"alice.py": "x = 1", "mallory.zip": content})
    return collect([folder])


def problem_of(submission: Submission) -> Problem:
    assert submission.problem is not None
    assert not submission.files
    return submission.problem


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: zipped({**GOOD, "../../evil.py": "x"}), "'../../evil.py' leads out"),
        (lambda: zipped({**GOOD, "sub/../../evil.py": "x"}), "'sub/../../evil.py' leads out"),
        (lambda: zipped({**GOOD, "/etc/cron.d/evil": "x"}), "'/etc/cron.d/evil' has an absolute"),
        (lambda: zipped({**GOOD, "C:/evil.py": "x"}), "'C:/evil.py' names a drive"),
        (lambda: zipped({**GOOD, "..\\evil.py": "x"}), r"'..\\\\evil.py' has a backslash"),
        (lambda: zipped({**GOOD, "a\nb.py": "x"}), r"'a\\nb.py' has a control character"),
        (lambda: zipped({**GOOD, "a/" * 40 + "b": "x"}), "too long"),
        (lambda: zipped({**GOOD, "n" * 300: "x"}), "too long"),
        (lambda: zipped({**GOOD, "data": "x", "data/a.csv": "x"}), "'data' is both a file and"),
        (lambda: linked("labels.npz", "/etc/passwd"), "'labels.npz' is a symbolic link"),
        (lambda: linked("pipe", "", stat.S_IFIFO), "'pipe' is not a regular file"),
        (lambda: zipped({"inner.zip": zipped(GOOD), "../x": ""}), "'../x' leads out"),
        (lambda: zipped({"attempt-1/hw.py": "x = 1", "/x": ""}), "'/x' has an absolute"),
        (doubled, "'./hw.py' is in it twice"),
        (encrypted, "'hw.py' is encrypted"),
    ],
)
def test_an_unsafe_archive_is_refused_with_the_name_in_question(
    tmp_path: Path, make: Callable[[], bytes], shown: str
) -> None:
    alice, mallory = class_with(tmp_path, make())

    assert alice.problem is None
    problem = problem_of(mallory)
    assert problem.kind is ProblemKind.UNSAFE_ARCHIVE
    assert shown.replace("\\\\", "\\") in problem.detail


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (with_method(zipfile.ZIP_BZIP2), "compressed in an unusual way"),
        (with_method(zipfile.ZIP_LZMA), "compressed in an unusual way"),
        (with_method(97), "compressed in an unusual way"),
        (damaged(), "is damaged"),
        (zipped(GOOD)[:40], "not a zip archive, or it is damaged"),
    ],
)
def test_a_damaged_or_exotic_archive_is_unreadable(
    tmp_path: Path, content: bytes, detail: str
) -> None:
    problem = problem_of(class_with(tmp_path, content)[1])

    assert problem.kind is ProblemKind.UNREADABLE
    assert detail in problem.detail


def test_a_bomb_of_three_hundred_megabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "mallory.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hw.py", "x = 1")
        with archive.open("zeros.bin", "w") as stream:
            for _ in range(300):
                stream.write(bytes(1_000_000))
    assert path.stat().st_size < 300_000

    problem = problem_of(collect([path])[0])

    assert problem.kind is ProblemKind.UNSAFE_ARCHIVE
    assert "'zeros.bin' grows to more than 100 times its size" in problem.detail


def test_a_header_that_lies_about_the_size_is_not_believed(tmp_path: Path) -> None:
    content = bytearray(zipped({"hw.py": "x = 1\n" * 1000}))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 10)

    problem = problem_of(class_with(tmp_path, bytes(content))[1])

    assert problem.kind is ProblemKind.UNREADABLE


def test_an_archive_in_an_archive_is_opened_once(tmp_path: Path) -> None:
    one = zipped({"submission.zip": zipped(GOOD)})
    two = zipped({"outer.zip": one})

    _, mallory = class_with(tmp_path / "one", one)
    _, nested = class_with(tmp_path / "two", two)

    assert mallory.problem is None
    assert mallory.entry_name == "hw.py"
    assert problem_of(nested).kind is ProblemKind.UNSAFE_ARCHIVE
    assert "an archive that lies in an archive" in problem_of(nested).detail


def test_an_archive_beside_a_notebook_stays_closed(tmp_path: Path) -> None:
    _, mallory = class_with(tmp_path, zipped({"hw.ipynb": notebook("1"), "data.zip": b"no zip"}))

    assert mallory.problem is None
    assert [str(name) for name in mallory.files] == ["data.zip"]


def test_an_unsafe_entry_in_a_class_archive_concerns_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    link = zipfile.ZipInfo("mallory/labels")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path.write_bytes(
        zipped(
            {
                "alice/hw.py": "x = 1",
                "bob/../../x.py": "",
                "carol\\hw.py": "",
                "dave.zip": zipped({"../x.py": ""}),
                "mallory/hw.py": "x = 1",
                link: "/etc/passwd",
            }
        )
    )

    alice, *others = collect([path])

    assert alice.problem is None
    assert [other.student.key for other in others] == ["bob", "carol", "dave", "mallory"]
    assert {problem_of(other).kind for other in others} == {ProblemKind.UNSAFE_ARCHIVE}


def test_an_unsafe_entry_of_nobody_in_a_class_archive_stops_the_command(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({"alice/hw.py": "x = 1", "bob/hw.py": "x = 1", "../x.py": ""}))

    with pytest.raises(UsageError, match=r"not to be told whose.*'\.\./x\.py'"):
        collect([path])


def test_names_without_a_utf8_mark_are_read_as_utf8_where_they_are(tmp_path: Path) -> None:
    marked = zipped({"zoë.py": "x = 1", "b.py": "y = 2"})
    content = bytearray(marked)
    for record, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(record)
        flags = struct.unpack_from("<H", content, at + place)[0]
        struct.pack_into("<H", content, at + place, flags & ~0x800)
    path = tmp_path / "class.zip"
    path.write_bytes(content)

    assert bytes(content) != marked
    assert [s.student.display_name for s in collect([path])] == ["b", "zoë"]


def test_no_damage_to_an_archive_ever_raises(tmp_path: Path) -> None:
    whole = zipped({"hw.py": "x = 1\n" * 50, "a/b.txt": "text"})
    folder = tmp_path / "class"
    files = {"alice.py": "x = 1"}
    for place in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[place] ^= 0x5A
        files[f"m{place}.zip"] = bytes(broken)
        files[f"t{place}.zip"] = whole[:place]

    submissions = collect([laid_out(folder, files)])

    assert len(submissions) == len(files)
    assert all(s.problem is not None for s in submissions if s.student.key.startswith("t"))
