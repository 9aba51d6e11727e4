"""Tries the walls from inside: ``python -m grader.worker.trial RESTRICTION OUTSIDE SLOT``.

Restricts itself as a worker would, then attempts what must not succeed and what must, and prints
what came of it as one JSON object.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from grader.evidence.exchange import Restriction
from grader.worker.restriction import confine, keep_to_itself


def main() -> None:
    """Restrict, attempt, tell."""
    restriction = Restriction.model_validate_json(sys.argv[1])
    outside, slot = Path(sys.argv[2]), Path(sys.argv[3])
    parent = os.getppid()
    confine(restriction)
    keep_to_itself(restriction)
    import numpy  # noqa: F401  # the interpreter's packages must be readable

    attempts: dict[str, Callable[[], object]] = {
        "a file outside can be read": outside.read_bytes,
        "a file outside can be written": lambda: outside.write_bytes(b"changed"),
        "an internet socket can be made": lambda: socket.socket(socket.AF_INET).close(),
        "a UDP socket can be made": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "a process outside can be signalled": lambda: os.kill(parent, 0),
        "the slot can be written": lambda: (slot / "trial").write_bytes(b"x"),
    }
    answers = {what: _outcome(attempt) for what, attempt in attempts.items()}
    sys.stdout.write(json.dumps(answers))


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as exc:
        return errno.errorcode.get(exc.errno or 0, "refused")
    return "done"


if __name__ == "__main__":
    main()
