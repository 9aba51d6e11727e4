"""Runs programs under a session, each in a forked child of this process.

Started as ``inside.py FRAMEWORK FOLDER``; ``FOLDER/programs.json`` lists the names of the
programs. ``FOLDER/<name>/`` holds ``work/submission.py`` and, for an exercise, ``rows.npz`` and
``brief.json``; it gets ``ran.json`` and ``examination.json``, or ``problem``, and, where
``FOLDER/techniques`` exists, ``techniques.json``: what each technique by itself says of each model.
Nothing in here knows what is expected of a program.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
import types
from pathlib import Path
from typing import Any

sys.path.pop(0)  # the folder of this file: its names must not shadow anybody's

import numpy as np

from grader.evidence import CellError, ExerciseBrief, ModelDescription, known, unknown
from grader.probe.describe import adapter_of, probing_rows
from grader.probe.session import PublicRows, Session
from grader.probe.structure import named, score_kind

SEED = 7
CPU_LIMIT_S = 60
WALL_LIMIT_S = 600.0
"""The backstop: a busy machine must not make a program look endless."""
SIDE_BY_SIDE = 2
PRELOADED = {
    "pytorch": ("torch._dynamo", "torch.utils.data"),
    "keras": ("keras", "tensorflow"),
}
PRELOADED_FOR_ALL = ("pandas", "sklearn.datasets", "sklearn.model_selection", "sklearn.compose",
                     "sklearn.preprocessing", "sklearn.metrics", "sklearn.pipeline")  # fmt: skip
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def main() -> None:
    """Import once, then fork a child for each program, two at a time."""
    framework, folder = sys.argv[1], Path(sys.argv[2])
    parent = os.getppid()
    for name in (*PRELOADED_FOR_ALL, *PRELOADED[framework]):
        importlib.import_module(name)
    gc.freeze()
    waiting = json.loads((folder / "programs.json").read_text())
    running: dict[int, tuple[str, float]] = {}
    while waiting or running:
        while waiting and len(running) < SIDE_BY_SIDE:
            name = waiting.pop(0)
            running[start(folder / name)] = (name, time.monotonic())
        time.sleep(0.01)
        if os.getppid() != parent:  # whoever wanted this has gone
            for child in running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
            return
        for child, (name, started_at) in list(running.items()):
            if time.monotonic() - started_at > WALL_LIMIT_S:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                (folder / name / "problem").write_text(f"took longer than {WALL_LIMIT_S:.0f} s")
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del running[child]
                if status != 0 and not (folder / name / "problem").exists():
                    (folder / name / "problem").write_text(end_of(status))


def end_of(status: int) -> str:
    """Say how a process ended that left nothing."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return f"took more than {CPU_LIMIT_S} s of CPU time"
    return f"the process ended with status {status}"


def start(folder: Path) -> int:
    """Fork a child that runs one program; returns its process id."""
    child = os.fork()
    if child:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(child, child)  # here as well as in the child: whoever comes first
        return child
    try:
        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)
        be_quiet(folder)
        used_s = int(time.process_time()) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used_s + CPU_LIMIT_S, used_s + CPU_LIMIT_S + 5))
        run_one(folder)
    except BaseException:  # noqa: BLE001  # the child must end here, whatever happens
        (folder / "problem").write_text(traceback.format_exc())
    finally:
        os._exit(0)


def be_quiet(folder: Path) -> None:
    """Keep what the program prints out of our own output."""
    nothing = os.open(os.devnull, os.O_RDWR)
    errors = os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT)
    for source, target in ((nothing, 0), (nothing, 1), (errors, 2)):
        os.dup2(source, target)


