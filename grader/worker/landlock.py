"""Landlock: a process gives up, for good, what it may touch; no privilege is needed.

Source: Linux, ``Documentation/userspace-api/landlock.rst``; ``include/uapi/linux/landlock.h``.

What a caller must know: TensorFlow hangs silently where its own ``/proc`` entry is hidden, ``!cmd``
in a notebook needs ``/dev/ptmx`` and ``/dev/pts``, data loaders need ``/dev/shm``. The restriction
is that of the calling thread and of all that it starts later, so it is set before any other thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The numbers are the same on every architecture. Source: ``asm-generic/unistd.h``."""
_ASK_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
ABI_TRUNCATE, ABI_TCP, ABI_IOCTL, ABI_SCOPES = 3, 4, 5, 6
"""First versions that know these; Linux 6.2, 6.7, 6.10, 6.12."""


class Access(IntFlag):
    """What may be done to a file or below a folder."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


_READ = Access.EXECUTE | Access.READ_FILE | Access.READ_DIR
_WRITE = (
    _READ | Access.WRITE_FILE | Access.REMOVE_DIR | Access.REMOVE_FILE | Access.MAKE_DIR
    | Access.MAKE_REG | Access.MAKE_SOCK | Access.MAKE_FIFO | Access.MAKE_SYM | Access.REFER
    | Access.TRUNCATE | Access.IOCTL_DEV
)  # fmt: skip
_OF_FILES = (
    Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
)
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left to a process; everything that is not named is refused with ``EACCES``.

    Attributes:
        read_only: Files and folders to read and execute; one that is not there grants nothing.
        read_write: Files and folders to read, execute, write, make and remove in.
        listed: Folders whose names may be read, at any depth, but no content.
        keeps_to_itself: Whether signals and abstract unix sockets reach only processes under the
            same or further restrictions (ABI 6).
        without_tcp: Whether TCP may be neither bound nor connected (ABI 4); UDP is not covered.
        least_abi: Fail where the kernel offers less; what it does not know is left out otherwise.
    """

    read_only: tuple[str | Path, ...]
    read_write: tuple[str | Path, ...] = ()
    listed: tuple[str | Path, ...] = ()
    keeps_to_itself: bool = True
    without_tcp: bool = False
    least_abi: int = 1


def landlock_abi() -> int:
    """Version of Landlock that the running kernel offers; 0 where there is none or it is off."""
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    except OSError:
        return 0


def restrict_self(rules: Rules) -> int:
    """Give up everything but what the rules name, for this thread and all that it starts.

    Also sets ``no_new_privs``, without which the kernel refuses.

    Args:
        rules: What is left.

    Returns:
        The version of Landlock in force.

    Raises:
        OSError: The kernel refused, or offers less than the rules ask for; nothing may then be
            taken to be restricted.
    """
    abi = landlock_abi()
    if abi < max(rules.least_abi, 1):
        message = f"Landlock ABI {rules.least_abi} is needed, this kernel offers {abi or 'none'}"
        raise OSError(errno.EOPNOTSUPP, message)
    handled = _handled(abi)
    with _ruleset(rules, abi, handled) as ruleset:
        for paths, access in (
            (rules.read_only, _READ),
            (rules.read_write, _WRITE),
            (rules.listed, Access.READ_DIR),
        ):
            for path in paths:
                _allow(ruleset, path, access & handled)
        set_no_new_privileges()
        with _named("Landlock could not be put in force"):
            _syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    return abi


def set_no_new_privileges() -> None:
    """Make sure that no program started from here on gains rights by being started.

    Raises:
        OSError: The kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl(PR_SET_NO_NEW_PRIVS) failed: {os.strerror(number)}")


def _handled(abi: int) -> Access:
    handled = Access((1 << 13) - 1)
    for least, access in (
        (2, Access.REFER),
        (ABI_TRUNCATE, Access.TRUNCATE),
        (ABI_IOCTL, Access.IOCTL_DEV),
    ):
        if abi >= least:
            handled |= access
    return handled


@contextlib.contextmanager
def _ruleset(rules: Rules, abi: int, handled: Access) -> Iterator[int]:
    tcp = _BIND_AND_CONNECT_TCP if rules.without_tcp else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if rules.keeps_to_itself else 0
    fields = [int(handled)]
    if abi >= ABI_TCP:
        fields.append(tcp)
    if abi >= ABI_SCOPES:
        fields.append(scopes)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    with _named("Landlock made no ruleset"):
        descriptor = _syscall(
            _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)
        )
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: str | Path, access: Access) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_FILES
        if not access:
            return
        rule = struct.pack("=Qi", int(access), descriptor)
        with _named(f"Landlock took no rule for {path}"):
            _syscall(
                _ADD_RULE,
                ctypes.c_int(ruleset),
                ctypes.c_int(_PATH_BENEATH),
                rule,
                ctypes.c_uint32(0),
            )
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise OSError(exc.errno, f"{what}: {exc.strerror}") from exc


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
