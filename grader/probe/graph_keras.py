"""What a Keras model computes, found out in three ways that know nothing of each other.

The TensorFlow graph sees what the list of layers cannot (functions called in ``call``); the list
knows by name what the graph spells out; a run shows by numbers what stands between layers.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from grader.probe.graph_keras_steps import operations_of_graph
from grader.probe.graph_keras_trace import traced
from grader.probe.graph_keras_units import hidden_values, hidden_weights, unused_layers
from grader.probe.keras_layers import operations_of_layers
from grader.probe.keras_losses import declares_logits
from grader.probe.layers_keras_calls import (
    NotBuiltError,
    finite,
    has_finite_weights,
    layers_of,
    renewed,
    undisturbed,
)
from grader.probe.layers_keras_runs import run_of
from grader.probe.layers_keras_search import UnclearError
from grader.probe.opaque import Opaque
from grader.probe.structure import Structure, structure_of
from grader.probe.tallies import Array
from grader.probe.witnesses import agreed
from grader.probe.wording import printable

__all__ = [
    "TECHNIQUES",
    "double_scores",
    "frozen_numbers",
    "hidden_values",
    "hidden_weights",
    "renewed",
    "repairs_loss",
    "scores",
    "seed_all",
    "structure",
    "trainable_numbers",
    "unused_layers",
    "why",
    "witnesses",
]
_BATCH = 1024
_NEVER_BUILT = "the model was never built: it was never called on data"
_OTHER_BACKEND = "Keras does not run on TensorFlow here"
_OF_KERAS = {"BatchNormalization", "Normalization", "SpectralNormalization"}


def structure(model: Opaque, rows: Array) -> Structure:
    """Read the structure of a model from its layers, its graph and a run.

    Args:
        model: Is left as it was.
        rows: At least 3, in the type that the model was trained on.
    """
    return agreed(witnesses(model, rows))


def witnesses(model: Opaque, rows: Array) -> dict[str, Structure]:
    """What each technique says, by its name; those with the plainest steps come first."""
    problem = _obstacle(model)
    if problem:
        return {name: Structure(problem=problem) for name in TECHNIQUES}
    return {name: technique(model, rows) for name, technique in TECHNIQUES.items()}


def _by_layers(model: Opaque, rows: Array) -> Structure:
    del rows
    try:
        listed = operations_of_layers(model)
    except (AttributeError, TypeError, ValueError):  # a layer that is not quite Keras's own
        listed = None
    if listed is None:
        return Structure(problem="the list of layers does not say what is done with them")
    return structure_of(listed)


def _by_graph(model: Opaque, rows: Array) -> Structure:
    def read() -> Structure:
        graph = traced(model, rows)
        found = structure_of(operations_of_graph(graph))
        return replace(found, ignores_input=graph.ignores_input)

    return _attempted(model, read)


def _by_runs(model: Opaque, rows: Array) -> Structure:
    def run() -> Structure:
        # What training made infinite shows nothing; the same layers with other weights do.
        with contextlib.nullcontext() if has_finite_weights(model) else renewed(model, seed=0):
            return structure_of(run_of(model, finite(rows)).operations)

    return _attempted(model, run)


def _attempted(model: Opaque, technique: Callable[[], Structure]) -> Structure:
    problem = _obstacle(model)
    if problem:
        return Structure(problem=problem)
    try:
        with undisturbed(model):
            return technique()
    except NotBuiltError:
        return Structure(problem="a layer gets its weights only when the model is called")
    except UnclearError as error:
        return Structure(problem=str(error))
    except Exception as error:  # noqa: BLE001  # a student's call may do anything
        return Structure(problem=why(error))


TECHNIQUES: dict[str, Callable[[Opaque, Array], Structure]] = {
    "layer runs": _by_runs,
    "graph": _by_graph,
    "layer list": _by_layers,
}


def _obstacle(model: Opaque) -> str:
    """Why a model cannot be examined at all; empty if it can."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return _OTHER_BACKEND
    return "" if getattr(model, "built", False) else _NEVER_BUILT


def scores(model: Opaque, rows: Array) -> Array:
    """The model's output on rows, in inference mode."""
    import keras

    if not getattr(model, "built", False):
        raise ValueError(_NEVER_BUILT)
    parts = []
    with undisturbed(model):
        for start in range(0, len(rows), _BATCH):
            output = model(rows[start : start + _BATCH], training=False)
            parts.append(np.asarray(keras.ops.convert_to_numpy(output)))
    return np.concatenate(parts) if all(part.ndim for part in parts) else parts[0]


def double_scores(model: Opaque, rows: Array) -> Array | None:
    """Nothing: Keras models stay in the type they were built in."""
    del model, rows
    return None


def trainable_numbers(model: Opaque) -> int:
    """How many numbers training may change."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def frozen_numbers(model: Opaque) -> int:
    """How many numbers would be trained if ``trainable=False`` did not forbid it."""
    free = {id(variable) for variable in model.trainable_variables}
    frozen: dict[int, Opaque] = {}
    for layer in layers_of(model):
        own = list(getattr(layer, "_trainable_variables", ()))
        if type(layer).__name__ not in _OF_KERAS:
            own += list(getattr(layer, "_non_trainable_variables", ()))
        frozen |= {id(variable): variable for variable in own if id(variable) not in free}
    return sum(int(np.prod(variable.shape)) for variable in frozen.values())


def seed_all(seed: int) -> None:
    """Seed TensorFlow before the model is asked about rows."""
    import tensorflow as tf

    tf.random.set_seed(seed)


def repairs_loss(model: Opaque, rows: Array) -> bool:
    """Whether TensorFlow undoes an activation before a loss that declares logits.

    Keras warns when it does; the call is made again here to see that warning.
    """
    import keras
    import tensorflow as tf

    loss = model.loss
    if keras.backend.backend() != "tensorflow" or not declares_logits(loss):
        return False

    def lossy(inputs: Opaque) -> Opaque:
        output = model(inputs, training=False)
        is_sparse = type(loss).__name__.startswith("Sparse")
        return loss(tf.zeros_like(output[..., :1] if is_sparse else output), output)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.function(lossy, autograph=False).get_concrete_function(
            tf.TensorSpec((None, *rows.shape[1:]), tf.as_dtype(rows.dtype))
        )
    return any("from_logits=True" in str(warning.message) for warning in caught)


def why(error: BaseException) -> str:
    """Why the model could not be examined."""
    # Keras appends what every argument was, in colours of the terminal.
    text = re.sub(r"\x1b\[\d+m", "", str(error)).split("Arguments received by")[0]
    text = re.sub(r"Exception encountered when calling \S+\s*", "", text)
    shown = printable(" ".join(text.split()), limit=200)
    return f"the model could not be run on rows like its training rows ({shown})"
