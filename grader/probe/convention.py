"""Calls ``build_model()`` and ``train(model, inputs, labels)`` of a module that trained nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.evidence import ExerciseBrief, Notice, NoticeKind, Task
from grader.probe.opaque import Opaque
from grader.probe.rows import PublicRows
from grader.probe.wording import described


def train_by_convention(
    namespace: Mapping[str, Opaque],
    briefs: tuple[ExerciseBrief, ...],
    public: Mapping[str, PublicRows],
) -> tuple[list[Opaque], list[Notice]]:
    """Call the functions that the student offers, with public rows.

    Args:
        namespace: What the last cell left.
        briefs: The exercises.
        public: Their public rows.

    Returns:
        What the calls returned, to be held, and what to tell.
    """
    held: list[Opaque] = []
    notices: list[Notice] = []
    for brief in briefs:
        functions = _functions(namespace, brief, is_only=len(briefs) == 1)
        if functions is None or brief.id not in public:
            continue
        (build_name, build), (train_name, train) = functions
        rows = public[brief.id]
        kind = np.float32 if brief.task is Task.MULTILABEL else np.int64
        calling = build_name
        try:
            model = build()
            held.append(model)
            calling = train_name
            inputs = rows.train_inputs.astype(np.float32)
            held.append(train(model, inputs, rows.train_labels.astype(kind)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's functions
            text = f"{calling} was called with the public data and raised {described(error)}"
        else:
            text = (
                f"no model was trained by the file itself, so {build_name}() and "
                f"{train_name}(model, inputs, labels) were called with the public data"
            )
        notices.append(Notice(kind=NoticeKind.CALLED_BY_CONVENTION, text=text))
    return held, notices


def _functions(
    namespace: Mapping[str, Opaque], brief: ExerciseBrief, *, is_only: bool
) -> tuple[tuple[str, Opaque], tuple[str, Opaque]] | None:
    suffixes = [f"_{brief.id.replace('-', '_')}", *([""] if is_only else [])]
    for suffix in suffixes:
        build, train = namespace.get(f"build_model{suffix}"), namespace.get(f"train{suffix}")
        if callable(build) and callable(train):
            return (f"build_model{suffix}", build), (f"train{suffix}", train)
    return None
