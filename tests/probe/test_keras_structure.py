"""What the probe says of Keras models in as many styles as students write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from probe_harness import run_programs

pytestmark = pytest.mark.keras

HEAD = """
import keras
import numpy as np
import tensorflow as tf
from keras import layers
rng = np.random.default_rng(0)
"""
TABLE = "rows = rng.standard_normal((8, 6)).astype('float32')\n"
SERIES = "rows = rng.standard_normal((8, 5, 6)).astype('float32')\n"
IMAGES = "rows = rng.random((8, 8, 8, 3)).astype('float32')\n"
WORDS = "rows = rng.integers(0, 10, (8, 5))\n"
TAIL = """
import json
from grader.probe import graph_keras
from grader.probe.structure import ingredients, weighted_layers
before = [np.array(w) for w in model.weights]
found = graph_keras.structure(model, rows)
unused = graph_keras.unused_layers(model, rows)
values = graph_keras.hidden_values(model, rows)
weights = graph_keras.hidden_weights(model, rows)
_digest = json.dumps({
    "units": found.hidden and [layer.units for layer in found.hidden],
    "hidden": found.hidden and [layer.activation for layer in found.hidden],
    "ending": found.ending,
    "axis": found.softmax_axis,
    "weighted": found.operations and weighted_layers(found.operations),
    "ingredients": found.operations and ingredients(found.operations),
    "problem": found.problem,
    "how": found.hidden_how,
    "spoke": [name for name, technique in graph_keras.TECHNIQUES.items()
              if technique(model, rows).ending is not None],
    "unused": unused,
    "values": [(name, value.shape) for name, value in values],
    "largest": [float(abs(value).max()) for _, value in values],
    "weights": [kernel.shape for kernel, _ in weights],
    "frozen": graph_keras.frozen_numbers(model),
    "is_untouched": all(
        np.array_equal(a, np.array(b), equal_nan=True) for a, b in zip(before, model.weights)),
})
"""


def sequential(*layers: str) -> str:
    return f"model = keras.Sequential([{', '.join(layers)}])\nmodel(rows)\n"


def functional(body: str) -> str:
    start = "inputs = keras.Input(rows.shape[1:])\n"
    return start + body + "model = keras.Model(inputs, outputs)\n"


def subclass(made: str, call: str, *, decorator: str = "") -> str:
    lines = ["class Net(keras.Model):", "    def __init__(self):", "        super().__init__()"]
    lines += [f"        {line}" for line in made.strip().splitlines()]
    lines += [f"    {decorator}"] if decorator else []
    lines += ["    def call(self, x, training=False):"]
    lines += [f"        {line}" for line in call.strip().splitlines()]
    return "\n".join(lines) + "\nmodel = Net()\nmodel(rows)\n"


OWN_DENSE = """
class Affine(layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = keras.activations.get(activation)
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units))
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")
    def call(self, x):
        return self.activation(keras.ops.matmul(x, self.w) + self.b)
