"""Chooses the model that answers an exercise; never by how well it does on hidden data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, NamedTuple

from grader.evidence import Candidate, ExerciseBrief, Task

_FITS: Final = 2
_UNKNOWN: Final = 1
_DOES_NOT_FIT: Final = 0
_SWEEP: Final = 100
"""A learning rate that ends this many times above its start belongs to a sweep."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate answers an exercise, and why.

    Attributes:
        candidate_id: ``None`` if there is none.
        why: One sentence: why this one, or why none.
        others: One sentence for each other candidate.
        is_unclear: Nothing was chosen although models were trained: a person must look.
    """

    candidate_id: str | None
    why: str
    others: tuple[str, ...] = ()
    is_unclear: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that an instructor wants graded.

    Attributes:
        name: Variable that holds it, or its id.
        is_for_one: Whether it was named for this very student, not for everybody.
    """

    name: str
    is_for_one: bool


class _Rank(NamedTuple):
    """What speaks for a candidate, the weightiest first; compared in this order."""

    reached: bool
    on_public_data: bool
    input_fit: int
    output_fit: int
    no_sweep: bool
    has_the_name: bool
    last_asked: int
    last_trained: int


_WORDS: Final = {
    "reached": ("rows of this exercise reach it", "no rows of this exercise reach it"),
    "on_public_data": ("it was trained on the public data", "not trained on the public data"),
    "input_fit": ("it takes rows like those of this exercise", "takes other rows"),
    "output_fit": ("its outputs fit the task", "its outputs fit the task less well"),
    "has_the_name": ("it has the name that the assignment suggests", "has another name"),
    "no_sweep": ("its learning rate was not swept", "its learning rate was swept upwards"),
    "last_asked": ("it was the last one used for predictions", "used for predictions earlier"),
    "last_trained": ("it was trained last", "trained earlier"),
}


def choose(
    candidates: Sequence[Candidate],
    brief: ExerciseBrief,
    *,
    exercises: int,
    wanted: Wanted | None = None,
) -> Choice:
    """Choose the candidate that answers an exercise.

    Only trained ones count. What decides, in this order: that rows of the exercise reach it, that
    it was trained on the public data, that its input and its output fit, that its training was no
    sweep of learning rates, the name that the assignment suggests, what was last used for
    predictions, and what was trained last.

    Args:
        candidates: The models of one submission.
        brief: The exercise.
        exercises: How many exercises the assignment has. With a single one there is nothing else
            that a model could be meant for, so one that takes other rows is still chosen where no
            better one exists.
        wanted: What the instructor wants instead of the grader's own choice.

    Returns:
        The choice; none where no model was trained, or none takes the rows of this exercise.
    """
    if wanted is not None:
        picked = _picked(candidates, brief, wanted)
        if picked is not None:
            return picked
    trained = [candidate for candidate in candidates if candidate.is_trained]
    if not trained:
        return Choice(None, _nothing_trained(candidates))
    fitting = [each for each in trained if _may_answer(each, brief)]
    if not fitting and exercises > 1:
        verb = "model was" if len(trained) == 1 else "models were"
        why = f"{len(trained)} {verb} trained, but none takes the rows of this exercise"
        others = tuple(
            f"{_described(each, brief.model_hint)}: takes other rows" for each in trained
        )
        return Choice(None, why, others, is_unclear=True)

    ranked = sorted(fitting or trained, key=lambda each: _rank(each, brief), reverse=True)
    best = ranked[0]
    name = _described(best, brief.model_hint)
    if len(trained) == 1:
        why = f"{name} is the only trained model"
    elif len(ranked) == 1:
        why = f"{name} is the only trained model that takes the rows of this exercise"
    else:
        reason, _ = _WORDS[_decisive(_rank(best, brief), _rank(ranked[1], brief))]
        why = f"{name} was chosen among {len(ranked)} trained models: {reason}"
    others = tuple(
        f"{_described(each, brief.model_hint)}: {_why_not(each, best, brief)}"
        for each in candidates
        if each is not best
    )
    return Choice(best.id, why, others)


def choose_any(candidates: Sequence[Candidate]) -> Choice:
    """Choose where there is no exercise: by use and by order of training alone."""
    trained = [candidate for candidate in candidates if candidate.is_trained]
    if not trained:
        return Choice(None, _nothing_trained(candidates))

    def weight(candidate: Candidate) -> tuple[bool, int, int]:
        return not _was_swept(candidate), candidate.last_asked, candidate.last_trained

    ranked = sorted(trained, key=weight, reverse=True)
    name = _described(ranked[0], "")
    if len(trained) == 1:
        return Choice(ranked[0].id, f"{name} is the only trained model")
    decisive = zip(
        ("no_sweep", "last_asked", "last_trained"), *map(weight, ranked[:2]), strict=True
    )
    reason = next((field for field, one, other in decisive if one != other), "last_trained")
    why = f"{name} was chosen among {len(ranked)} trained models: {_WORDS[reason][0]}"
    return Choice(ranked[0].id, why)


