"""The level ``container``: docker or podman, with the interpreter of this machine mounted.

The image holds nothing but empty folders and links: it is made here, by ``import``, from an archive
of a few hundred bytes, so that nothing is ever downloaded. What the container shows is the same as
under bubblewrap.

Source: ``docker run``, ``docker import`` and ``podman run`` reference, versions 28 and 5.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from grader.evidence import Limits
from grader.sandbox.bwrap import FIRST_UID, HOME, LIBRARY, TMPFS_MIB, UIDS, VIEW
from grader.sandbox.roots import VISIBLE_PARTS, Roots
from grader.sandbox.scratch import Scratch

ENGINES = ("podman", "docker")
"""Podman first: it needs no service and no rights of an administrator."""
ASK_TIMEOUT_S = 30.0
MEMORY_SLACK_MIB = 64
"""The supervisor strikes first and names the limit; the engine's is the second line."""


@dataclass(frozen=True, slots=True)
class ContainerVariant:
    """Which engine runs containers here.

    Attributes:
        engine: ``docker`` or ``podman``.
        program: Its path.
        as_root: Whether we are root: then the worker gets a user id of its own.
        image: Of nothing but folders and links; see :func:`image_archive`.
    """

    engine: str
    program: str
    as_root: bool
    image: str

    def uid(self, slot: int) -> int | None:
        """User id of the worker in a slot; ``None`` where it runs as our own user."""
        return FIRST_UID + slot % UIDS if self.as_root else None


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started, by name; see ``supervise.py`` for what is done with it."""

    program: str
    name: str

    def pid(self) -> int | None:
        """Process id of its first process, seen from here; ``None`` while there is none."""
        asked = [self.program, "inspect", "--format", "{{.State.Pid}}", self.name]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired, ValueError):
            done = subprocess.run(
                asked, capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=False
            )
            return int(done.stdout) or None if done.returncode == 0 else None
        return None

    def remove(self) -> None:
        """Kill everything in it and take it away; nothing happens where it is gone already."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                [self.program, "rm", "--force", self.name],
                capture_output=True,
                timeout=ASK_TIMEOUT_S,
                check=False,
            )


def variants(roots: Roots) -> tuple[ContainerVariant, ...]:
    """Engines that are installed here, whether they work or not."""
    digest = hashlib.sha256(image_archive(roots)).hexdigest()[:12]
    found = [(engine, shutil.which(engine)) for engine in ENGINES]
    return tuple(
        ContainerVariant(
            engine=engine,
            program=program,
            as_root=os.geteuid() == 0,
            image=f"localhost/classification-grader:{digest}",
        )
        for engine, program in found
        if program is not None
    )


def image_archive(roots: Roots) -> bytes:
    """Build the image: empty folders to mount on, and the links of this machine's root folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("usr", "etc", "tmp", "proc", "dev", "sys"):
            archive.addfile(_folder(name))
        for name in ("bin", "sbin", "lib", "lib32", "lib64"):
            path = Path("/", name)
            if path.is_symlink():
                archive.addfile(_link(name, f"usr/{name}"))
            elif path.is_dir():
                archive.addfile(_folder(name))
        for link, target in roots.links:
            archive.addfile(_link(str(link).lstrip("/"), target))
    return buffer.getvalue()


def make_image(variant: ContainerVariant, roots: Roots) -> str:
    """Make the image where it is missing.

    Returns:
        What the engine complained about; empty if the image is there.
    """
    try:
        asked = [variant.program, "image", "inspect", variant.image]
        seen = subprocess.run(asked, capture_output=True, timeout=ASK_TIMEOUT_S, check=False)
        if seen.returncode == 0:
            return ""
        made = subprocess.run(
            [variant.program, "import", "-", variant.image],
            input=image_archive(roots),
            capture_output=True,
            timeout=ASK_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return str(exc)
    lines = made.stderr.decode(errors="replace").strip().splitlines()
    return "" if made.returncode == 0 else (lines or [f"exit status {made.returncode}"])[-1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One container, as it is to be.

    Attributes:
        name: By which it is found again.
        slot: Number of the worker slot.
        scratch: Folders of the run; ``None`` for a trial without any.
        limits: What the engine enforces beside the supervisor.
        environment: All of the environment inside.
    """

    name: str
    slot: int
    scratch: Scratch | None
    limits: Limits
    environment: dict[str, str]


def command(
    variant: ContainerVariant, inner: list[str], *, roots: Roots, wanted: Wanted
) -> list[str]:
    """Build the command line that runs ``inner`` in a container of its own."""
    limits = wanted.limits
    memory = f"{limits.memory_mib + MEMORY_SLACK_MIB}m"
    argv = [variant.program, "run", "--rm", "--interactive", "--pull", "never"]
    argv += ["--name", wanted.name, "--hostname", "grader", "--network", "none", "--read-only"]
    argv += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ipc", "private"]
    argv += ["--memory", memory, "--memory-swap", memory, "--pids-limit", str(limits.processes)]
    argv += ["--ulimit", "core=0", "--ulimit", f"fsize={limits.file_mib << 20}"]
    argv += ["--user", _user(variant, wanted.slot)]
    if variant.engine == "podman" and not variant.as_root:
        argv += ["--userns", "keep-id"]
    argv += ["--shm-size", f"{TMPFS_MIB}m"]
    for folder in ("/tmp", HOME):  # noqa: S108  # inside, each is the run's own
        argv += ["--tmpfs", f"{folder}:rw,nosuid,nodev,mode=1777,size={TMPFS_MIB}m"]
    for source, target in _shown(roots):
        argv += ["--mount", f"type=bind,source={source},target={target},readonly"]
    for masked in roots.masked:
        argv += ["--mount", f"type=tmpfs,target={masked},tmpfs-size=1m,tmpfs-mode=0755"]
    if wanted.scratch is not None:
        given, slot = wanted.scratch.given, wanted.scratch.slot
        argv += ["--mount", f"type=bind,source={given},target={VIEW.given},readonly"]
        argv += ["--mount", f"type=bind,source={slot},target=/slot", "--workdir", VIEW.work]
    for name, value in wanted.environment.items():
        argv += ["--env", f"{name}={value}"]
    return [*argv, variant.image, *inner]


def _user(variant: ContainerVariant, slot: int) -> str:
    uid = variant.uid(slot)
    return f"{uid}:{uid}" if uid is not None else f"{os.getuid()}:{os.getgid()}"


def _shown(roots: Roots) -> list[tuple[Path, str]]:
    shown = [(Path("/usr"), "/usr")]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_dir() and not path.is_symlink():
            shown.append((path, str(path)))
    for name in ("ld.so.cache", "alternatives", "fonts", "localtime"):
        path = Path("/etc", name)
        if path.exists():
            shown.append((path.resolve(), str(path)))
    shown += [(root, str(root)) for root in roots.read_only]
    shown += [(roots.package / part, f"{LIBRARY}/grader/{part}") for part in VISIBLE_PARTS]
    return shown


def _folder(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    return member


def _link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member
