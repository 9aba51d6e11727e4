"""Parses arguments, prints, sets the exit status; no decisions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import __version__
from grader.cli_output import (
    failed_on_our_side,
    level_sentence,
    limits_sentence,
    open_console,
    print_json,
    print_scan,
    show_class,
    show_reuse,
)

if TYPE_CHECKING:
    from grader.evidence import Limits
    from grader.pipeline import GradeResult, Setting
    from grader.sandbox.interface import Runner
    from grader.sandbox.levels import Trial

app = typer.Typer(
    name="grader",
    help="Grade neural-network classification exercises in PyTorch and Keras.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
secret_app = typer.Typer(
    help="Make or move the secret of hidden data.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(secret_app, name="secret")

EXIT_OUR_FAILURE = 1
EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130
DEMO_ASSIGNMENT = "circles"
DEMO_CPU_S = 20.0
DEMO_WALL_TIME_S = 90.0
DEMO_MEMORY_MIB = 2048

CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course",
        help="Course folder; default: this one or one above it, else the bundled catalogue.",
        file_okay=False,
    ),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, max=64, help="Runs at a time; default: cores.")
]
PreloadOption = Annotated[
    bool,
    typer.Option(
        "--preload/--fresh",
        help="Import each framework once and fork every run from there: faster for classes of more"
        " than a few; docs/trust.md says what is proved of it. Or a fresh sandbox for each.",
    ),
]
IsolationOption = Annotated[
    str | None,
    typer.Option(
        "--isolation",
        metavar="bwrap|container|landlock|none",
        help="Ask for one isolation level; default: the strongest.",
    ),
]
WeakerOption = Annotated[
    bool,
    typer.Option("--allow-weaker", help="Accept a weaker isolation level than bwrap."),
]
ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="[EXERCISE=]NAME",
        help="Grade the model of this variable or id; for single students see models.toml.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print machine-readable JSON on standard output.")
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path(
        "demo-results"
    ),
    workers: WorkersOption = None,
    preload: PreloadOption = False,
    isolation: IsolationOption = None,
) -> None:
    """Grade the bundled sample class.

    Uses a public demo secret, short limits, and the strongest isolation level that works here.
    """
    from grader.course import bundled_catalogue, open_course
    from grader.datasets.secret import DEMO_SECRET
    from grader.evidence import Limits
    from grader.pipeline import prepare

    course = open_course(bundled_catalogue(), here=Path.cwd())
    setting = prepare(course, DEMO_ASSIGNMENT, secret=DEMO_SECRET)
    samples = course.samples_folder(DEMO_ASSIGNMENT)
    limits = Limits(cpu_s=DEMO_CPU_S, wall_time_s=DEMO_WALL_TIME_S, memory_mib=DEMO_MEMORY_MIB)
    result = _grade(
        setting,
        [samples / "class"],
        out,
        roster=samples / "roster.csv",
        limits=limits,
        workers=workers,
        preload=preload,
        trial=_level(isolation, allow_weaker=True),
    )
    show_class(result, out)


@app.command()
def assignments(course: CourseOption = None, as_json: JsonOption = False) -> None:
    """List the assignments of the course."""
    import json

    from grader.course import open_course

    opened = open_course(course, here=Path.cwd())
    loaded = [opened.load_assignment(name) for name in opened.assignment_ids()]
    if as_json:
        rows = [
            {
                "id": each.id,
                "title": each.title,
                "frameworks": [str(framework) for framework in each.frameworks],
                "exercises": [exercise.id for exercise in each.exercises],
            }
            for each in loaded
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    typer.echo(f"{opened.title} ({opened.id}, {opened.term})")
    for each in loaded:
        frameworks = ", ".join(str(framework) for framework in each.frameworks)
        typer.echo(f"  {each.id:<20} {each.title} [{frameworks}]")


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="Id of the assignment.", metavar="ID")],
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Folders (one sub-folder or file per student), single files, or zips.",
            metavar="PATH",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="CSV with the columns key, display_name, email."),
    ] = None,
    course: CourseOption = None,
    workers: WorkersOption = None,
    preload: PreloadOption = False,
    isolation: IsolationOption = None,
    allow_weaker: WeakerOption = False,
    cpu_s: Annotated[
        float | None, typer.Option("--cpu", min=1, help="CPU seconds per submission.")
    ] = None,
    wall_time_s: Annotated[
        float | None, typer.Option("--wall-time", min=1, help="Wall seconds per submission.")
    ] = None,
    memory_mib: Annotated[
        int | None, typer.Option("--memory", min=256, help="MiB of memory per submission.")
    ] = None,
    model: ModelOption = None,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Try again what failed on the grader's side."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Grade a class.

    Writes index.html, gradebook.csv, feedback/ (for students) and private/ (not for students).
    Run the same command again to go on where it stopped.
    """
    from grader.course import open_course
    from grader.datasets.secret import default_secret_path, read_secret, refuse_demo
    from grader.pipeline import prepare

    opened = open_course(course, here=Path.cwd())
    opened.load_assignment(assignment)
    secret = read_secret(default_secret_path())
    refuse_demo(secret)
    setting = prepare(opened, assignment, secret=secret)
    given = {"cpu_s": cpu_s, "wall_time_s": wall_time_s, "memory_mib": memory_mib}
    changed = {name: value for name, value in given.items() if value is not None}
    result = _grade(
        setting,
        paths,
        out,
        roster=roster,
        limits=setting.assignment.limits.model_copy(update=changed),
        workers=workers,
        preload=preload,
        trial=_level(isolation, allow_weaker=allow_weaker),
        models=tuple(model or ()),
        retry_failed=retry_failed,
    )
    if as_json:
        print_json(result)
    else:
        show_class(result, out)
    if failed_on_our_side(result):
        raise typer.Exit(EXIT_OUR_FAILURE)


