"""The student's process: an IPython kernel with the recorder installed before any student code.

Started as ``python -m grader.worker.kernel REQUEST -f CONNECTION_FILE``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp

from grader.evidence.exchange import Request
from grader.worker import inside
from grader.worker.notices import IGNORED_MARK
from grader.worker.output_pipe import collect_over_unix_socket
from grader.worker.restriction import keep_to_itself

_IGNORED = re.compile(
    r"^\s*(?:sudo\s+)?(?:\S*python\S*\s+-m\s+)?"
    r"(?:pip3?|conda|mamba|uv|apt|apt-get|wget|curl|git|gdown|kaggle|npm|jupyter)\b"
)
_IGNORED_MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")


def main() -> None:
    """Install the recorder, then serve the kernel until the driver ends."""
    request = Request.model_validate_json(Path(sys.argv[1]).read_bytes())
    keep_to_itself(request.restriction)
    inside.install(request)
    serve(request, sys.argv[2:])


def serve(request: Request, arguments: list[str]) -> None:
    """Serve the kernel until the driver ends; the recorder has been installed.

    Args:
        request: What is run.
        arguments: Of the kernel: ``-f CONNECTION_FILE``.
    """
    if request.restriction.sockets == "unix":
        collect_over_unix_socket(str(Path(arguments[-1]).parent))
    app: Any = IPKernelApp.instance()
    app.initialize([*arguments, "--HistoryManager.enabled=False"])
    shell = app.shell
    inside.attach(shell.user_ns)
    _seed_before_first_cell(shell)
    if request.entry_kind == "module":
        shell.user_ns["__file__"] = str(Path(request.work) / request.entry_name)
    # Ours first, then the submission, then the rest: as if a script there had been started.
    library = os.environ.get("PYTHONPATH")
    sys.path.insert(1 if sys.path[:1] == [library] else 0, request.work)
    _leave_out_commands(shell)
    sys.argv = [request.entry_name]
    app.start()


def _seed_before_first_cell(shell: Any) -> None:  # noqa: ANN401  # IPython ships no types
    def seed(*_: object) -> None:
        shell.events.unregister("pre_run_cell", seed)
        inside.seed()

    shell.events.register("pre_run_cell", seed)


def _leave_out_commands(shell: Any) -> None:  # noqa: ANN401  # IPython ships no types
    """Say that installs and downloads are left out instead of trying them without a network."""
    shell.system = _guarded(shell.system)
    shell.getoutput = _guarded(shell.getoutput)

    def ignore(line: str, *_: object) -> None:
        _say_ignored(line)

    for name in _IGNORED_MAGICS:
        shell.register_magic_function(
            _named(name, lambda line, name=name: ignore(f"{name} {line}")), "line", name
        )

    def stop() -> None:
        raise SystemExit(0)

    shell.ask_exit = stop


def _guarded(run: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(command: str, *args: object, **kwargs: object) -> Any:  # noqa: ANN401  # as run
        if _IGNORED.match(command):
            _say_ignored(command)
            return None
        return run(command, *args, **kwargs)

    return guarded


def _named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function


def _say_ignored(command: str) -> None:
    sys.stdout.write(f"{IGNORED_MARK} {command.strip()}\n")


if __name__ == "__main__":
    main()
