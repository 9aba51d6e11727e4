"""The facts of a candidate that come from its model: what it computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import numpy as np

from grader.evidence import (
    Fact,
    Framework,
    ModelDescription,
    known,
    unknown,
)
from grader.probe.affine import is_affine
from grader.probe.recorder import ModelRecord
from grader.probe.structure import Structure, named, score_kind
from grader.probe.tallies import Array
from grader.probe.wording import class_name, described

T = TypeVar("T")
_PROBED_ROWS = 5
CHAINED = "the training code put several models one after the other"


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under examination.

    Attributes:
        record: What was seen of it.
        structure: What was found in its graph.
        has_changed: Whether its parameters differ from before training; ``None`` if not known.
        doubt: Why recorded facts must not be trusted; empty if they may.
    """

    record: ModelRecord
    structure: Structure
    has_changed: bool | None
    doubt: str = ""

    @property
    def is_trained(self) -> bool:
        """Whether training was observed: gradients or steps, and no proof that nothing changed."""
        return self.record.saw_training and self.has_changed is not False


def adapter_of(framework: Framework) -> ModuleType:
    """The module that examines models of a framework; imports the framework when called."""
    if framework is Framework.PYTORCH:
        from grader.probe import graph_pytorch

        return graph_pytorch
    from grader.probe import graph_keras

    return graph_keras


def digest_of(record: ModelRecord) -> str:
    """Digest of a model's parameters as they are now."""
    if record.framework is Framework.PYTORCH:
        from grader.probe.pytorch import digest as torch_digest

        return torch_digest(record.model)
    from grader.probe.keras import digest as keras_digest

    return keras_digest(record.model)


def examine(record: ModelRecord, *, doubt: str) -> Subject:
    """Look at a model: has it changed, and what does it compute?"""
    has_changed = None
    try:
        compared = [one for one in (record, *record.notes.get("parts", ())) if one.before]
        if compared:
            has_changed = any(digest_of(one) != one.before for one in compared)
    except Exception:  # noqa: BLE001  # a student's class may do anything
        has_changed = None
    rows = probing_rows(record)
    if rows is None:
        structure = Structure(problem="the model was never seen to run on rows of numbers")
    else:
        adapter = adapter_of(record.framework)
        try:
            structure = adapter.structure(record.model, rows)
        except Exception as error:  # noqa: BLE001  # a student's forward may do anything
            structure = Structure(problem=adapter.why(error))
    return Subject(record, structure, has_changed, doubt)


def probing_rows(record: ModelRecord) -> Array | None:
    """A few rows of the kind the model was trained on, in its own type."""
    sample = record.training.sample()
    if sample is None or record.training.shape is None:
        shape = record.called_shape or _declared_shape(record)
        if shape is None or any(size is None for size in shape):
            return None
        rng = np.random.default_rng(0)
        return rng.standard_normal((_PROBED_ROWS, *shape)).astype(np.float32)
    rows = np.resize(sample, (max(_PROBED_ROWS, 3), sample.shape[1]))
    return rows.reshape(len(rows), *record.training.shape).astype(record.training.dtype)


def _declared_shape(record: ModelRecord) -> tuple[int, ...] | None:
    shape = getattr(record.model, "input_shape", None)
    if record.framework is Framework.KERAS and isinstance(shape, tuple):
        return shape[1:]
    return None


def model_description(subject: Subject, *, seed: int) -> ModelDescription:
    """What the model computes."""
    record, structure = subject.record, subject.structure
    adapter = adapter_of(record.framework)
    reason = structure.problem or "the computation is not a chain of known steps"
    how = "computation graph"
    rows = probing_rows(record)
    shape = record.training.shape or record.called_shape or _declared_shape(record)
    ending = structure.ending
    kind = None if ending is None else score_kind(ending, axis=structure.softmax_axis)
    if record.is_part:
        structure, reason = Structure(), CHAINED
    if record.is_chained:
        shape = None
    if record.feeds_another:
        ending, kind = None, None
    if contradicts(subject):
        ending, kind, reason = None, None, "the recorded training and the graph disagree"
    return ModelDescription(
        class_name=class_name(record.model),
        input_shape=unknown(CHAINED if record.is_part else "the model was never seen to run")
        if shape is None
        else known((None, *(None if size is None else int(size) for size in shape))),
        output_shape=unknown(CHAINED)
        if record.feeds_another
        else _attempted(lambda: _output_shape(subject, rows), "the model could not be run"),
        operations=_or_unknown(structure.operations, reason, how),
        hidden_layers=_or_unknown(structure.hidden, reason, how),
        output_activation=_or_unknown(None if ending is None else named(ending), reason, how),
        emits=_or_unknown(kind, reason, how),
        is_affine=_affine(subject, rows, seed=seed),
        parameters=_attempted(
            lambda: int(adapter.trainable_numbers(record.model)), "the parameters cannot be counted"
        ),
    )


def _output_shape(subject: Subject, rows: Array | None) -> tuple[int | None, ...] | None:
    if rows is None:
        return None
    output = np.asarray(adapter_of(subject.record.framework).scores(subject.record.model, rows))
    if output.ndim == 0 or len(output) != len(rows):
        return tuple(int(size) for size in output.shape)
    return (None, *(int(size) for size in output.shape[1:]))


def _affine(subject: Subject, rows: Array | None, *, seed: int) -> Fact[bool]:
    record, adapter = subject.record, adapter_of(subject.record.framework)
    if record.is_part:
        return unknown(CHAINED)
    if rows is None or not np.issubdtype(rows.dtype, np.floating):
        return unknown("the model was never seen to run on rows of numbers")
    try:
        double = adapter.double_scores(record.model, rows)
        if double is not None:
            verdict = is_affine(
                lambda x: adapter.double_scores(record.model, x),
                rows.astype(np.float64),
                seed=seed,
            )
        else:
            verdict = is_affine(lambda x: adapter.scores(record.model, x), rows, seed=seed)
    except Exception as error:  # noqa: BLE001  # a student's forward may do anything
        return unknown(f"the model could not be run on random inputs ({described(error)})")
    by_graph = subject.structure.is_linear_chain
    if verdict is None:
        return unknown("superposition gave no clear answer: the output hardly depends on the input")
    if by_graph is not None and by_graph is not verdict:
        return unknown("the graph and superposition disagree")
    return known(verdict, how="superposition on random inputs")


def contradicts(subject: Subject) -> bool:
    """Whether the recorded steps after the last weights are not those that the graph ends in."""
    ending = subject.structure.ending
    return ending is not None and any(
        use.since_weights is not None and use.since_weights[: len(ending)] != ending
        for use in subject.record.losses
    )


def _or_unknown(value: T | None, reason: str, how: str) -> Fact[T]:
    return unknown(reason) if value is None else known(value, how=how)


def _attempted(ask: Callable[[], T | None], reason: str) -> Fact[T]:
    try:
        value = ask()
    except Exception as error:  # noqa: BLE001  # a student's model may do anything
        return unknown(f"{reason} ({described(error)})")
    return unknown(reason) if value is None else known(value, how="run on training rows")