@app.command()
def scan(
    assignment: Annotated[str, typer.Argument(help="Id of the assignment.", metavar="ID")],
    paths: Annotated[
        list[Path],
        typer.Argument(help="What was handed in, as for grade.", metavar="PATH"),
    ],
    course: CourseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what a class imports and this machine lacks.

    Reads every notebook and module and runs none; tells how many submissions need each package.
    """
    from grader.course import open_course
    from grader.pipeline.scan import scan as scan_class

    opened = open_course(course, here=Path.cwd())
    found = scan_class(opened, assignment, paths)
    print_scan(found, as_json=as_json)


@app.command()
def regrade(
    folder: Annotated[Path, typer.Argument(help="Result folder of grade.", metavar="DIR")],
    course: Annotated[
        Path | None,
        typer.Option(
            "--course",
            help="Course folder; default: the one that the class was graded with.",
            file_okay=False,
        ),
    ] = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score a graded class again.

    Takes the stored evidence and the rubric as it is now; runs no student code.
    DIR/private/models.toml may name the model to grade, per student.
    """
    import json
    from dataclasses import asdict

    from grader.course import open_course
    from grader.pipeline import regrade as regrade_class
    from grader.pipeline.store import ResultFolder

    job = ResultFolder(folder).load_job()
    opened = open_course(course or Path(job.course_root), here=Path.cwd())
    models = None if model is None else tuple(model)
    result = regrade_class(opened, folder, models=models)
    if as_json:
        typer.echo(json.dumps([asdict(change) for change in result.changes], indent=2))
        return
    from grader.checks.wording import counted
    from grader.report.terminal import changes_table

    console = open_console()
    scored = f"{counted(len(result.reports), 'student')} scored again"
    if not result.changes:
        console.print(f"{scored}; nothing changed.")
        return
    console.print(changes_table(result.changes))
    changed = len(result.changes)
    criteria = f"{changed} {'criterion' if changed == 1 else 'criteria'}"
    students = counted(len({change.key for change in result.changes}), "student")
    console.print(f"{scored}: {criteria} of {students} changed.")
    console.print("Reports and gradebook were written anew.")


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A notebook or module.", metavar="FILE")],
    beside: Annotated[
        list[Path] | None,
        typer.Option("--with", help="File or folder that the program reads, put beside it."),
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Show harmless findings, too.")] = False,
    isolation: IsolationOption = None,
    allow_weaker: WeakerOption = False,
    cpu_s: Annotated[float, typer.Option("--cpu", min=1, help="CPU seconds.")] = 240,
    wall_time_s: Annotated[float, typer.Option("--wall-time", min=1, help="Wall seconds.")] = 600,
    memory_mib: Annotated[int, typer.Option("--memory", min=256, help="MiB of memory.")] = 3072,
    as_json: JsonOption = False,
) -> None:
    """Show what a file builds and trains.

    Needs no assignment: runs a notebook or module in the sandbox and tells its models, layers,
    training, and what is likely wrong.
    """
    from grader.evidence import Limits
    from grader.pipeline.explain import ExplainOptions
    from grader.pipeline.explain import explain as explain_file
    from grader.report.explanation_text import explanation_text
    from grader.sandbox.runner import FreshSandboxRunner

    trial = _level(isolation, allow_weaker=allow_weaker)
    limits = Limits(cpu_s=cpu_s, wall_time_s=wall_time_s, memory_mib=memory_mib)
    options = ExplainOptions(beside=tuple(beside or ()), limits=limits, notes=notes)
    messages = open_console(stderr=True)
    messages.print(level_sentence(trial), markup=False)
    with messages.status(f"running {file.name}", spinner="line"):
        explanation = explain_file(file, options, runner=FreshSandboxRunner(trial))
    if as_json:
        typer.echo(explanation.model_dump_json(indent=2))
    else:
        open_console().print(explanation_text(explanation))
    if explanation.run.state == "grader failed":
        raise typer.Exit(EXIT_OUR_FAILURE)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Show what this machine offers.

    Isolation levels, what keeps them from working and how to mend it, frameworks and versions.
    """
    from grader.cli_doctor import show_machine

    show_machine(as_json=as_json)


@secret_app.command("new")
def secret_new() -> None:
    """Make a secret.

    Needed once per user; one that is there already is never replaced.
    """
    from grader.datasets.secret import default_secret_path, fingerprint, new_secret

    path = default_secret_path()
    secret = new_secret(path)
    typer.echo(f"made {path}, fingerprint {fingerprint(secret)}")


@secret_app.command("export")
def secret_export() -> None:
    """Print the secret.

    Keep it in a safe place, or import it on another machine.
    """
    from grader.datasets.secret import default_secret_path, export_secret

    typer.echo(export_secret(default_secret_path()))


@secret_app.command("import")
def secret_import() -> None:
    """Store an exported secret.

    Reads it from standard input: grader secret import < FILE
    """
    from grader.datasets.secret import default_secret_path, fingerprint, import_secret

    secret = import_secret(default_secret_path(), sys.stdin.read())
    typer.echo(f"stored, fingerprint {fingerprint(secret)}")


def _level(isolation: str | None, *, allow_weaker: bool) -> Trial:
    from grader.errors import UsageError
    from grader.sandbox.levels import Level, choose_level

    if isolation is not None and isolation not in tuple(Level):
        message = f"--isolation: there is no level {isolation!r}"
        raise UsageError(message, hint=f"the levels are {', '.join(Level)}")
    return choose_level(Level(isolation) if isolation else None, allow_weaker=allow_weaker)


def _grade(
    setting: Setting,
    paths: list[Path],
    out: Path,
    *,
    roster: Path | None,
    limits: Limits,
    workers: int | None,
    preload: bool,
    trial: Trial,
    models: tuple[str, ...] = (),
    retry_failed: bool = False,
) -> GradeResult:
    from grader.cli_progress import ClassProgress
    from grader.pipeline import GradeOptions
    from grader.pipeline import grade as grade_class
    from grader.sandbox.alone import SecondChanceRunner
    from grader.sandbox.forked import ForkedRunner
    from grader.sandbox.runner import FreshSandboxRunner

    console = open_console(stderr=True)
    options = GradeOptions(
        out=out,
        roster=roster,
        limits=limits,
        workers=workers or len(os.sched_getaffinity(0)),
        isolation=str(trial.level),
        models=models,
        retry_failed=retry_failed,
    )
    plain: Runner
    if preload:
        plain = ForkedRunner(trial, say=lambda text: console.print(text, markup=False))
    else:
        plain = FreshSandboxRunner(trial)
    runner = SecondChanceRunner(plain)
    progress = ClassProgress(console, f"{level_sentence(trial)}\n{limits_sentence(limits)}")
    try:
        with progress:
            result = grade_class(
                setting, paths, options, runner=runner, on_progress=progress.update
            )
    except KeyboardInterrupt:
        # Typer would end with the same status, but without a word.
        typer.echo(
            f"interrupted; {progress.done} of {progress.total} results are stored in {out}; "
            "run the same command again to go on where it stopped",
            err=True,
        )
        raise typer.Exit(EXIT_INTERRUPTED) from None
    finally:
        runner.close()
    show_reuse(result, console)
    return result


def main() -> None:
    """Run the command line: 0 done, 1 our failure, 2 a mistake to mend, 130 interrupted."""
    from grader.errors import GraderError

    try:
        app()
    except GraderError as exc:
        typer.echo(f"grader: {exc}", err=True)
        sys.exit(EXIT_MISTAKE)


if __name__ == "__main__":
    main()
