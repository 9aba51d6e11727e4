"""Students and attempts, from folders, files and archives on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from handed_in import code, laid_out, notebook, sources, zipped

from grader.errors import CourseError, UsageError
from grader.intake import EntryKind, ProblemKind, Submission, collect, locate, missing_students

WORK = notebook("x = 1")


def keys(submissions: tuple[Submission, ...]) -> list[str]:
    return [submission.student.key for submission in submissions]


def only(submissions: tuple[Submission, ...]) -> Submission:
    assert len(submissions) == 1
    return submissions[0]


def test_a_class_folder_holds_folders_files_and_archives(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "dora/hw.ipynb": WORK,
            "dora/helpers.py": "y = 2",
            "dora/weights/model.npz": b"\0\1",
            "alice.ipynb": WORK,
            "bob.py": "x = 1\n",
            "carol.zip": zipped({"hw.ipynb": WORK, "data.csv": "1,2"}),
            "roster.csv": "key",
            "expected.json": "{}",
        },
    )

    submissions = collect([folder])

    assert keys(submissions) == ["alice", "bob", "carol", "dora"]
    assert all(submission.problem is None for submission in submissions)
    alice, bob, carol, dora = submissions
    assert (alice.entry_name, alice.entry_kind) == ("alice.ipynb", EntryKind.NOTEBOOK)
    assert (bob.entry_name, bob.entry_kind) == ("bob.py", EntryKind.MODULE)
    assert sources(bob.notebook) == ["x = 1\n"]
    assert carol.files == {PurePosixPath("data.csv"): b"1,2"}
    assert set(dora.files) == {PurePosixPath("helpers.py"), PurePosixPath("weights/model.npz")}
    assert (dora.source, dora.attempt, dora.attempts) == ("class/dora", 1, 1)


@pytest.mark.parametrize("wrapping", ["", "download/"])
def test_a_class_archive_is_read_like_a_class_folder(tmp_path: Path, wrapping: str) -> None:
    entries = {
        "dora/hw.ipynb": WORK,
        "alice.ipynb": WORK,
        "carol.zip": zipped({"carol/hw.py": "x = 1"}),
        "__MACOSX/dora/._hw.ipynb": b"\0",
        "erin/": "",
    }
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({wrapping + name: content for name, content in entries.items()}))

    submissions = collect([path])

    assert keys(submissions) == ["alice", "carol", "dora", "erin"]
    problems = [submission.problem for submission in submissions]
    assert problems[:3] == [None, None, None]
    assert problems[3] is not None
    assert problems[3].kind is ProblemKind.EMPTY


@pytest.mark.parametrize("name", ["alice.ipynb", "alice.py", "alice.zip", "alice"])
def test_one_student_may_be_a_file_an_archive_or_a_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix:
        path.write_bytes(zipped({"hw.py": "x = 1"}) if path.suffix == ".zip" else WORK.encode())
    else:
        laid_out(path, {"hw.ipynb": notebook("import helpers"), "helpers.py": "", "w.npz": b"1"})

    submission = only(collect([path]))

    assert submission.student.key == "alice"
    assert submission.problem is None


def test_a_wrapping_folder_in_a_students_archive_changes_nothing(tmp_path: Path) -> None:
    flat = {"hw.ipynb": WORK, "sub/helpers.py": "y = 2"}
    folder = laid_out(
        tmp_path / "class",
        {
            "a.zip": zipped(flat),
            "b.zip": zipped({f"hw1/{name}": content for name, content in flat.items()}),
            **{f"c/{name}": content for name, content in reversed(flat.items())},
        },
    )

    a, b, c = collect([folder])

    assert a.files == b.files == c.files
    assert a.sha256 == b.sha256 == c.sha256
    assert len(a.sha256) == 64


def test_the_digest_changes_with_content_and_with_names(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "a/hw.py": "x = 1",
            "a/b.txt": "1",
            "b/hw.py": "x = 2",
            "b/b.txt": "1",
            "c/hw.py": "x = 1",
            "c/c.txt": "1",
        },
    )

    assert len({submission.sha256 for submission in collect([folder])}) == 3


def test_a_helper_beside_flat_files_goes_to_those_who_import_it(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "alice.ipynb": notebook("import os\nfrom helpers import f"),
            "bob.ipynb": WORK,
            "helpers.py": "def f(): ...",
        },
    )

    alice, bob = collect([folder])

    assert set(alice.files) == {PurePosixPath("helpers.py")}
    assert alice.notes == ("'helpers.py' beside it was taken as its helper",)
    assert not bob.files


def test_two_flat_files_that_do_not_know_each_other_are_two_students(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"alice.ipynb": WORK, "bob.py": "x = 1"})

    assert keys(collect([folder])) == ["alice", "bob"]


def test_a_folder_with_a_package_and_an_archive_of_data_is_one_hand_in(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "alice",
        {
            "main.py": "from net import layers",
            "net/__init__.py": "",
            "net/layers.py": "",
            "images.zip": zipped({"1.png": b"\x89"}),
        },
    )

    submission = only(collect([folder]))

    assert (submission.student.key, submission.entry_name) == ("alice", "main.py")
    assert len(submission.files) == 3


def test_litter_is_ignored(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "alice/hw.ipynb": WORK,
            "alice/.ipynb_checkpoints/hw-checkpoint.ipynb": WORK,
            "alice/__pycache__/x.py": "",
            "alice/.DS_Store": "",
            "alice/Thumbs.db": "",
            "bob.py": "x = 1",
            "__MACOSX/alice/hw.ipynb": WORK,
            ".git/hooks/x.py": "",
        },
    )

    alice, bob = collect([folder])

    assert alice.problem is None
    assert not alice.files
    assert bob.problem is None


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("token = 1")
    folder = laid_out(tmp_path / "class", {"alice/hw.ipynb": WORK, "carol.py": "x = 1"})
    (folder / "alice" / "link.py").symlink_to(secret)
    (folder / "bob.py").symlink_to(secret)
    (folder / "carl.zip").symlink_to(secret)
    (folder / "dave").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "alice" / "pipe")

    alice, bob, carl, _, dave = collect([folder])

    assert not alice.files
    assert alice.notes == (
        "left out 'link.py': a symbolic link, which is not followed",
        "left out 'pipe': not a regular file",
    )
    for submission in (bob, carl, dave):
        assert submission.problem is not None
        assert submission.problem.kind is ProblemKind.NO_ENTRY
        assert "symbolic link" in submission.problem.detail


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"dave/": ""}, ProblemKind.EMPTY),
        ({"dave/.DS_Store": "", "dave/sub/": ""}, ProblemKind.EMPTY),
        ({"dave/hw.ipynb": ""}, ProblemKind.EMPTY),
        ({"dave.py": " \n\t\n"}, ProblemKind.EMPTY),
        ({"dave.zip": b""}, ProblemKind.EMPTY),
        ({"dave.zip": zipped({})}, ProblemKind.EMPTY),
        ({"dave/hw.py": "\ufeff\n"}, ProblemKind.EMPTY),
        ({"dave.ipynb": notebook()}, ProblemKind.EMPTY),
        ({"dave.ipynb": notebook("", " \n")}, ProblemKind.EMPTY),
        ({"dave/report.pdf": "%PDF"}, ProblemKind.NO_ENTRY),
        ({"dave/a.ipynb": WORK, "dave/b.ipynb": WORK}, ProblemKind.SEVERAL_ENTRIES),
        ({"dave/a.py": "x = 1", "dave/b.py": "x = 2"}, ProblemKind.SEVERAL_ENTRIES),
        ({"dave.zip": b"no archive"}, ProblemKind.UNREADABLE),
        ({"dave.ipynb": b"\x89PNG\0\0"}, ProblemKind.UNREADABLE),
        ({"dave.ipynb": WORK[:-9]}, ProblemKind.BROKEN_JSON),
    ],
)
def test_what_is_wrong_with_one_student_is_a_problem_of_that_one(
    tmp_path: Path, files: dict[str, str | bytes], kind: ProblemKind
) -> None:
    folder = laid_out(tmp_path / "class", {"alice.ipynb": WORK, "bob.py": "x = 1", **files})

    alice, bob, dave = collect([folder])

    assert alice.problem is None
    assert bob.problem is None
    assert dave.problem is not None
    assert dave.problem.kind is kind
    assert dave.problem.kind.needs_review is (kind is not ProblemKind.EMPTY)
    assert dave.notebook == ""
    assert str(tmp_path) not in dave.problem.detail


@pytest.mark.parametrize("size", [50, 51])
def test_a_file_may_have_fifty_mebibytes(tmp_path: Path, size: int) -> None:
    folder = laid_out(tmp_path / "alice", {"hw.py": "x = 1"})
    with (folder / "weights.bin").open("wb") as stream:
        stream.truncate(size * 1024 * 1024)

    problem = only(collect([folder])).problem

    assert (problem is None) is (size == 50)
    if problem is not None:
        assert problem.kind is ProblemKind.TOO_LARGE
        assert problem.detail == "The file 'weights.bin' is larger than 50 MiB."


def test_all_files_together_may_have_two_hundred_mebibytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.intake.material.MAX_TOTAL_BYTES", 2 * 1024 * 1024)
    files = {f"{n}.bin": bytes(1024 * 1024) for n in range(2)}
    folder = laid_out(tmp_path / "alice", {"hw.py": "x = 1", **files})

    problem = only(collect([folder])).problem

    assert problem is not None
    assert problem.kind is ProblemKind.TOO_LARGE
    assert problem.detail == "All files together are larger than 2 MiB."


def test_more_than_two_thousand_files_are_too_many(tmp_path: Path) -> None:
    path = tmp_path / "alice.zip"
    path.write_bytes(zipped({"hw.py": "x = 1", **{f"{n}.txt": "" for n in range(2000)}}))

    problem = only(collect([path])).problem

    assert problem is not None
    assert problem.kind is ProblemKind.TOO_LARGE
    assert "2,001 files" in problem.detail


def test_attempts_are_ordered_naturally_by_their_marker(tmp_path: Path) -> None:
    names = ["alice_attempt_10", "alice-attempt-9", "alice", "Alice Attempt 2"]
    folder = laid_out(
        tmp_path / "class", {f"{name}.ipynb": notebook(f"x = {name!r}") for name in names[:3]}
    )

    submissions = collect([folder])

    assert keys(submissions) == ["alice"] * 3
    assert [(s.attempt, s.attempts) for s in submissions] == [(1, 3), (2, 3), (3, 3)]
    assert [sources(s.notebook) for s in submissions] == [
        ["x = 'alice'"],
        ["x = 'alice-attempt-9'"],
        ["x = 'alice_attempt_10'"],
    ]


def test_attempts_may_be_named_by_their_time(tmp_path: Path) -> None:
    times = ["2026-01-30-15-00-00", "2026-01-30-9-59-00", "2025-12-31-23-00-00"]
    folder = laid_out(
        tmp_path / "class", {f"bob_attempt_{time}.py": f"at = {time!r}" for time in times}
    )

    submissions = collect([folder])

    assert [sources(s.notebook) for s in submissions] == [
        [f"at = {time!r}"] for time in reversed(times)
    ]


@pytest.mark.parametrize("archived", [False, True])
def test_attempts_may_be_folders_of_a_student(tmp_path: Path, archived: bool) -> None:
    files = {
        "attempt-2/hw.py": "x = 2",
        "attempt-10/hw.py": "x = 10",
        "attempt-10/helpers.txt": "h",
        "attempt-1.zip": zipped({"hw.py": "x = 1"}),
    }
    if archived:
        folder = laid_out(
            tmp_path / "class",
            {"alice.zip": zipped({f"alice/{n}": c for n, c in files.items()}), "bob/": ""},
        )
    else:
        folder = laid_out(tmp_path / "alice", files)

    submissions = [s for s in collect([folder]) if s.student.key == "alice"]

    assert [(s.attempt, s.attempts) for s in submissions] == [(1, 3), (2, 3), (3, 3)]
    assert [sources(s.notebook) for s in submissions] == [["x = 1"], ["x = 2"], ["x = 10"]]
    assert submissions[2].files == {PurePosixPath("helpers.txt"): b"h"}
    assert submissions[1].source.endswith("/attempt-2")


def test_the_same_student_in_several_paths_made_several_attempts(tmp_path: Path) -> None:
    late = laid_out(tmp_path / "late", {"alice.py": "x = 2", "bob.py": "x = 1"})
    early = laid_out(tmp_path / "early", {"alice.py": "x = 1", "carol.py": "x = 1"})

    submissions = collect([early, late, early])

    assert keys(submissions) == ["alice", "alice", "bob", "carol"]
    assert [s.source for s in submissions[:2]] == ["early/alice.py", "late/alice.py"]
    assert [s.attempt for s in submissions] == [1, 2, 1, 1]


def test_names_that_only_look_alike_stay_two_students(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"Ana Díaz.py": "x = 1", "ana diaz.py": "x = 2"})

    first, second = collect([folder])

    assert first.student.key != second.student.key
    assert {first.student.display_name, second.student.display_name} == {"Ana Díaz", "ana diaz"}
    assert first.attempts == second.attempts == 1
    assert "also fits another name" in first.notes[0]


def test_nothing_at_all_is_an_error_of_use(tmp_path: Path) -> None:
    empty = laid_out(tmp_path / "empty", {"readme.txt": "hello"})
    other = laid_out(tmp_path, {"work.docx": "x"}) / "work.docx"
    broken = laid_out(tmp_path, {"class.zip": "no archive"}) / "class.zip"

    for path, message in [
        (tmp_path / "missing", "no such file"),
        (empty, "nothing to grade"),
        (other, "neither a folder nor"),
        (broken, "not a zip archive"),
    ]:
        with pytest.raises(UsageError, match=message):
            collect([path])


def test_the_roster_gives_key_and_name_and_tells_who_is_missing(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "MUELLER_ANA.py": "x = 1",
            "bob@uni.example.py": "x = 1",
            "s-003/hw.py": "x = 1",
            "guest.py": "x = 1",
        },
    )
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "key,display_name,email\n"
        "s001,Mueller Ana,ana@uni.example\n"
        "s002,Bob Ray,Bob@uni.example\n"
        "s003,Chi Wu,\n"
        "s004,Dee Doe,\n",
        encoding="utf-8-sig",
    )

    submissions = collect([folder], roster=roster)

    assert keys(submissions) == ["guest", "s001", "s002", "s003"]
    assert submissions[1].student.display_name == "Mueller Ana"
    assert submissions[1].student.email == "ana@uni.example"
    assert submissions[0].notes == ("the name 'guest' is not in the roster",)
    assert [s.key for s in missing_students(roster, submissions)] == ["s004"]


def test_a_stranger_never_gets_a_key_of_the_roster(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"bøb.py": "x = 1", "ann.py": "x = 1"})
    roster = laid_out(tmp_path, {"r.csv": "key,name\nbob,Bob\nann,Ann\n"}) / "r.csv"

    ann, stranger = collect([folder], roster=roster)

    assert ann.student.key == "ann"
    assert stranger.student.key.startswith("bob-")


def test_the_roster_tells_a_class_of_one_from_a_students_folder(tmp_path: Path) -> None:
    roster = laid_out(tmp_path, {"r.csv": "key,name\nalice,Alice\n"}) / "r.csv"
    files = {"alice.py": "x = 1"}

    in_class = collect([laid_out(tmp_path / "downloads", files)], roster=roster)
    own = collect([laid_out(tmp_path / "alice", {"hw/hw.py": "x = 1"})], roster=roster)
    unknown = collect([laid_out(tmp_path / "somebody", files)])

    assert keys(in_class) == keys(own) == ["alice"]
    assert keys(unknown) == ["somebody"]


def test_a_bad_roster_is_an_error_of_the_course(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"alice.py": "x = 1", "bob.py": ""})

    with pytest.raises(CourseError, match="cannot be read"):
        collect([folder], roster=tmp_path / "missing.csv")


def test_an_otter_export_is_a_students_archive(tmp_path: Path) -> None:
    path = tmp_path / "hw_2026_01_30T15_00_00_123456.zip"
    path.write_bytes(
        zipped(
            {
                "hw.ipynb": notebook("x = 1", metadata={"otter": {"tests": {"q1": "secret"}}}),
                ".OTTER_LOG": b"\x80\x04dill",
                "__zip_filename__": "hw.zip",
                "hw.pdf": b"%PDF",
            }
        )
    )

    submission = only(collect([path]))

    assert submission.problem is None
    assert submission.entry_name == "hw.ipynb"
    assert {str(name) for name in submission.files} == {"__zip_filename__", "hw.pdf"}
    assert "otter" not in submission.notebook


def test_the_assignments_pattern_chooses_between_notebooks(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"a/q1_a.ipynb": WORK, "a/q2.ipynb": WORK, "b/x.py": "1"})

    a, b = collect([folder], entry_glob="q1*.ipynb")

    assert a.entry_name == "q1_a.ipynb"
    assert set(a.files) == {PurePosixPath("q2.ipynb")}
    assert b.entry_name == "x.py"


def test_every_notebook_is_valid_and_made_of_the_same_bytes_twice(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "class",
        {
            "alice.ipynb": notebook(
                {"cell_type": "markdown", "source": ["# T\n", "x"], "attachments": {"a": {}}},
                code(["a = 1\n", "a"], outputs=[{"junk": 1}], execution_count=7, id="!"),
                metadata={"widgets": {"state": "big"}},
            ),
            "bob.py": "# %% [markdown]\n# Title\n\n# %% one tags=['t']\nx = 1\n",
        },
    )

    first, second = collect([folder]), collect([folder])

    assert first == second
    for submission in first:
        nbformat.validate(json.loads(submission.notebook))
    assert sources(first[0].notebook) == ["a = 1\na"]
    assert not any(word in first[0].notebook for word in ("junk", "widgets", "attachments"))
    assert "tags" not in first[1].notebook


def test_the_current_folder_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(tmp_path / "alice", {"hw.py": "x = 1", "notes/plan.txt": "p"})
    monkeypatch.chdir(tmp_path / "alice")

    here, up = only(collect([Path()])), only(collect([Path("..")]))

    assert here.student.key == up.student.key == "alice"
    assert here.sha256 == up.sha256


def test_what_changed_since_it_was_found_is_a_problem(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "class", {"alice.py": "x = 1\n", "bob.py": "x = 2\n"})

    with locate([folder]) as (alice, bob):
        (folder / "alice.py").write_text("x = 3\n", encoding="utf-8")
        (folder / "bob.py").unlink()
        changed, gone = alice.read(), bob.read()

    for found, read in ((alice, changed), (bob, gone)):
        assert read.problem is not None
        assert read.problem.kind is ProblemKind.UNREADABLE
        assert "changed on disk" in read.problem.detail
        assert (read.student, read.sha256, read.notebook) == (found.student, found.sha256, "")


def test_an_archive_of_a_class_is_read_for_as_long_as_it_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    inner = zipped({"attempt-1/a.py": "x = 1\n", "attempt-2/a.py": "x = 2\n"})
    path.write_bytes(zipped({"alice.zip": inner, "bob/hw.py": "y = 1\n"}))

    with locate([path]) as located:
        again = [(each.read().sha256, each.read().attempt) for each in located]

    assert again == [(each.sha256, each.attempt) for each in located]
    assert [each.student.key for each in located] == ["alice", "alice", "bob"]
