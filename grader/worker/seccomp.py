"""A system-call filter that a process puts on itself and on all that it starts, for good.

It refuses what student code has no use for and what other walls do not cover: sockets beyond the
families named, looking into other processes, further namespaces and mounts, kernel interfaces with
a history of holes, and System V memory, which outlives the process that made it.

Source: Linux, ``seccomp(2)``, ``Documentation/userspace-api/seccomp_filter.rst``; call numbers from
``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from dataclasses import dataclass
from typing import Final

from grader.worker.landlock import set_no_new_privileges

UNIX_ONLY: Final = (int(socket.AF_UNIX),)
"""Where the network is shared with the machine."""
OWN_NETWORK: Final = (
    int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6), int(socket.AF_NETLINK)
)  # fmt: skip
"""Where a network namespace of its own leaves nobody to talk to but itself."""

_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_ALLOW, _FAIL, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENT_AT = 0, 4, 16
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000
"""``CLONE_NEW*`` of ``clone(2)``; time namespaces cannot be asked for there."""

_REFUSED: Final[dict[str, tuple[int, int]]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
"""Per call its number on x86_64 and on aarch64."""


@dataclass(frozen=True, slots=True)
class _Architecture:
    """What differs between the two architectures that we know.

    Attributes:
        audit: Its ``AUDIT_ARCH`` value; a call made in another mode ends the process.
        column: Of the table of refused calls.
        has_x32: Whether the numbers from ``_X32_BIT`` on are a second set of the same calls.
        others: Numbers of ``seccomp``, ``socket``, ``socketpair``, ``clone``, ``clone3``.
    """

    audit: int
    column: int
    has_x32: bool
    others: tuple[int, int, int, int, int]


_ARCHITECTURES: Final = {
    "x86_64": _Architecture(0xC000003E, 0, has_x32=True, others=(317, 41, 53, 56, 435)),
    "aarch64": _Architecture(0xC00000B7, 1, has_x32=False, others=(277, 198, 199, 220, 435)),
}


def is_known_architecture() -> bool:
    """Whether there is a filter for this machine's processor (and a 64-bit interpreter on it)."""
    return platform.machine() in _ARCHITECTURES and ctypes.sizeof(ctypes.c_void_p) == 8


def filter_program(machine: str, families: tuple[int, ...]) -> bytes:
    """Build the filter as the kernel reads it: an array of ``struct sock_filter``.

    Args:
        machine: As ``platform.machine()`` names it.
        families: Address families whose sockets may be made.

    Raises:
        OSError: There is no filter for that architecture.
    """
    architecture = _ARCHITECTURES.get(machine)
    if architecture is None:
        raise OSError(errno.ENOSYS, f"there is no system-call filter for {machine}")
    _, socket_call, socketpair_call, clone_call, clone3_call = architecture.others
    steps = [
        _step(_LOAD, _ARCH_AT),
        _step(_EQUAL, architecture.audit, yes=1),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER_AT),
    ]
    if architecture.has_x32:
        steps += [_step(_AT_LEAST, _X32_BIT, no=1), _step(_RETURN, _KILL_PROCESS)]
    for numbers in _REFUSED.values():
        steps += _refuse(numbers[architecture.column], errno.EPERM)
    # The library then falls back to clone, whose flags a filter can read.
    steps += _refuse(clone3_call, errno.ENOSYS)
    steps += [
        _step(_EQUAL, clone_call, no=4),
        _step(_LOAD, _ARGUMENT_AT),
        _step(_ANY_BIT, _NEW_NAMESPACES, yes=1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _FAIL | errno.EPERM),
    ]
    # ZeroMQ ends the process where listing interfaces fails, unless it is said to be unsupported.
    for call in (socket_call, socketpair_call):
        steps += [_step(_EQUAL, call, no=4 + 2 * len(families)), _step(_LOAD, _ARGUMENT_AT)]
        for family in families:
            steps += [_step(_EQUAL, family, no=1), _step(_RETURN, _ALLOW)]
        steps += _refuse(int(socket.AF_NETLINK), errno.EOPNOTSUPP)
        steps.append(_step(_RETURN, _FAIL | errno.EACCES))
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)


def refuse_calls(families: tuple[int, ...]) -> None:
    """Put the filter on every thread of this process and on all that it starts.

    Also sets ``no_new_privs``, without which the kernel refuses.

    Args:
        families: Address families whose sockets may be made; ``UNIX_ONLY`` or ``OWN_NETWORK``.

    Raises:
        OSError: The kernel refused, or there is no filter for this architecture; nothing may then
            be taken to be refused.
    """
    machine = platform.machine()
    program = filter_program(machine, families)
    steps = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a length, padding to a pointer, a pointer.
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    set_no_new_privileges()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    number = _ARCHITECTURES[machine].others[0]
    arguments = (ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(_ALL_THREADS), described)
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result != 0:
        code = ctypes.get_errno() if result < 0 else errno.EBUSY
        message = f"the system-call filter could not be put in force: {os.strerror(code)}"
        raise OSError(code, message)


def _refuse(number: int, code: int) -> list[bytes]:
    return [_step(_EQUAL, number, no=1), _step(_RETURN, _FAIL | code)]


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
