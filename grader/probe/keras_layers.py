"""The list of layers of a Keras model, where it is the whole truth: Keras's own layers in a row."""

from __future__ import annotations

from itertools import pairwise

from grader.evidence import Operation
from grader.probe.opaque import Opaque

_SHAPES = {
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Dropout": "dropout",
    "GaussianNoise": "dropout",
    "GaussianDropout": "dropout",
    "BatchNormalization": "batch-norm",
    "LayerNormalization": "layer-norm",
    "MaxPooling1D": "max-pool",
    "MaxPooling2D": "max-pool",
    "AveragePooling1D": "average-pool",
    "AveragePooling2D": "average-pool",
    "GlobalAveragePooling1D": "average-pool",
    "GlobalAveragePooling2D": "average-pool",
    "Rescaling": "scale",
    "Normalization": "scale",
    "ZeroPadding2D": "padding",
}
_ACTIVATION_LAYERS = {"LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu"}
_WEIGHTED = {"Dense": "dense", "Conv1D": "conv1d", "Conv2D": "conv2d", "Conv3D": "conv3d"}
_SAME = {"swish": "silu", "hard_swish": "hard_silu"}


def operations_of_layers(model: Opaque) -> list[Operation] | None:
    """The steps of a model whose layers stand in a row; ``None`` for any other model."""
    import keras

    layers = _in_a_row(keras, model)
    if layers is None:
        return None
    steps: list[Operation] = []
    for layer in layers:
        name = type(layer).__name__
        if type(layer) in {keras.Sequential, keras.Model} or _is_plain_functional(layer):
            inner = operations_of_layers(layer)
            if inner is None:
                return None
            steps.extend(inner)
        elif getattr(keras.layers, name, None) is not type(layer):
            return None
        elif name == "InputLayer":
            continue
        elif name in _WEIGHTED:
            units = layer.units if name == "Dense" else layer.filters
            width = int(layer.kernel.shape[-2])
            steps.append(Operation(kind=_WEIGHTED[name], inputs=width, units=int(units)))
            if not _add_activation(keras, steps, layer.activation):
                return None
        elif name == "Activation":
            if not _add_activation(keras, steps, layer.activation):
                return None
        elif name == "ReLU":
            if layer.negative_slope or layer.threshold or layer.max_value not in {None, 6}:
                return None
            steps.append(_activation("relu6" if layer.max_value else "relu"))
        elif name == "Softmax":
            if not isinstance(layer.axis, int):
                return None
            rank = len(layer.input.shape)
            axis = layer.axis if layer.axis < 0 else layer.axis - rank
            steps.append(Operation(kind="activation", activation="softmax", axis=axis))
        elif name in _ACTIVATION_LAYERS:
            steps.append(_activation(_ACTIVATION_LAYERS[name]))
        elif name in _SHAPES:
            steps.append(Operation(kind=_SHAPES[name]))
        else:
            return None
    return steps


def _is_plain_functional(layer: Opaque) -> bool:
    kind = type(layer)
    return kind.__name__ == "Functional" and kind.__module__.startswith("keras.src.models")


def _in_a_row(keras: Opaque, model: Opaque) -> list[Opaque] | None:
    if type(model) is keras.Sequential:
        return list(model.layers)
    if not _is_plain_functional(model):
        return None
    operations = list(model.operations)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        return None
    for before, after in pairwise(operations):
        # A layer with several nodes is shared, here or with another model: left to the graph.
        parents = [parent for node in after._inbound_nodes for parent in node.parent_nodes]
        if len(parents) != 1 or parents[0].operation is not before:
            return None
    return operations


def _activation(name: str) -> Operation:
    return Operation(kind="activation", activation=name)


def _add_activation(keras: Opaque, steps: list[Operation], function: Opaque) -> bool:
    """Add an activation function of Keras's own; ``False`` if it is another one."""
    name = getattr(function, "__name__", "")
    if function is None or function is keras.activations.linear:
        return True
    if getattr(keras.activations, name, None) is not function:
        return False
    name = _SAME.get(name, name)
    axis = -1 if "softmax" in name else None
    steps.append(Operation(kind="activation", activation=name, axis=axis))
    return True
