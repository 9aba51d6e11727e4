"""How a model behaves as a function, and what its hidden units do on training rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import numpy as np

from grader.evidence import Fact, Provenance, absent, known, unknown
from grader.probe.opaque import Opaque
from grader.probe.recorder import ModelRecord
from grader.probe.tallies import Array
from grader.probe.units import identical_share, inactive_share, saturated_share
from grader.probe.wording import described

T = TypeVar("T")
_PROBED_ROWS = 5
_UNIT_ROWS = 256
_UNIT_NUMBERS = 4_000_000
_SAME = 1e-6
NOT_RUN = "the model could not be run"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What running the model on several sets of rows showed.

    Attributes:
        output_shape: ``None`` for the number of samples, where it follows that of the rows.
        uses_input: Whether the output depends on the rows.
        is_constant: Whether every row gets the same output.
    """

    output_shape: Fact[tuple[int | None, ...]]
    uses_input: Fact[bool]
    is_constant: Fact[bool]


def probing_rows(record: ModelRecord, *, most: int = _PROBED_ROWS) -> Array | None:
    """A few rows of the kind the model was trained on, in its own type.

    Args:
        record: Of the model.
        most: How many at most; there are at least 5, repeated where fewer were seen.
    """
    sample = record.training.sample()
    if sample is None or record.training.shape is None:
        shape = record.called_shape or declared_shape(record)
        if shape is None or any(size is None for size in shape):
            return None
        rng = np.random.default_rng(0)
        return rng.standard_normal((_PROBED_ROWS, *shape)).astype(np.float32)
    rows = np.resize(sample, (max(_PROBED_ROWS, min(most, len(sample))), sample.shape[1]))
    return rows.reshape(len(rows), *record.training.shape).astype(record.training.dtype)


def declared_shape(record: ModelRecord) -> tuple[int, ...] | None:
    """Shape of one row as a Keras model declares it."""
    shape = getattr(record.model, "input_shape", None)
    if record.framework.value == "keras" and isinstance(shape, tuple):
        return shape[1:]
    return None


def behaviour(
    record: ModelRecord, adapter: ModuleType, *, leads_to_input: bool, seed: int
) -> Behaviour:
    """Run a model on training rows and on other ones.

    Args:
        record: Of the model.
        adapter: Examines models of its framework.
        leads_to_input: Whether steps from the input to the output were found.
        seed: Of the framework, so that a forward that draws numbers draws the same ones.
    """

    def ask(rows: Array) -> Array:
        adapter.seed_all(seed)
        return np.asarray(adapter.scores(record.model, rows), dtype=np.float64)

    rows = probing_rows(record, most=64)
    if rows is None:
        return Behaviour(unknown(NOT_RUN), unknown(NOT_RUN), unknown(NOT_RUN))
    try:
        output, fewer = ask(rows), ask(rows[:3])
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's forward may do anything
        reason = f"{NOT_RUN} ({described(error)})"
        return Behaviour(unknown(reason), unknown(reason), unknown(reason))
    follows = output.ndim > 0 and len(output) == len(rows) and len(fewer) == 3
    sizes = tuple(int(size) for size in output.shape)
    shape: tuple[int | None, ...] = (None, *sizes[1:]) if follows else sizes
    how = "run on training rows"
    others = attempted(lambda: ask(other_rows(rows)), "the model could not be run on other rows")
    return Behaviour(
        known(shape, how=how),
        _uses_input(output, others, leads_to_input=leads_to_input),
        _is_constant(output, others, rows, follows=follows),
    )


def other_rows(rows: Array) -> Array:
    """Rows unlike the given ones: wider, or in another order where they are whole numbers."""
    if np.issubdtype(rows.dtype, np.floating):
        centre = rows.mean(axis=0, keepdims=True)
        return np.asarray(centre - 2.5 * (rows - centre) + 0.1, dtype=rows.dtype)
    turned = np.roll(rows, 1, axis=0)
    return np.roll(turned, 1, axis=-1) if rows.ndim > 1 else turned


def _uses_input(output: Array, others: Fact[Array], *, leads_to_input: bool) -> Fact[bool]:
    if leads_to_input:
        return known(True, how="computation graph")
    if not others.is_known:
        return unknown(others.reason)
    other = others.known_value
    is_same = output.shape == other.shape and np.array_equal(output, other, equal_nan=True)
    return known(not is_same, how="run on two sets of rows")


def _is_constant(output: Array, others: Fact[Array], rows: Array, *, follows: bool) -> Fact[bool]:
    if not follows:
        return unknown("the output has not one row for each row of the input")
    if len(np.unique(rows.reshape(len(rows), -1), axis=0)) < 2:
        return unknown("only one row was seen")
    values = output
    if others.is_known and others.known_value.shape == output.shape:
        values = np.concatenate([output, others.known_value])
    if not np.all(np.isfinite(values)):
        return unknown("the output is not finite")
    size = max(float(np.abs(values).max()), 1e-12)
    return known(bool(np.ptp(values, axis=0).max() <= _SAME * size), how="run on several rows")


@dataclass(frozen=True, slots=True)
class UnitStates:
    """Shares of hidden units that do nothing useful; see ``ModelDescription``."""

    identical: Fact[float]
    inactive: Fact[float]
    saturated: Fact[float]


def unit_states(record: ModelRecord, adapter: ModuleType) -> UnitStates:
    """Look at the hidden units' weights, and at their values on sampled training rows."""
    rows = probing_rows(record, most=_UNIT_ROWS)
    if rows is None:
        return UnitStates(unknown(NOT_RUN), unknown(NOT_RUN), unknown(NOT_RUN))
    rows = rows[: max(3, _UNIT_NUMBERS // max(1, rows[0].size * 64))]
    weights = _asked_of(adapter, "hidden_weights", record.model, rows[:_PROBED_ROWS])
    identical = _share(weights, identical_share, "the model has no hidden dense layer")
    if not all(np.all(np.isfinite(one)) for one, _ in weights.value or ()):
        identical = unknown("the weights are not finite")
    if record.training.sample() is None:
        reason = "no training row was kept"
        return UnitStates(identical, unknown(reason), unknown(reason))
    values = _asked_of(adapter, "hidden_values", record.model, rows)
    return UnitStates(
        identical,
        _share(values, inactive_share, "no hidden layer is rectified"),
        _share(values, saturated_share, "no hidden layer ends in a sigmoid or tanh"),
    )


def _asked_of(adapter: ModuleType, name: str, model: Opaque, rows: Array) -> Fact[list[Opaque]]:
    ask = getattr(adapter, name, None)
    if ask is None:
        return unknown("the hidden layers cannot be looked at")
    return attempted(lambda: ask(model, rows), "the hidden layers could not be looked at")


def _share(
    found: Fact[list[Opaque]], share: Callable[[Sequence[Opaque]], float | None], without: str
) -> Fact[float]:
    if not found.is_known:
        return unknown(found.reason)
    value = attempted(lambda: share(found.known_value), without)
    is_none = value.is_unknown and value.reason == without
    return absent(without, provenance=Provenance.PROBED) if is_none else value


def attempted(ask: Callable[[], T | None], reason: str) -> Fact[T]:
    """What a question to a student's model gave; unknown if it raised or gave nothing."""
    try:
        value = ask()
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a student's model may do anything
        return unknown(f"{reason} ({described(error)})")
    return unknown(reason) if value is None else known(value, how="run on training rows")
