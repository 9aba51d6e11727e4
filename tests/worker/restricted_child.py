"""Runs a few lines in a process of their own: what they give up cannot be had back."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent

START = """
import errno, os, signal, socket, sys
from pathlib import Path
from grader.worker.landlock import Rules, restrict_self
from grader.worker.seccomp import OWN_NETWORK, UNIX_ONLY, refuse_calls

SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/dev")
PYTHON = (*SYSTEM, sys.prefix, sys.base_prefix, REPOSITORY)

def tried(function, *arguments):
    try:
        function(*arguments)
    except OSError as exc:
        return errno.errorcode[exc.errno]
    return "done"
"""


def printed_by_child(body: str, *arguments: object) -> list[str]:
    """Run lines of Python after a few imports; ``sys.argv[1:]`` are the arguments.

    Returns:
        The lines that were printed.
    """
    start = START.replace("REPOSITORY", repr(str(REPOSITORY)))
    done = subprocess.run(
        [sys.executable, "-u", "-c", start + textwrap.dedent(body), *map(str, arguments)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    return done.stdout.splitlines()
