"""What Keras's own layers do, by class: neutral operations without their activation."""

from __future__ import annotations

from grader.evidence import Operation
from grader.probe.opaque import Opaque

Shape = tuple[int | None, ...]
RECURRENT = {"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"} | {
    f"ConvLSTM{axes}D" for axes in (1, 2, 3)
}
ATTENTION = {"MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"}
NORMS = {
    "BatchNormalization": "batch-norm",
    "LayerNormalization": "layer-norm",
    "GroupNormalization": "group-norm",
    "RMSNormalization": "rms-norm",
    "UnitNormalization": "rms-norm",
}
DROPOUTS = {
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
}
ENCODERS = {
    "CategoryEncoding",
    "Discretization",
    "Hashing",
    "HashedCrossing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
}
RESHAPES = {"UpSampling1D", "UpSampling2D", "UpSampling3D", "RepeatVector"}
_PRODUCTS = {
    "Dense": "dense",
    "EinsumDense": "dense",
    "Conv1D": "conv1d",
    "Conv2D": "conv2d",
    "Conv3D": "conv3d",
    "SeparableConv1D": "conv1d",
    "SeparableConv2D": "conv2d",
    "DepthwiseConv1D": "conv1d",
    "DepthwiseConv2D": "conv2d",
    "Conv1DTranspose": "conv-transpose",
    "Conv2DTranspose": "conv-transpose",
    "Conv3DTranspose": "conv-transpose",
}
_PLAIN = {
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Permute": "transpose",
    "Rescaling": "scale",
    "Normalization": "scale",
    "Add": "add",
    "Concatenate": "concatenate",
    "Multiply": "multiply",
    "Dot": "matrix-product",
    "Maximum": "comparison",
    "Minimum": "comparison",
    "Subtract": "sum",
}
_SAME_NAME = {
    "swish": "silu",
    "hard_swish": "hard_silu",
    "hard_sigmoid": "hard_sigmoid",
    "exponential": "exponential",
    "logsigmoid": "log_sigmoid",
}
_ACTIVATION_LAYERS = {"LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu"}


def operations_of(layer: Opaque, inputs: tuple[Shape, ...], output: Shape) -> list[Operation]:
    """What a layer of Keras's own does, its activation left out.

    Args:
        layer: The layer, built.
        inputs: Shapes of its inputs, rows included.
        output: Shape of its first output.

    Returns:
        Nothing for a layer that leaves its input as it is.
    """
    name = type(layer).__name__
    width = None if not inputs or not inputs[0] else inputs[0][-1]
    units = output[-1] if output else None
    if name == "TimeDistributed":
        inner = (inputs[0][0], *inputs[0][2:]) if inputs else ()
        return operations_of(layer.layer, (inner,), (output[0], *output[2:]))
    if name in _PRODUCTS:
        return [Operation(kind=_PRODUCTS[name], inputs=width, units=units)]
    if name in {"Embedding", "ReversibleEmbedding"}:
        return [Operation(kind="embedding", inputs=layer.input_dim, units=units)]
    if name in RECURRENT:
        return [
            Operation(kind="recurrent", activation=own_activation(layer), inputs=width, units=units)
        ]
    if name in ATTENTION:
        return [Operation(kind="attention", inputs=width, units=units)]
    if name in {"Attention", "AdditiveAttention"}:
        kind = "attention" if layer.weights else "matrix-product"
        return [Operation(kind=kind, inputs=width, units=units)]
    if name in DROPOUTS:
        rate = getattr(layer, "rate", None) or getattr(layer, "stddev", None)
        return [Operation(kind="dropout")] if rate else []
    return _plain_operations(layer, name)


def _plain_operations(layer: Opaque, name: str) -> list[Operation]:
    kind = NORMS.get(name) or _PLAIN.get(name)
    if kind is not None:
        return [Operation(kind=kind)]
    if name == "Average":
        return [Operation(kind="add"), Operation(kind="scale")]
    if name in ENCODERS:
        return [Operation(kind="comparison")]
    if name in RESHAPES:
        return [Operation(kind="reshape")]
    if "MaxPool" in name:
        return [Operation(kind="max-pool")]
    if "AveragePool" in name:
        return [Operation(kind="average-pool")]
    if name.startswith("Cropping"):
        return [Operation(kind="slice")]
    if name.startswith("ZeroPadding"):
        return [Operation(kind="padding")]
    if is_idle(layer) or has_activation(layer):
        return []
    return [Operation(kind=name.lower()[:100])]


def is_idle(layer: Opaque) -> bool:
    """Whether a layer does nothing outside training: augmentation, masks, penalties."""
    name = type(layer).__name__
    place = str(type(layer).__module__)
    is_random = name.startswith("Random") and "image_preprocessing" in place
    return is_random or name in {"InputLayer", "Identity", "Masking", "ActivityRegularization"}


def has_activation(layer: Opaque) -> bool:
    """Whether a layer applies an activation function to what it has computed."""
    name = type(layer).__name__
    if name == "TimeDistributed":
        return has_activation(layer.layer)
    if name in RECURRENT | ATTENTION:
        return False
    return name in {"ReLU", "Softmax", *_ACTIVATION_LAYERS} or callable(
        getattr(layer, "activation", None)
    )


def own_activation(layer: Opaque) -> str | None:
    """Activation of a recurrent layer's states."""
    inner = getattr(layer, "forward_layer", layer)
    inner = getattr(inner, "cell", inner)
    named = configured_name(getattr(inner, "activation", None))
    return None if named is None else named[0]


def configured_activation(layer: Opaque, rank: int) -> tuple[str, int | None] | None:
    """Name and softmax axis of the activation that a layer was given.

    Args:
        layer: The layer.
        rank: Number of axes of its output, rows included.

    Returns:
        ``None`` if it is none of Keras's own.
    """
    name = type(layer).__name__
    if name == "TimeDistributed":
        return configured_activation(layer.layer, rank)
    if name == "ReLU":
        if layer.threshold or layer.max_value not in {None, 6}:
            return None
        if layer.negative_slope:
            return None if layer.max_value else ("leaky_relu", None)
        return ("relu6" if layer.max_value else "relu"), None
    if name == "Softmax":
        if not isinstance(layer.axis, int):
            return None
        return "softmax", layer.axis if layer.axis < 0 else layer.axis - rank
    if name in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[name], None
    return configured_name(getattr(layer, "activation", None))


def configured_name(function: Opaque) -> tuple[str, int | None] | None:
    """Neutral name and softmax axis of one of Keras's own activation functions.

    Returns:
        ``None`` for any other function: only what it does can tell.
    """
    import keras

    if function is None or function is keras.activations.linear:
        return "linear", None
    kind = type(function)
    if kind.__name__ in {"ReLU", "Softmax", *_ACTIVATION_LAYERS} and hasattr(function, "call"):
        return configured_activation(function, 2)
    name = getattr(function, "__name__", "")
    if getattr(keras.activations, name, None) is not function:
        return None
    return _SAME_NAME.get(name, name), (-1 if "softmax" in name else None)