def _picked(candidates: Sequence[Candidate], brief: ExerciseBrief, wanted: Wanted) -> Choice | None:
    """The instructor's choice; ``None`` where everybody's name is not in this submission."""
    named = [each for each in candidates if wanted.name == each.id or wanted.name in each.names]
    if named:
        best = named[-1]
        others = tuple(
            f"{_described(each, brief.model_hint)}: the instructor chose another"
            for each in candidates
            if each is not best
        )
        if best.is_trained:
            return Choice(best.id, f"the instructor chose {wanted.name}", others)
        why = f"the instructor chose {wanted.name}, which was never trained"
        return Choice(None, why, others)
    if not wanted.is_for_one:
        return None
    known = (
        ", ".join(f"{each.id} ({_described(each, brief.model_hint)})" for each in candidates)
        or "none"
    )
    why = f"the instructor chose {wanted.name}, but the models of this submission are: {known}"
    return Choice(None, why, is_unclear=True)


def _nothing_trained(candidates: Sequence[Candidate]) -> str:
    names = ", ".join(each.model.class_name or "unnamed class" for each in candidates)
    if not candidates:
        return "no model was trained"
    if len(candidates) == 1:
        return f"a model was built ({names}) but never trained: no parameter changed"
    return f"{len(candidates)} models were built ({names}) but none was trained"


def _may_answer(candidate: Candidate, brief: ExerciseBrief) -> bool:
    """Whether a candidate can be meant for an exercise at all."""
    routes = candidate.hidden_route
    if brief.id in routes and routes[brief.id].is_known:
        return True
    belongs_elsewhere = any(route.is_known for route in routes.values())
    return not belongs_elsewhere and _input_fit(candidate, brief) != _DOES_NOT_FIT


def _rank(candidate: Candidate, brief: ExerciseBrief) -> _Rank:
    route = candidate.hidden_route.get(brief.id)
    trained_on = candidate.training.trained_on.value or ""
    return _Rank(
        reached=route is not None and route.is_known,
        on_public_data=trained_on.startswith("public data"),
        input_fit=_input_fit(candidate, brief),
        output_fit=_output_fit(candidate, brief),
        no_sweep=not _was_swept(candidate),
        has_the_name=brief.model_hint != "auto" and brief.model_hint in candidate.names,
        last_asked=candidate.last_asked,
        last_trained=candidate.last_trained,
    )


def _was_swept(candidate: Candidate) -> bool:
    """Whether its training ended at the top of a steep rise of the learning rate."""
    optimizer = candidate.optimizer
    first, last = optimizer.first_learning_rate, optimizer.learning_rate
    highest = optimizer.highest_learning_rate
    if not (first.is_known and last.is_known and highest.is_known):
        return False
    top = highest.known_value
    return last.known_value >= 0.5 * top and top >= _SWEEP * max(first.known_value, 1e-12)


def _input_fit(candidate: Candidate, brief: ExerciseBrief) -> int:
    shape, width = candidate.model.input_shape, candidate.training.input_width
    if shape.is_known:
        sizes = shape.known_value[1:]
        same = len(sizes) == len(brief.input_shape) and all(
            size in (None, wanted) for size, wanted in zip(sizes, brief.input_shape, strict=True)
        )
        return _FITS if same else _DOES_NOT_FIT
    if width.is_known:
        return _FITS if width.known_value == prod(brief.input_shape) else _DOES_NOT_FIT
    return _UNKNOWN


def _output_fit(candidate: Candidate, brief: ExerciseBrief) -> int:
    shape = candidate.model.output_shape
    if not shape.is_known:
        return _UNKNOWN
    sizes = shape.known_value[1:] or (1,)
    suitable = (1, 2) if brief.task is Task.BINARY else (len(brief.classes),)
    return _FITS if len(sizes) == 1 and sizes[0] in suitable else _DOES_NOT_FIT


def _decisive(better: _Rank, worse: _Rank) -> str:
    """Name the first thing in which two candidates differ."""
    pairs = zip(_Rank._fields, better, worse, strict=True)
    return next((field for field, one, other in pairs if one != other), "last_trained")


def _why_not(candidate: Candidate, best: Candidate, brief: ExerciseBrief) -> str:
    if not candidate.is_trained:
        return "never trained"
    _, words = _WORDS[_decisive(_rank(best, brief), _rank(candidate, brief))]
    return words


def _described(candidate: Candidate, hint: str) -> str:
    kind = candidate.model.class_name or candidate.framework.value
    if not candidate.names:
        return f"a {kind} that no variable holds any more"
    return f"{hint if hint in candidate.names else candidate.names[0]} ({kind})"
