"""The thirty facts, from what the recorder and the probe found, in the words of the README."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from battery.specification import ABSENT, FACTS, Facts
from grader.evidence import (
    MAX_CANDIDATES,
    Candidate,
    Examination,
    Fact,
    ModelDescription,
    Operation,
)

Value: TypeAlias = str | int | float | bool | list[str] | list[int]
RATE_TOLERANCE: Final = 1e-3
"""Relative; frameworks keep learning rates as float32, and schedules multiply them."""
_WEIGHTED: Final = {
    "dense": "dense",
    "conv1d": "conv1d",
    "conv2d": "conv2d",
    "conv3d": "conv3d",
    "conv-transpose": "conv-transpose",
    "embedding": "embedding",
    "recurrent": "recurrent",
    "attention": "attention",
}
_INGREDIENTS: Final = {
    "average-pool": "average-pool",
    "batch-norm": "batch-norm",
    "concatenate": "concatenate",
    "dropout": "dropout",
    "layer-norm": "layer-norm",
    "max-pool": "max-pool",
    "add": "residual",
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that was not found out, with the reason."""

    reason: str

    def __str__(self) -> str:
        return f"unknown ({self.reason})"


Found: TypeAlias = Value | Unknown


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that was not found as its reader stated it."""

    fact: str
    stated: Value
    found: Found

    @property
    def is_wrong(self) -> bool:
        """Whether something else was found, not merely nothing."""
        return not isinstance(self.found, Unknown)

    def __str__(self) -> str:
        return f"{self.fact}: stated {self.stated!r}, found {_shown(self.found)}"


def differences(stated: Facts, found: dict[str, Found]) -> list[Difference]:
    """Every fact that was not found as stated, in the order of the README."""
    pairs = ((name, getattr(stated, name), found[name]) for name in FACTS)
    return [Difference(name, *pair) for name, *pair in pairs if not agrees(*pair)]


def agrees(stated: Value, found: Found) -> bool:
    """Whether a finding says what its reader stated."""
    if isinstance(found, Unknown):
        return False
    if isinstance(stated, bool) or isinstance(found, bool):
        return stated is found
    if isinstance(stated, float) and isinstance(found, (int, float)):
        return math.isclose(stated, found, rel_tol=RATE_TOLERANCE)
    return stated == found


def asked_about(examination: Examination, name: str) -> Candidate | None:
    """The model that a program is about; ``None`` if none was seen.

    Args:
        examination: Of the program.
        name: The variable that its sheet names, if any.
    """
    candidates = examination.candidates
    pool = [one for one in candidates if one.is_trained] or list(candidates)
    named = [one for one in candidates if name and name in one.names]
    if named:
        return named[-1]
    return max(pool, key=lambda one: (one.last_trained, bool(one.names)), default=None)


def facts_of(examination: Examination, name: str = "") -> dict[str, Found]:
    """The thirty facts about the model that a program is about."""
    if examination.problem:
        return dict.fromkeys(FACTS, Unknown(examination.problem))
    candidate = asked_about(examination, name)
    trained = sum(one.is_trained for one in examination.candidates)
    copies = sum(one.is_trained and one.is_copy for one in examination.candidates)
    if candidate is None:
        loaded = [module.value for module in examination.modules_loaded]
        nothing: dict[str, Found] = dict.fromkeys(FACTS, ABSENT)
        framework = loaded[0] if len(loaded) == 1 else Unknown("several frameworks were loaded")
        uncounted = Unknown("no model was seen whose parameters could be counted")
        unseen = {"parameters": uncounted, "unused_layers": uncounted}
        return nothing | unseen | {"framework": framework, "trained_models": 0}
    facts: dict[str, Found] = {"framework": candidate.framework.value}
    facts |= _of_model(candidate) | _of_training(candidate) | _of_loss(candidate)
    # Trained models come first, so the list is complete as soon as it holds another one.
    is_cut = len(examination.candidates) == trained == MAX_CANDIDATES
    is_complete = not is_cut or examination.models_seen <= MAX_CANDIDATES
    facts["trained_models"] = (
        trained - copies if is_complete else Unknown("more models were trained than are described")
    )
    return facts


def _of_model(candidate: Candidate) -> dict[str, Found]:
    return facts_of_model(candidate.model)


def facts_of_model(model: ModelDescription) -> dict[str, Found]:
    """The facts that a description of the model alone can tell."""
    return {
        "input_shape": _said(model.input_shape, _shape),
        "output_shape": _said(model.output_shape, _shape),
        "weighted_layers": _said(model.operations, _weighted_layers),
        "hidden_units": _said(model.hidden_layers, lambda layers: [one.units for one in layers]),
        "hidden_activations": _said(
            model.hidden_layers, lambda layers: [one.activation for one in layers]
        ),
        "output_activation": _said(model.output_activation),
        "emits": _said(model.emits, str),
        "is_affine": _said(model.is_affine),
        "parameters": _said(model.parameters),
        "ingredients": _said(model.operations, _ingredients),
        "unused_layers": _said(model.unused_layers, len),
    }


def _of_training(candidate: Candidate) -> dict[str, Found]:
    training = candidate.training
    gradients = training.gradients
    changed = training.parameters_changed
    was_trained = not gradients.is_absent and gradients.value != 0
    return {
        "parameters_changed": _said(changed) if was_trained or changed.value else ABSENT,
        "steps": _said(training.steps),
        "gradients": _said(gradients),
        "epochs": _said(training.epochs),
        "rows": _said(training.rows),
        "trained_in": _said(training.trained_in, str),
        "evaluated_in": _said(training.evaluated_in, str),
        "zero_grad": _said(training.zero_grad, str),
        "optimizer": _said(candidate.optimizer.name),
        "learning_rate": _said(candidate.optimizer.learning_rate),
    }


def _of_loss(candidate: Candidate) -> dict[str, Found]:
    loss = candidate.loss
    return {
        "loss": _said(loss.name),
        "loss_family": _said(loss.family, str),
        "loss_expects": _said(loss.expects, str),
        "loss_receives": _said(loss.receives, str),
        "target_encoding": _said(loss.target_encoding, str),
        "target_shape": _said(loss.target_shape, _shape),
        "target_dtype": _said(loss.target_dtype),
    }


def _said(fact: Fact[Any], words: Callable[[Any], Found] | None = None) -> Found:
    if fact.is_unknown:
        return Unknown(fact.reason)
    if fact.is_absent:
        return ABSENT
    value: Found = fact.known_value
    return value if words is None else words(value)


def _shape(shape: tuple[int | None, ...]) -> str:
    return str(tuple(shape))


def _weighted_layers(operations: tuple[Operation, ...]) -> list[str]:
    return [_WEIGHTED[step.kind] for step in operations if step.kind in _WEIGHTED]


def _ingredients(operations: tuple[Operation, ...]) -> list[str]:
    return sorted({_INGREDIENTS[step.kind] for step in operations if step.kind in _INGREDIENTS})


def _shown(found: Found) -> str:
    return str(found) if isinstance(found, Unknown) else repr(found)
