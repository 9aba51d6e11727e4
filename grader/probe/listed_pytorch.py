"""The list of modules of a PyTorch model, read as if they were called one after the other."""

from __future__ import annotations

from grader.evidence import Operation
from grader.probe.layers_pytorch import LayerCall, kind_of, operation_of_layer, own_name
from grader.probe.opaque import Opaque

ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "GELU": "gelu",
    "ELU": "elu",
    "SELU": "selu",
    "CELU": "celu",
    "SiLU": "silu",
    "Mish": "mish",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "RReLU": "rrelu",
    "Hardswish": "hard_silu",
    "Hardsigmoid": "hard_sigmoid",
    "Hardtanh": "hard_tanh",
    "LogSigmoid": "log_sigmoid",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "GLU": "glu",
    "Tanhshrink": "tanhshrink",
    "Softmax2d": "softmax",
    "Softmin": "softmin",
    "Softshrink": "softshrink",
    "Hardshrink": "hardshrink",
    "Threshold": "threshold",
}


def steps_of_list(model: Opaque) -> list[Operation]:
    """One step for each module without modules of its own, in the order of their making."""
    steps = []
    for module in model.modules():
        name = own_name(module)
        if name in ACTIVATIONS:
            axis = -1 if "softmax" in ACTIVATIONS[name] else None
            step = Operation(kind="activation", activation=ACTIVATIONS[name], axis=axis)
            steps.append(step)
        elif kind_of(module):
            steps.append(operation_of_layer(LayerCall(module, 0)))
        elif name.startswith(("Dropout", "AlphaDropout", "FeatureAlphaDropout")):
            steps.append(Operation(kind="dropout"))
    return steps