def run_one(folder: Path) -> None:
    """Run a program as the one cell of a notebook, then examine what it left."""
    with_techniques = (Path(sys.argv[2]) / "techniques").exists()
    sys.argv = ["submission.py"]
    briefs, public = exercise_in(folder)
    session = Session(briefs=briefs, public=public, out=folder, seed=SEED)
    session.install()
    work = folder / "work"
    os.chdir(work)
    sys.path.insert(0, str(work))
    module = types.ModuleType("__main__")
    module.__dict__["__file__"] = str(work / "submission.py")
    sys.modules["__main__"] = module
    started_at = time.process_time()
    error = run_source(work / "submission.py", module.__dict__)
    ran_at = time.process_time()
    examination = session.examine(module.__dict__)
    (folder / "examination.json").write_text(examination.model_dump_json())
    ran = {
        "error": None if error is None else error.model_dump(),
        "run_cpu_s": round(ran_at - started_at, 3),
        "examine_cpu_s": round(time.process_time() - ran_at, 3),
    }
    (folder / "ran.json").write_text(json.dumps(ran))
    if with_techniques:
        (folder / "techniques.json").write_text(json.dumps(techniques_on(session)))


def exercise_in(folder: Path) -> tuple[tuple[ExerciseBrief, ...], dict[str, PublicRows]]:
    """The exercise that a program answers, if it answers one."""
    if not (folder / "rows.npz").exists():
        return (), {}
    brief = ExerciseBrief.model_validate_json((folder / "brief.json").read_text())
    with np.load(folder / "rows.npz", allow_pickle=False) as rows:
        return (brief,), {brief.id: PublicRows(**{name: rows[name] for name in rows.files})}


def run_source(path: Path, namespace: dict[str, Any]) -> CellError | None:
    """Run a file and say why it failed, in the words of the worker; ``None`` if it did not."""
    source = path.read_text(encoding="utf-8")
    try:
        exec(compile(source, str(path), "exec"), namespace)  # noqa: S102  # our own test programs
    except SystemExit as error:
        if error.code in (None, 0):
            return None
        return error_of(error, path, source)
    except Exception as error:  # noqa: BLE001  # a program may fail in any way
        return error_of(error, path, source)
    return None


def error_of(error: BaseException, path: Path, source: str) -> CellError:
    """What the worker would say about an exception."""
    frames = [
        f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
    ]
    line = frames[0] if frames else getattr(error, "lineno", None)
    lines = source.splitlines()
    missing = error.name if isinstance(error, NameError) else None
    return CellError(
        name=type(error).__name__[:100],
        message=_ADDRESS.sub("0x…", str(error))[:500],
        line=line,
        source_line=lines[line - 1].strip()[:200] if line and line <= len(lines) else "",
        missing_name=(missing or "")[:100],
    )


def techniques_on(session: Session) -> dict[str, dict[str, Any]]:
    """What each technique by itself says of each candidate: a description, or why there is none."""
    said: dict[str, dict[str, Any]] = {}
    for examined in session._examined:  # a benchmark may look behind the wall
        record = examined.record
        rows = probing_rows(record)
        techniques = getattr(adapter_of(record.framework), "TECHNIQUES", {})
        said[examined.id] = {
            name: described_by(technique, record.model, rows)
            for name, technique in techniques.items()
        }
    return said


def described_by(technique: Any, model: Any, rows: Any) -> dict[str, Any] | str:  # noqa: ANN401  # of any framework
    """The facts of a model that one technique finds; its problem where it fails."""
    if rows is None:
        return "there are no rows to probe with"
    try:
        structure = technique(model, rows)
    except Exception as error:  # noqa: BLE001  # a technique that raises has found nothing
        return f"{type(error).__name__}: {error}"[:300]
    facts: dict[str, Any] = {
        "operations": structure.operations,
        "hidden_layers": structure.hidden,
        "output_activation": None,
        "emits": None,
        "is_affine": structure.is_linear_chain,
    }
    if structure.ending is not None:
        facts["output_activation"] = named(structure.ending)
        facts["emits"] = score_kind(structure.ending, axis=structure.softmax_axis)
    reason = structure.problem or "this technique does not tell"
    description = ModelDescription(
        **{name: unknown(reason) if one is None else known(one) for name, one in facts.items()}
    )
    return description.model_dump(mode="json", include=set(facts))


if __name__ == "__main__":
    main()
