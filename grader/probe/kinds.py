"""The neutral kinds of operations, grouped by what may be concluded from them."""

from __future__ import annotations

BRANCH = "branch"
WEIGHTED = frozenset(
    {
        "dense",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv-transpose",
        "embedding",
        "recurrent",
        "attention",
    }
)
SHAPES = frozenset(
    {"reshape", "flatten", "cast", "identity", "dropout", "slice", "transpose", "padding"}
)
NORMS = frozenset({"batch-norm", "layer-norm", "group-norm", "instance-norm", "rms-norm"})
POOLS = frozenset({"max-pool", "average-pool"})
AFFINE = frozenset({"scale", "shift", "bias"})
MERGES = frozenset({"add", "concatenate"})
PRODUCTS = frozenset({"multiply", "matrix-product"})
FUNCTIONS = frozenset(
    {"power", "absolute", "sine", "square-root", "division", "sum", "comparison", "product"}
)
"""Steps that certainly hold no layer, but are no activation either."""
NON_LINEAR = (
    POOLS - {"average-pool"}
    | NORMS - {"batch-norm"}
    | PRODUCTS
    | FUNCTIONS - {"sum"}
    | {"activation", "attention"}
)
