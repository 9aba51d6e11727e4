"""What a result folder holds already: whose attempts keep their numbers, which need no new run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.errors import UsageError
from grader.evidence import RunState
from grader.intake.model import Located, Student
from grader.pipeline.index import Terms
from grader.pipeline.setting import Setting
from grader.pipeline.store import HandedIn, ResultFolder


def refuse_other_assignment(folder: ResultFolder, setting: Setting) -> None:
    """Make sure that what the folder holds is about the same assignment and hidden data.

    Raises:
        UsageError: It is not.
    """
    if not folder.has_job:
        return
    job = folder.load_job()
    wanted = (setting.course.id, setting.course.term, setting.assignment.id)
    if (job.course, job.term, job.assignment) != wanted:
        message = (
            f"{folder.root}: holds results of {job.assignment} ({job.course}, {job.term}), "
            f"not of {setting.assignment.id} ({setting.course.id}, {setting.course.term})"
        )
        raise UsageError(message, hint="name another folder with --out")
    if job.hidden_sets != setting.hidden_digests:
        message = f"{folder.root}: holds results made with another hidden set"
        hint = "the secret or the data has changed since: name another folder with --out"
        raise UsageError(message, hint=hint)


def numbered(found: Sequence[Located], folder: ResultFolder) -> list[Located]:
    """Number attempts so that those stored by an earlier call keep their numbers.

    An attempt whose content is stored already is that one; a new one comes after all others.
    """
    stored: dict[str, dict[int, str]] = {}
    for key, number in folder.attempts():
        handed_in = folder.load_handed_in(key, number)
        stored.setdefault(key, {})[number] = handed_in.sha256 if handed_in else ""
    taken: dict[str, set[int]] = {}
    result: list[Located] = []
    for located in found:
        known = stored.get(located.student.key, {})
        mine = taken.setdefault(located.student.key, set())
        same = [number for number, digest in known.items() if digest == located.sha256]
        free = [number for number in same if number not in mine]
        number = free[0] if free else max([*known, *mine], default=0) + 1
        mine.add(number)
        attempts = max(number, located.attempts)
        result.append(replace(located, attempt=number, attempts=attempts))
    return result


def is_stored(
    located: Located, terms: Terms, folder: ResultFolder, *, retry_failed: bool = False
) -> bool:
    """Whether an attempt needs no new run; its student's name and e-mail are brought up to date.

    One that cannot be read any more, or was stored under other terms, is run again.

    Args:
        located: The attempt, numbered.
        terms: Today's.
        folder: Where results are stored.
        retry_failed: Whether a failure of ours is no result.
    """
    attempt = folder.load_usable(located.student.key, located.attempt)
    if attempt is None or attempt.handed_in.sha256 != located.sha256:
        return False
    record = attempt.record
    isolation = record.isolation or terms.isolation  # nothing ran: the same at every level
    is_failed = record.outcome.state is RunState.GRADER_FAILED
    if replace(Terms.of_record(record), isolation=isolation) != terms:
        return False
    if is_failed and retry_failed:
        return False
    stored = attempt.handed_in
    handed_in = HandedIn.of(located.read()).model_copy(
        update={"content_sha256": stored.content_sha256, "run_of": stored.run_of}
    )
    if stored != handed_in:
        folder.save_handed_in(handed_in)
    return True


def still_missing(
    from_roster: Sequence[Student] | None, folder: ResultFolder
) -> tuple[Student, ...]:
    """Students of the roster of whom nothing is stored, from this call or an earlier one.

    Args:
        from_roster: Students of whom this call found nothing; ``None`` if it has no roster, so
            that what an earlier call found out still holds.
        folder: Where the others are stored.
    """
    students = from_roster
    if students is None:
        noted = folder.load_job().missing if folder.has_job else ()
        students = [Student(key=key, display_name=name) for key, name in noted]
    present = {key for key, _ in folder.attempts()}
    return tuple(student for student in students if student.key not in present)
