"""What a process that restricted itself can no longer touch, tried for real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from restricted_child import printed_by_child

from grader.worker.landlock import ABI_SCOPES, ABI_TCP, landlock_abi

pytestmark = pytest.mark.slow


def needs(abi: int) -> None:
    offered = landlock_abi()
    if offered < abi:
        pytest.skip(f"this kernel offers Landlock ABI {offered}, the test needs {abi}")


def test_a_file_outside_is_neither_read_nor_written_and_the_slot_is_both(tmp_path: Path) -> None:
    needs(1)
    slot, outside = tmp_path / "slot", tmp_path / "labels.txt"
    slot.mkdir()
    outside.write_text("secret", encoding="utf-8")

    seen = printed_by_child(
        """
        slot, outside = Path(sys.argv[1]), Path(sys.argv[2])
        restrict_self(Rules(read_only=PYTHON, read_write=(slot,)))
        print(tried(outside.read_text))
        print(tried(outside.write_text, "changed"))
        print(tried(outside.unlink))
        print(tried(os.listdir, outside.parent))
        print(tried((slot / "own.txt").write_text, "mine"), (slot / "own.txt").read_text())
        print(tried(os.rename, slot / "own.txt", outside.parent / "moved.txt"))
        """,
        slot,
        outside,
    )

    assert seen[:4] == ["EACCES"] * 4
    assert seen[4] == "done mine"
    assert seen[5] in ("EACCES", "EXDEV")
    assert outside.read_text(encoding="utf-8") == "secret"


def test_what_may_be_read_may_not_be_written(tmp_path: Path) -> None:
    needs(1)
    given = tmp_path / "given.txt"
    given.write_text("as handed out", encoding="utf-8")

    seen = printed_by_child(
        """
        given = Path(sys.argv[1])
        restrict_self(Rules(read_only=(*PYTHON, given.parent)))
        print(given.read_text(), tried(given.write_text, "changed"))
        """,
        given,
    )

    assert seen == ["as handed out EACCES"]


def test_the_restriction_is_inherited_by_programs_that_it_starts(tmp_path: Path) -> None:
    needs(1)
    outside = tmp_path / "labels.txt"
    outside.write_text("secret", encoding="utf-8")

    seen = printed_by_child(
        """
        import subprocess
        restrict_self(Rules(read_only=PYTHON))
        done = subprocess.run(["/bin/cat", sys.argv[1]], capture_output=True, text=True)
        print(done.returncode, repr(done.stdout))
        """,
        outside,
    )

    assert seen == ["1 ''"]


def test_a_path_that_is_not_there_grants_nothing_and_stops_nothing(tmp_path: Path) -> None:
    needs(1)

    seen = printed_by_child(
        "print(restrict_self(Rules(read_only=(*PYTHON, sys.argv[1]))))", tmp_path / "nowhere"
    )

    assert seen == [str(landlock_abi())]


def test_a_signal_to_a_process_outside_is_refused_and_to_a_child_it_is_not() -> None:
    needs(ABI_SCOPES)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as outside:
        try:
            seen = printed_by_child(
                """
                import subprocess
                restrict_self(Rules(read_only=PYTHON))
                print(tried(os.kill, int(sys.argv[1]), signal.SIGTERM))
                child = subprocess.Popen(["/bin/sleep", "60"])
                print(tried(child.kill), child.wait())
                """,
                outside.pid,
            )
            assert outside.poll() is None
        finally:
            outside.kill()

    assert seen == ["EPERM", "done -9"]


def test_an_abstract_socket_outside_cannot_be_reached() -> None:
    needs(ABI_SCOPES)

    seen = printed_by_child(
        """
        listener = socket.socket(socket.AF_UNIX)
        name = f"\\0grader-test-{os.getpid()}"
        listener.bind(name)
        listener.listen(1)
        before = socket.socket(socket.AF_UNIX)
        print(tried(before.connect, name))
        if os.fork() == 0:
            restrict_self(Rules(read_only=PYTHON))
            print(tried(socket.socket(socket.AF_UNIX).connect, name), flush=True)
            os._exit(0)
        os.wait()
        """
    )

    assert sorted(seen) == ["EPERM", "done"]


def test_tcp_can_be_denied() -> None:
    needs(ABI_TCP)

    seen = printed_by_child(
        """
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        restrict_self(Rules(read_only=PYTHON, without_tcp=True))
        print(tried(socket.socket().connect, listener.getsockname()))
        print(tried(socket.socket().bind, ("127.0.0.1", 0)))
        """
    )

    assert seen == ["EACCES", "EACCES"]


def test_more_than_the_kernel_offers_is_an_error_and_not_a_weaker_wall() -> None:
    seen = printed_by_child(
        """
        try:
            restrict_self(Rules(read_only=PYTHON, least_abi=1000))
        except OSError as exc:
            print(exc.strerror)
        """
    )

    offered = landlock_abi()
    assert seen == [f"Landlock ABI 1000 is needed, this kernel offers {offered or 'none'}"]


def test_asking_for_the_version_restricts_nothing(tmp_path: Path) -> None:
    landlock_abi()

    (tmp_path / "still.txt").write_text("possible", encoding="utf-8")
    assert (tmp_path / "still.txt").read_text(encoding="utf-8") == "possible"
