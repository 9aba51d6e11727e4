"""What a result folder holds already: whose attempts keep their numbers, which need no new run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader import __version__
from grader.errors import EvidenceError, UsageError
from grader.evidence import Limits, RunState
from grader.intake.model import Student, Submission
from grader.pipeline.setting import Setting
from grader.pipeline.store import Attempt, HandedIn, ResultFolder


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


def numbered(submissions: Sequence[Submission], folder: ResultFolder) -> list[Submission]:
    """Number attempts so that those stored by an earlier call keep their numbers.

    An attempt whose content is stored already is that one; a new one comes after all others.
    """
    stored: dict[str, dict[int, str]] = {}
    for key, number in folder.attempts():
        handed_in = folder.load_handed_in(key, number)
        stored.setdefault(key, {})[number] = handed_in.sha256 if handed_in else ""
    result: list[Submission] = []
    for submission in submissions:
        known = stored.setdefault(submission.student.key, {})
        same = [number for number, digest in known.items() if digest == submission.sha256]
        taken = {other.attempt for other in result if other.student.key == submission.student.key}
        free = [number for number in same if number not in taken]
        number = free[0] if free else max([*known, *taken], default=0) + 1
        attempts = max(number, submission.attempts)
        result.append(replace(submission, attempt=number, attempts=attempts))
    return result


def is_stored(
    submission: Submission,
    setting: Setting,
    folder: ResultFolder,
    *,
    limits: Limits,
    isolation: str,
) -> bool:
    """Whether an attempt needs no new run; its student's name and e-mail are brought up to date.

    One that cannot be read any more, or was stored by another version, is run again.
    """
    attempt = _readable(folder, submission)
    if attempt is None or attempt.handed_in.sha256 != submission.sha256:
        return False
    record = attempt.record
    is_same = (
        record.grader_version == __version__
        and record.assignment_sha256 == setting.assignment.sha256
        and record.hidden_sets == setting.hidden_digests
        and record.limits == limits
        and record.isolation in (isolation, "")
        and record.outcome.state is not RunState.GRADER_FAILED
    )
    handed_in = HandedIn.of(submission)
    if is_same and attempt.handed_in != handed_in:
        folder.save_handed_in(handed_in)
    return is_same


def _readable(folder: ResultFolder, submission: Submission) -> Attempt | None:
    try:
        return folder.load(submission.student.key, submission.attempt)
    except EvidenceError:
        return None


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