"""
BLOCK = """
class Block(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.first = layers.Dense(units, activation="relu")
        self.second = layers.Dense(units)
        self.add = layers.Add()
    def call(self, x):
        return keras.ops.relu(self.add([x, self.second(self.first(x))]))
"""
TRANSFORMER = subclass(
    """
self.words = layers.Embedding(10, 8)
self.places = layers.Embedding(5, 8)
self.attention = layers.MultiHeadAttention(2, 4)
self.norm1 = layers.LayerNormalization()
self.norm2 = layers.LayerNormalization()
self.net = keras.Sequential([layers.Dense(16, "relu"), layers.Dropout(0.1), layers.Dense(8)])
self.out = layers.Dense(2)
""",
    """
h = self.words(x) + self.places(tf.range(5))
h = self.norm1(h + self.attention(h, h))
h = self.norm2(h + self.net(h, training=training))
return self.out(tf.reduce_mean(h, axis=1))
""",
)

Expected = tuple[list[int], list[str], list[str], list[str], list[str]]
"""Units, hidden activations, ending, layers with weights, ingredients."""
STYLES: dict[str, tuple[str, Expected]] = {
    "sequential": (
        TABLE
        + sequential(
            "layers.Dense(8, 'relu')",
            "layers.Dropout(0.2)",
            "layers.Dense(3, activation='softmax')",
        ),
        ([8], ["relu"], ["softmax"], ["dense"] * 2, ["dropout"]),
    ),
    "activation-layers": (
        TABLE
        + sequential(
            "layers.Normalization()",
            "layers.Dense(8)",
            "layers.BatchNormalization()",
            "layers.ReLU()",
            "layers.Dense(7)",
            "layers.LeakyReLU(0.1)",
            "layers.Dense(6)",
            "layers.PReLU()",
            "layers.Dense(2)",
            "layers.Softmax()",
        ),
        (
            [8, 7, 6],
            ["relu", "leaky_relu", "prelu"],
            ["softmax"],
            ["dense"] * 4,
            ["batch-norm"],
        ),
    ),
    "residual": (
        TABLE
        + functional(
            "a = layers.Dense(8, activation='relu')(inputs)\n"
            "b = layers.Dense(8, activation='tanh')(a)\n"
            "outputs = layers.Dense(1, activation='sigmoid')(layers.add([a, b]))\n"
        ),
        ([8, 8], ["relu", "tanh"], ["sigmoid"], ["dense"] * 3, ["residual"]),
    ),
    "branches": (
        TABLE
        + functional(
            "a = layers.Dense(8, activation='relu')(inputs)\n"
            "b = layers.Dense(4, activation='tanh')(inputs)\n"
            "outputs = layers.Dense(1)(layers.Concatenate()([a, b]))\n"
        ),
        ([8, 4], ["relu", "tanh"], [], ["dense"] * 3, ["concatenate"]),
    ),
    "written-order": (
        IMAGES
        + functional(
            "a = layers.Conv2D(4, 3, padding='same', activation='relu')(inputs)\n"
            "short = layers.Conv2D(6, 1)(a)\n"
            "b = layers.Conv2D(5, 3, padding='same', activation='relu')(a)\n"
            "b = layers.Conv2D(6, 3, padding='same')(b)\n"
            "b = layers.ReLU()(layers.Add()([b, short]))\n"
            "outputs = layers.Dense(2)(layers.GlobalAveragePooling2D()(b))\n"
        ),
        (
            [4, 6, 5, 6],
            ["relu", "relu", "relu", "relu"],
            [],
            ["conv2d"] * 4 + ["dense"],
            ["average-pool", "residual"],
        ),
    ),
    "shared": (
        TABLE
        + functional(
            "same = layers.Dense(6, activation='tanh')\n"
            "outputs = layers.Dense(1, activation='sigmoid')(same(same(inputs)))\n"
        ),
        ([6, 6], ["tanh", "tanh"], ["sigmoid"], ["dense"] * 3, []),
    ),
    "keras-ops": (
        TABLE
        + functional(
            "h = keras.ops.relu(layers.Dense(8)(inputs))\n"
            "h = keras.ops.tanh(layers.Dense(4)(h))\n"
            "outputs = keras.ops.sigmoid(layers.Dense(1)(h))\n"
        ),
        ([8, 4], ["relu", "tanh"], ["sigmoid"], ["dense"] * 3, []),
    ),
    "nested": (
        TABLE
        + "inner = keras.Sequential([layers.Dense(7, 'relu'), layers.Dense(5, 'elu')])\n"
        + sequential("keras.Input((6,))", "inner", "layers.Dense(2)"),
        ([7, 5], ["relu", "elu"], [], ["dense"] * 3, []),
    ),
    "subclass": (
        TABLE
        + subclass(
            "self.a = layers.Dense(8)\nself.b = layers.Dense(4)\nself.out = layers.Dense(3)",
            "x = tf.nn.relu(self.a(x))\nx = keras.ops.gelu(self.b(x))\n"
            "return tf.nn.softmax(self.out(x))",
        ),
        ([8, 4], ["relu", "gelu"], ["softmax"], ["dense"] * 3, []),
    ),
    "decorated": (
        TABLE
        + subclass(
            "self.a = layers.Dense(8)\nself.out = layers.Dense(1)",
            "x = tf.nn.silu(self.a(x))\nreturn tf.squeeze(tf.sigmoid(self.out(x)), axis=-1)",
            decorator="@tf.function",
        ),
        ([8], ["silu"], ["sigmoid"], ["dense"] * 2, []),
    ),
    "layers-in-a-list": (
        TABLE
        + subclass(
            "self.hidden = [layers.Dense(n, activation='relu') for n in (8, 7, 6)]\n"
            "self.drop = layers.Dropout(0.3)\nself.out = layers.Dense(1)",
            "for layer in self.hidden:\n    x = self.drop(layer(x), training=training)\n"
            "return self.out(x)",
        ),
        ([8, 7, 6], ["relu"] * 3, [], ["dense"] * 4, ["dropout"]),
    ),
    "spelled-out": (
        TABLE
        + subclass(
            "self.a = layers.Dense(8)\nself.b = layers.Dense(6)\nself.out = layers.Dense(3)",
            "x = tf.maximum(self.a(x), 0.0)\nx = self.b(x)\nx = x * tf.sigmoid(x)\n"
            "z = self.out(x)\ne = tf.exp(z - tf.reduce_max(z, axis=1, keepdims=True))\n"
            "return e / tf.reduce_sum(e, axis=1, keepdims=True)",
        ),
        ([8, 6], ["relu", "silu"], ["softmax"], ["dense"] * 3, []),
    ),
    "own-weights": (
        TABLE
        + subclass(
            "self.w1 = self.add_weight(shape=(6, 8))\n"
            "self.b1 = self.add_weight(shape=(8,), initializer='zeros')\n"
            "self.w2 = self.add_weight(shape=(8, 5))\n"
            "self.w3 = self.add_weight(shape=(5, 1))\n"
            "self.b3 = self.add_weight(shape=(1,))",
            "h = tf.nn.relu(tf.matmul(x, self.w1) + self.b1)\n"
            "h = tf.nn.tanh(h @ self.w2)\nreturn tf.sigmoid(h @ self.w3 + self.b3)",
        ),
        ([8, 5], ["relu", "tanh"], ["sigmoid"], ["dense"] * 3, []),
    ),
    "own-layer": (
        TABLE
        + OWN_DENSE
        + sequential("Affine(8, 'relu')", "Affine(5, 'gelu')", "Affine(1, 'sigmoid')"),
        ([8, 5], ["relu", "gelu"], ["sigmoid"], ["dense"] * 3, []),
    ),
    "own-block": (
        TABLE
        + BLOCK
        + sequential("layers.Dense(8, 'relu')", "Block(8)", "Block(8)", "layers.Dense(2)"),
        ([8] * 5, ["relu"] * 5, [], ["dense"] * 6, ["residual"]),
    ),
    "gated": (
        TABLE
        + subclass(
            "self.a = layers.Dense(6)\nself.b = layers.Dense(6)\nself.out = layers.Dense(3)",
            "return self.out(tf.tanh(self.a(x)) * tf.sigmoid(self.b(x)))",
        ),
        ([6, 6], ["tanh", "sigmoid"], [], ["dense"] * 3, []),
    ),
    "scaled-scores": (
        TABLE
        + subclass(
            "self.a = layers.Dense(6, 'selu')\nself.out = layers.Dense(3)",
            "return tf.nn.softmax(self.out(self.a((x - 0.5) / 2.0)) / 2.0)",
        ),
        ([6], ["selu"], ["softmax"], ["dense"] * 2, []),
    ),
    "lambda": (
        TABLE
        + sequential(
            "layers.Dense(4)",
            "layers.Lambda(lambda t: tf.nn.tanh(t))",
            "layers.Dense(1)",
            "layers.Lambda(lambda t: tf.sigmoid(t))",
        ),
        ([4], ["tanh"], ["sigmoid"], ["dense"] * 2, []),
    ),
    "cnn": (
        IMAGES
        + sequential(
            "layers.Rescaling(1 / 255.0)",
            "layers.RandomFlip()",
            "layers.Conv2D(4, 3, activation='relu')",
            "layers.MaxPooling2D()",
            "layers.SeparableConv2D(6, 2, activation='relu')",
            "layers.Flatten()",
            "layers.Dense(3)",
        ),
        ([4, 6], ["relu"] * 2, [], ["conv2d", "conv2d", "dense"], ["max-pool"]),
    ),
    "cnn-by-functions": (
        IMAGES
        + subclass(
            "self.a = layers.Conv2D(4, 3)\nself.b = layers.Conv2D(6, 3)\n"
            "self.norm = layers.BatchNormalization()\nself.out = layers.Dense(3)",
            "x = tf.nn.max_pool2d(tf.nn.relu(self.a(x)), 2, 2, 'VALID')\n"
            "x = tf.nn.relu(self.norm(self.b(x)))\nx = tf.reshape(x, (tf.shape(x)[0], -1))\n"
            "return tf.nn.log_softmax(self.out(x))",
        ),
        (
            [4, 6],
            ["relu"] * 2,
            ["log_softmax"],
            ["conv2d", "conv2d", "dense"],
            ["batch-norm", "max-pool"],
        ),
    ),
    "conv1d": (
        SERIES
        + sequential(
            "layers.Conv1D(4, 2, dilation_rate=2, padding='causal', activation='gelu')",
            "layers.GlobalMaxPooling1D()",
            "layers.Dense(1, activation='sigmoid')",
        ),
        ([4], ["gelu"], ["sigmoid"], ["conv1d", "dense"], ["max-pool"]),
    ),
    "recurrent": (
        WORDS
        + sequential(
            "layers.Embedding(10, 4, mask_zero=True)",
            "layers.Bidirectional(layers.LSTM(3, return_sequences=True))",
            "layers.GRU(5)",
            "layers.Dense(1, activation='sigmoid')",
        ),
        (
            [4, 6, 5],
            ["linear", "tanh", "tanh"],
            ["sigmoid"],
            ["embedding", "recurrent", "recurrent", "dense"],
            [],
        ),
    ),
    "last-step": (
        SERIES
        + subclass(
            "self.a = layers.SimpleRNN(6, return_sequences=True)\nself.out = layers.Dense(2)",
            "return self.out(tf.nn.relu(self.a(x)[:, -1, :]))",
        ),
        ([6], ["relu"], [], ["recurrent", "dense"], []),
    ),
    "transformer": (
        WORDS + TRANSFORMER,
        (
            [8, 8, 8, 16, 8],
            ["linear", "linear", "linear", "relu", "linear"],
            [],
            ["embedding", "embedding", "attention", "dense", "dense", "dense"],
            ["average-pool", "dropout", "layer-norm", "residual"],
        ),
    ),
    "word-average": (
        WORDS
        + subclass(
            "self.words = layers.Embedding(10, 4)\nself.out = layers.Dense(1)",
            "return self.out(tf.reduce_mean(self.words(x), axis=1))",
        ),
        ([4], ["linear"], [], ["embedding", "dense"], ["average-pool"]),
    ),
    "every-step": (
        SERIES
        + sequential(
            "layers.TimeDistributed(layers.Dense(4, activation='relu'))",
            "layers.Flatten()",
            "layers.Dense(1)",
        ),
        ([4], ["relu"], [], ["dense", "dense"], []),
    ),
    "rare-activations": (
        TABLE
        + sequential(
            *(
                f"layers.Dense(8, activation='{name}')"
                for name in ("mish", "hard_sigmoid", "celu", "softsign", "relu6", "hard_silu")
            ),
            "layers.Dense(2)",
        ),
        (
            [8] * 6,
            ["mish", "hard_sigmoid", "celu", "softsign", "relu6", "hard_silu"],
            [],
            ["dense"] * 7,
            [],
        ),
    ),
    "call-uses-a-global": (
        TABLE
        + "everything = rng.standard_normal((20, 6)).astype('float32')\n"
        + subclass(
            "self.a = layers.Dense(5, 'relu')\nself.out = layers.Dense(1)",
            "return tf.sigmoid(self.out(self.a(everything)))",
        ),
        ([5], ["relu"], ["sigmoid"], ["dense"] * 2, []),
    ),
    "exploded": (
        TABLE
        + subclass(
            "self.a = layers.Dense(5)\nself.norm = layers.BatchNormalization()\n"
            "self.out = layers.Dense(1)",
            "return tf.sigmoid(self.out(tf.nn.tanh(self.norm(self.a(x)))))",
        )
        + "model.set_weights([w * np.nan for w in model.get_weights()])\nrows[0, 0] = np.nan\n",
        ([5], ["tanh"], ["sigmoid"], ["dense"] * 2, ["batch-norm"]),
    ),
    "rows-of-doubles": (
        TABLE.replace("float32", "float64")
        + sequential("layers.Dense(8, 'elu')", "layers.Dense(2)"),
        ([8], ["elu"], [], ["dense"] * 2, []),
    ),
}
BRANCHING = subclass(
    "self.a = layers.Dense(8)\nself.out = layers.Dense(1)",
    "h = tf.nn.relu(self.a(x))\nif tf.reduce_sum(x) > 1e9:\n    h = h * 2.0\n"
    "return tf.sigmoid(self.out(h))",
    decorator="@tf.function",
)


def with_source(program: str) -> str:
    """The program as a notebook runs it: TensorFlow finds its text and can turn ``if`` around."""
    return (
        f"import linecache\ntext = {program!r}\n"
        "linecache.cache['cell.py'] = (len(text), None, text.splitlines(True), 'cell.py')\n"
        "exec(compile(text, 'cell.py', 'exec'))\n"
    )


TWO_INPUTS = (
    "a, b = keras.Input((6,)), keras.Input((6,))\n"
    "model = keras.Model([a, b], layers.Dense(1)(layers.add([a, b])))\n"
)
OTHERS = {
    "never-built": TABLE + "model = keras.Sequential([layers.Dense(8), layers.Dense(1)])\n",
    "two-inputs": TABLE + TWO_INPUTS,
    "two-outputs": TABLE
    + functional("outputs = [layers.Dense(1)(inputs), layers.Dense(2)(inputs)]\n"),
    "wrong-rows": SERIES.replace("5, 6", "5, 7")
    + "model = keras.Sequential([keras.Input((6,)), layers.Dense(1)])\n",
    "softmax-over-rows": TABLE
    + subclass(
        "self.a = layers.Dense(6, 'relu')\nself.out = layers.Dense(3)",
        "return tf.nn.softmax(self.out(self.a(x)), axis=0)",
    ),
    "unused": TABLE
    + subclass(
        "self.a = layers.Dense(6, 'relu')\nself.extra = layers.Dense(9)\n"
        "self.thrown = layers.Dense(4)\nself.act = layers.ReLU()\n"
        "self.none = layers.Dropout(0.0)\nself.noise = layers.GaussianNoise(0.1)\n"
        "self.out = layers.Dense(3)",
        "h = self.a(x)\nself.thrown(h)\nif training:\n    h = self.noise(h, training=True)\n"
        "return self.out(h)",
    ),
    "branch-of-tensorflow": TABLE + with_source(BRANCHING),
    "frozen": TABLE
    + sequential("layers.Dense(8, 'relu')", "layers.BatchNormalization()", "layers.Dense(1)")
    + "model.layers[0].trainable = False\n",
    "hard-coded-training": TABLE
    + subclass(
        "self.a = layers.Dense(6)\nself.norm = layers.BatchNormalization()\n"
        "self.drop = layers.Dropout(0.5)\nself.out = layers.Dense(3)",
        "return self.out(self.drop(tf.nn.relu(self.norm(self.a(x), training=True)), "
        "training=True))",
    ),
    "fresh-layer": TABLE
    + subclass(
        "self.out = layers.Dense(3)", "return self.out(layers.Dense(4, activation='relu')(x))"
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    sources = {name: source for name, (source, _) in STYLES.items()} | OTHERS
    programs = {name: HEAD + source + TAIL for name, source in sources.items()}
    seen = run_programs("keras", programs, tmp_path_factory.mktemp("keras-structure"))
    return {name: json.loads((one.folder / "digest").read_text()) for name, one in seen.items()}


@pytest.mark.parametrize("style", STYLES)
def test_two_techniques_agree_on_what_a_reader_sees(
    style: str, found: dict[str, dict[str, Any]]
) -> None:
    units, hidden, ending, weighted, ingredients = STYLES[style][1]

    one = found[style]

    assert one["units"] == units, one["problem"]
    assert one["hidden"] == hidden
    assert one["ending"] == ending, one["problem"]
    assert one["weighted"] == weighted
    assert one["ingredients"] == ingredients
    assert {"layer runs", "graph"} <= set(one["spoke"])
    assert "layer runs" in one["how"]
    assert one["unused"] == []


@pytest.mark.parametrize("name", [*STYLES, *OTHERS])
def test_looking_at_a_model_changes_none_of_its_numbers(
    name: str, found: dict[str, dict[str, Any]]
) -> None:
    assert found[name]["is_untouched"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("never-built", "the model was never built"),
        ("two-inputs", "could not be run on rows like its training rows"),
        ("two-outputs", "something else than one tensor"),
        ("wrong-rows", "could not be run on rows like its training rows"),
        ("fresh-layer", "gets its weights only when the model is called"),
    ],
)
def test_what_cannot_be_looked_at_is_unknown_with_a_reason(
    name: str, reason: str, found: dict[str, dict[str, Any]]
) -> None:
    one = found[name]

    assert one["hidden"] is None
    assert one["ending"] is None
    assert reason in one["problem"]
    assert "\x1b" not in one["problem"]


def test_a_softmax_over_the_rows_shows_its_axis(found: dict[str, dict[str, Any]]) -> None:
    assert found["softmax-over-rows"]["ending"] == ["softmax"]
    assert found["softmax-over-rows"]["axis"] == -2


def test_what_one_technique_alone_can_see_stays_unknown(found: dict[str, dict[str, Any]]) -> None:
    one = found["branch-of-tensorflow"]

    assert one["hidden"] is None
    assert "only the layer runs could tell" in one["problem"]
    assert one["ending"] == ["sigmoid"]
    assert one["unused"] is None


def test_layers_that_take_no_part_are_named(found: dict[str, dict[str, Any]]) -> None:
    names = [one.split(" ")[1] for one in found["unused"]["unused"]]

    assert names == ["(Dense)", "(Dense)", "(ReLU)"]


def test_frozen_numbers_leave_out_moving_averages(found: dict[str, dict[str, Any]]) -> None:
    assert found["frozen"]["frozen"] == 6 * 8 + 8
    assert found["sequential"]["frozen"] == 0
    assert found["cnn-by-functions"]["frozen"] == 0


def test_hidden_values_and_weights_come_in_the_order_of_the_calls(
    found: dict[str, dict[str, Any]],
) -> None:
    assert found["subclass"]["values"] == [["relu", [8, 8]], ["gelu", [8, 4]]]
    assert found["subclass"]["weights"] == [[6, 8], [8, 4]]
    assert found["decorated"]["weights"] == [[6, 8]]
    assert found["cnn"]["values"][0] == ["relu", [8, 6, 6, 4]]


def test_moving_averages_stay_where_training_is_hard_coded(
    found: dict[str, dict[str, Any]],
) -> None:
    assert found["hard-coded-training"]["is_untouched"]
    assert found["hard-coded-training"]["hidden"] in (None, ["relu"])
