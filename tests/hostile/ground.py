"""What lies outside a sandbox and must stay as it is: planted files, listeners, processes."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import selectors
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
LEFT = "left-by-a-submission"
"""Submissions write files of this name wherever they can."""
MARK = "PLAN" + "TED-"
"""Submissions look for this, followed by sixteen hexadecimal digits."""
PLACES = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/usr")
OURS = ("grader", "assignments", "rubrics", "reference_solutions", "tests/hostile/canary")
SHARED_MEMORY_KEY = 0x47524144
"""Submissions make System V shared memory with this key."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything outside the slot that a submission may try to reach.

    Attributes:
        root: Folder that every user may enter and write to, with planted files.
        scratch: Where the sandbox makes its folders.
        token: What nobody inside may see.
        listeners: Sockets that nobody inside may reach.
        told: What a submission is told about all this, as its ``outside.json``.
    """

    root: Path
    scratch: Path
    token: str
    listeners: tuple[socket.socket, ...]
    told: dict[str, Any]

    def look(self) -> dict[str, object]:
        """Everything that must be the same before and after a submission."""
        seen: dict[str, object] = {
            str(path): _state(path) for path in sorted(self.root.rglob("*")) if path.exists()
        }
        for name in OURS:
            for path in sorted((REPOSITORY / name).rglob("*")):
                if "__pycache__" not in path.parts:
                    status = path.lstat()
                    seen[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns)
        homes = (*PLACES, str(Path.home()), str(Path.cwd()), tempfile.gettempdir())
        seen["left"] = [
            str(path) for place in dict.fromkeys(homes) for path in _named(Path(place), LEFT)
        ]
        segments = Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()
        seen["shared memory"] = [
            line for line in segments if line.split()[0] == str(SHARED_MEMORY_KEY)
        ]
        seen["host name"] = socket.gethostname()
        seen["mounts"] = len(Path("/proc/self/mountinfo").read_text("utf-8").splitlines())
        seen["environment"] = [os.environ.get(name) for name in ("GRADER_PLANTED", "HOME", "PATH")]
        seen["listening at"] = sorted(path.name for path in self.root.glob("*.sock"))
        return seen

    def processes(self) -> list[str]:
        """Living processes that see one of the sandbox's folders, with their command lines."""
        found = []
        mine = os.getpid()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid == mine or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if self._is_of_a_run(process):
                    found.append(f"{process.pid}: {' '.join(process.cmdline())[:200]}")
        return found

    def _is_of_a_run(self, process: psutil.Process) -> bool:
        folder = Path("/proc", str(process.pid))
        try:
            mounts = (folder / "mountinfo").read_text(encoding="utf-8", errors="replace")
            command = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
            return self.scratch.name in mounts or self.scratch.name in command
        except PermissionError:
            # Not ours to look into: as an ordinary user, what hides belongs to a sandbox of ours.
            return process.uids().real == os.getuid() != 0

    def heard(self) -> list[str]:
        """Connections and messages that reached a listener since the last call."""
        found = []
        with selectors.DefaultSelector() as selector:
            for listener in self.listeners:
                selector.register(listener, selectors.EVENT_READ)
            for key, _ in selector.select(timeout=0):
                listener = key.fileobj
                assert isinstance(listener, socket.socket)
                if listener.type == socket.SOCK_STREAM:
                    connection, peer = listener.accept()
                    connection.close()
                    found.append(f"{listener.getsockname()!r}: connected from {peer!r}")
                else:
                    content = listener.recv(1 << 16)
                    found.append(f"{listener.getsockname()!r}: {content[:80]!r}")
        return found

    def leaked_into(self, folder: Path) -> list[str]:
        """Files below a folder that hold the token, in whatever spelling."""
        token = self.token.encode()
        spelled = (token, token[::-1], token.hex().encode(), base64.b64encode(token).rstrip(b"="))
        return [
            str(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and any(each in path.read_bytes() for each in spelled)
        ]


@contextmanager
def prepared_ground() -> Iterator[Ground]:
    """Plant what must not be seen, listen where nobody must call; undo it all at the end."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ground-")))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="runs-")))
        for folder in (root, scratch):
            folder.chmod(0o777)
        token = MARK + secrets.token_hex(8)
        victim = root / "another-student"
        victim.mkdir()
        victim.chmod(0o777)
        for path in (root / "secret", root / "labels.csv", victim / "work.py"):
            path.write_text(f"{token}\n", encoding="utf-8")
            path.chmod(0o666)
        listeners, told = _listeners(root)
        for listener in listeners:
            stack.enter_context(contextlib.closing(listener))
        told |= {
            "pid": os.getpid(),
            "files": [str(root / "secret"), str(root / "labels.csv"), str(victim / "work.py")],
            "folders": [str(root), str(victim), str(REPOSITORY), str(Path.home())],
            "mark": [MARK[:4], MARK[4:]],
            "left": LEFT,
            "shared_memory_key": SHARED_MEMORY_KEY,
        }
        before = os.environ.get("GRADER_PLANTED"), tempfile.tempdir
        os.environ["GRADER_PLANTED"] = token
        tempfile.tempdir = str(scratch)
        try:
            yield Ground(root, scratch, token, listeners, told)
        finally:
            tempfile.tempdir = before[1]
            del os.environ["GRADER_PLANTED"]


def _listeners(root: Path) -> tuple[tuple[socket.socket, ...], dict[str, Any]]:
    """Listen on TCP, UDP, unix and abstract addresses; loopback and every other interface."""
    tcp = socket.create_server(("0.0.0.0", 0))  # noqa: S104  # a sandbox must reach none of them
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("0.0.0.0", 0))  # noqa: S104  # as above
    unix, datagrams = (
        _unix(str(root / "stream.sock")),
        _unix(str(root / "datagrams.sock"), udp=True),
    )
    abstract_name = f"\0grader-ground-{os.getpid()}"
    abstract = _unix(abstract_name)
    (root / "stream.sock").chmod(0o777)
    (root / "datagrams.sock").chmod(0o777)
    listeners = [tcp, udp, unix, datagrams, abstract]
    for listener in listeners:
        listener.setblocking(False)
    told = {
        "tcp": tcp.getsockname()[1],
        "udp": udp.getsockname()[1],
        "addresses": ["127.0.0.1", *_own_addresses()],
        "unix": str(root / "stream.sock"),
        "unix_datagrams": str(root / "datagrams.sock"),
        "abstract": abstract_name.removeprefix("\0"),
    }
    return tuple(listeners), told


def _unix(address: str, *, udp: bool = False) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    listener.bind(address)
    if not udp:
        listener.listen()
    return listener


def _own_addresses() -> list[str]:
    addresses = (each for group in psutil.net_if_addrs().values() for each in group)
    return sorted({each.address for each in addresses if each.family == socket.AF_INET})


def _state(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    kept = (status.st_mode, status.st_uid, status.st_nlink, status.st_size, status.st_mtime_ns)
    return (*kept, hashlib.sha256(content).hexdigest())


def _named(folder: Path, name: str) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.startswith(name)]
    except OSError:
        return []
