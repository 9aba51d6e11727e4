"""The facts of a candidate that come from its model: what it computes."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from grader.evidence import (
    Fact,
    Framework,
    HiddenLayer,
    ModelDescription,
    Operation,
    Provenance,
    ScoreKind,
    absent,
    known,
    unknown,
)
from grader.evidence.candidate import MAX_LAYERS
from grader.probe.affine import is_affine
from grader.probe.behaviour import (
    attempted,
    behaviour,
    declared_shape,
    unit_states,
)
from grader.probe.behaviour import probing_rows as probing_rows
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.structure import Structure, named, score_kind, simplified
from grader.probe.tallies import Array
from grader.probe.witnesses import agreed
from grader.probe.wording import class_name, described

T = TypeVar("T")
_HOW = "computation graph"
RECORDED_TRAINING = "recorded training"
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
    except (Exception, SystemExit):  # noqa: BLE001  # a student's class may do anything
        has_changed = None
    rows = probing_rows(record)
    if rows is None:
        structure = Structure(problem="the model was never seen to run on rows of numbers")
    else:
        adapter = adapter_of(record.framework)
        try:
            structure = _structure(adapter, record, rows)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward may do anything
            structure = Structure(problem=adapter.why(error))
    return Subject(record, structure, has_changed, doubt)


def _structure(adapter: ModuleType, record: ModelRecord, rows: Array) -> Structure:
    """What the techniques say of a model, the recorded training among them."""
    ask = getattr(adapter, "witnesses", None)
    if ask is None:
        found: Structure = adapter.structure(record.model, rows)
        return found
    return agreed({**ask(record.model, rows), RECORDED_TRAINING: recorded_ending(record)})


def model_description(subject: Subject, *, seed: int) -> ModelDescription:
    """What the model computes."""
    record, structure = subject.record, subject.structure
    adapter = adapter_of(record.framework)
    rows = probing_rows(record)
    leads = structure.operations is not None and not structure.ignores_input
    seen = behaviour(record, adapter, leads_to_input=leads, seed=seed)
    units = unit_states(record, adapter)
    told = _told(subject)
    shape = record.training.shape or record.called_shape or declared_shape(record)
    return ModelDescription(
        class_name=class_name(record.model),
        input_shape=unknown(CHAINED if record.is_part else "the model was never seen to run")
        if shape is None or record.is_chained
        else known((None, *(None if size is None else int(size) for size in shape))),
        output_shape=unknown(CHAINED) if record.feeds_another else seen.output_shape,
        operations=told.operations,
        hidden_layers=told.hidden,
        output_activation=told.ending,
        emits=told.emits,
        is_affine=_affine(subject, rows, seed=seed),
        parameters=attempted(
            lambda: int(adapter.trainable_numbers(record.model)), "the parameters cannot be counted"
        ),
        frozen_parameters=_asked(adapter, "frozen_numbers", record.model),
        unused_layers=_asked(adapter, "unused_layers", record.model, rows),
        uses_input=seen.uses_input,
        is_constant=seen.is_constant,
        identical_units=units.identical,
        inactive_units=units.inactive,
        saturated_units=units.saturated,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The facts that come from the structure."""

    operations: Fact[tuple[Operation, ...]]
    hidden: Fact[tuple[HiddenLayer, ...]]
    ending: Fact[str]
    emits: Fact[ScoreKind]


def _told(subject: Subject) -> _Told:
    record, structure = subject.record, subject.structure
    reason = structure.problem or "the steps of the computation are not known"
    if record.is_part:
        return _Told(unknown(CHAINED), unknown(CHAINED), unknown(CHAINED), unknown(CHAINED))
    hidden_how = structure.hidden_how or _HOW
    hidden = _or_unknown(structure.hidden, structure.hidden_how or reason, hidden_how)
    operations = structure.operations
    steps = _or_unknown(operations, reason, structure.operations_how or _HOW)
    if operations is not None and len(operations) > MAX_LAYERS:
        steps = unknown("the computation has more steps than are kept")
    if contradicts(subject):
        differ = "the recorded training and the graph disagree"
        return _Told(steps, hidden, unknown(differ), unknown(differ))
    ending, how = structure.ending, structure.ending_how
    kind = None if ending is None else score_kind(ending, axis=structure.softmax_axis)
    return _Told(
        steps,
        hidden,
        _or_unknown(None if ending is None else named(ending), how or reason, how or _HOW),
        _or_unknown(kind, (reason if ending is not None else how) or reason, how or _HOW),
    )


def _asked(adapter: ModuleType, name: str, *given: Opaque) -> Fact[Any]:
    ask = getattr(adapter, name, None)
    if ask is None or given[-1] is None:
        return unknown("the layers cannot be looked at")
    return attempted(lambda: ask(*given), "the layers could not be looked at")


def _affine(subject: Subject, rows: Array | None, *, seed: int) -> Fact[bool]:
    record, adapter = subject.record, adapter_of(subject.record.framework)
    if record.is_part:
        return unknown(CHAINED)
    if rows is None:
        return unknown("the model was never seen to run on rows of numbers")
    if not np.issubdtype(rows.dtype, np.floating):
        return absent(
            "the model takes whole numbers: those of words or classes", provenance=Provenance.PROBED
        )
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
        is_settled = subject.structure.is_linear_chain is not None and hasattr(adapter, "renewed")
        if verdict is None and is_settled:
            verdict = _affine_when_renewed(record, adapter, rows, seed=seed)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward may do anything
        return unknown(f"the model could not be run on random inputs ({described(error)})")
    by_graph = subject.structure.is_linear_chain
    if verdict is None and by_graph:
        return known(True, how="every step is affine, and superposition does not contradict")
    if verdict is None:
        return unknown("superposition gave no clear answer: the output hardly depends on the input")
    if by_graph is not None and by_graph is not verdict:
        return unknown("the graph and superposition disagree")
    return known(verdict, how="superposition on random inputs")


def _affine_when_renewed(
    record: ModelRecord, adapter: ModuleType, rows: Array, *, seed: int
) -> bool | None:
    """Superposition with other weights, where those of the model are not finite."""
    if np.all(np.isfinite(adapter.scores(record.model, rows))):
        return None
    with adapter.renewed(record.model, seed=seed) as twin:
        finite = np.nan_to_num(rows, nan=0.0, posinf=1.0, neginf=-1.0)
        return is_affine(lambda x: adapter.scores(twin, x), finite, seed=seed)


def contradicts(subject: Subject) -> bool:
    """Whether the recorded steps after the last weights are not those that the graph ends in."""
    ending = subject.structure.ending
    if ending is None:
        return False
    said = [use.since_weights for use in subject.record.losses if use.since_weights is not None]
    return any(not _begins_with(one, ending) for one in said)


def _begins_with(applied: tuple[str, ...], ending: tuple[str, ...]) -> bool:
    """Whether activations begin with an ending, however both are spelled."""
    heads = (applied[:number] for number in range(len(applied) + 1))
    return any(simplified(head) == simplified(ending) for head in heads)


def recorded_ending(record: ModelRecord) -> Structure:
    """What the graphs of training tell of the model's output activation."""
    endings = set()
    for use in record.losses:
        since, outside = use.since_weights, use.outside
        if since is None or outside is None or since[len(since) - len(outside) :] != outside:
            continue
        endings.add(simplified(since[: len(since) - len(outside)]))
    return Structure(ending=endings.pop() if len(endings) == 1 else None)


def _or_unknown(value: T | None, reason: str, how: str) -> Fact[T]:
    return unknown(reason) if value is None else known(value, how=how)
