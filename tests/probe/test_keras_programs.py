"""What recorder and probe say about small Keras programs, on the TensorFlow backend."""

from __future__ import annotations

import numpy as np
import pytest
from probe_harness import HIDDEN, Seen, run_programs

from grader.evidence import (
    HiddenLayer,
    LossFamily,
    Route,
    ScoreKind,
    Split,
    TargetEncoding,
)

pytestmark = pytest.mark.keras

HEAD = """
import keras
import numpy as np
from keras import layers
X, y = _X, _y
"""
FIT = "model.fit(X, {labels}, epochs={epochs}, batch_size=40, verbose=0)\n"


def sequential(out: int, activation: str | None, hidden: str = "relu") -> str:
    return (
        "model = keras.Sequential([keras.Input((2,)), "
        f"layers.Dense(8, activation={hidden!r}), "
        f"layers.Dense({out}, activation={activation!r})])\n"
    )


def compiled(loss: str, *, labels: str = "y", epochs: int = 2, optimizer: str = "'adam'") -> str:
    return f"model.compile(optimizer={optimizer}, loss={loss})\n" + FIT.format(
        labels=labels, epochs=epochs
    )


SUBCLASS = """
import tensorflow as tf
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = layers.Dense(6)
        self.b = layers.Dense(4, activation="tanh")
        self.c = layers.Dense(1)
        self.drop = layers.Dropout(0.2)
    def call(self, x, training=False):
        x = self.drop(tf.nn.relu(self.a(x)), training=training)
        return keras.ops.sigmoid(self.c(self.b(x)))
model = Net()
"""
TAPE = """
import tensorflow as tf
opt = keras.optimizers.SGD(0.1)
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
{decorator}
def step(a, b):
    with tf.GradientTape() as tape:
        loss = loss_fn(b, model(a, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
    return loss
for _ in range(5):
    step(tf.constant(X), tf.constant(y[:, None].astype("float32")))
"""
PROGRAMS = {
    "sequential": HEAD + sequential(1, "sigmoid") + compiled("'binary_crossentropy'"),
    "functional": HEAD
    + """
inputs = keras.Input((2,))
x = layers.Dense(8)(inputs)
x = layers.BatchNormalization()(x)
x = layers.Activation("relu")(x)
x = layers.Dropout(0.1)(x)
outputs = layers.Dense(2)(x)
net = keras.Model(inputs, outputs)
model = net
"""
    + compiled(
        "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        optimizer="keras.optimizers.SGD(learning_rate=0.05)",
        epochs=3,
    ),
    "function": HEAD
    + sequential(2, "softmax", "gelu")
    + compiled("keras.losses.categorical_crossentropy", labels="keras.utils.to_categorical(y, 2)"),
    "object": HEAD
    + sequential(1, None, "swish")
    + compiled("keras.losses.BinaryCrossentropy(from_logits=True)", labels="y.reshape(-1, 1)"),
    "logits-unsaid": HEAD + sequential(1, None) + compiled("'bce'"),
    "repaired": HEAD
    + sequential(2, "softmax")
    + compiled("keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
    "repaired-sigmoid": HEAD
    + sequential(1, "sigmoid")
    + compiled("keras.losses.BinaryCrossentropy(from_logits=True)"),
    "own-function": HEAD
    + sequential(1, "sigmoid")
    + "def my_loss(a, b):\n    return keras.ops.mean((a - b) ** 2)\n"
    + compiled("my_loss"),
    "evaluated-unbuilt": HEAD
    + "model = keras.Sequential([layers.Dense(8, activation='relu'), "
    + "layers.Dense(1, activation='sigmoid')])\n"
    + compiled("'binary_crossentropy'", epochs=3)
    + "model.evaluate(X, y, verbose=0)\n",
    "evaluated-subclass": HEAD
    + SUBCLASS
    + compiled("'binary_crossentropy'", epochs=3)
    + "model.evaluate(X, y, verbose=0)\n",
    "subclass": HEAD + SUBCLASS + compiled("'mse'"),
    "tape": HEAD + sequential(1, None) + TAPE.format(decorator=""),
    "tape-traced": HEAD + sequential(1, None) + TAPE.format(decorator="@tf.function"),
    "assigned-by-hand": HEAD
    + sequential(1, None)
    + """
import tensorflow as tf
target = y[:, None].astype("float32")
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=model(X)))
    grads = tape.gradient(loss, model.trainable_variables)
    for variable, grad in zip(model.trainable_variables, grads):
        variable.assign_sub(0.1 * grad)
""",
    "spelled-out": HEAD
    + """
inputs = keras.Input((2,))
x = layers.Dense(8)(inputs)
x = layers.PReLU()(x)
x = layers.Dense(4, activation="hard_sigmoid")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
"""
    + compiled("'bce'"),
    "no-activation": HEAD + sequential(1, "sigmoid", "linear") + compiled("'bce'"),
    "affine": HEAD
    + sequential(1, None, "linear")
    + compiled("keras.losses.BinaryCrossentropy(from_logits=True)"),
    "residual": HEAD
    + """
inputs = keras.Input((2,))
x = layers.Dense(8, activation="relu")(inputs)
z = layers.Dense(8, activation="relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(layers.add([x, z]))
model = keras.Model(inputs, outputs)
"""
    + compiled("'bce'"),
    "lazy-build": HEAD
    + "model = keras.Sequential([layers.Dense(8, activation='selu'), "
    + "layers.Dense(1, activation='sigmoid')])\n"
    + compiled("'binary_crossentropy'"),
    "dataset": HEAD
    + "import tensorflow as tf\n"
    + sequential(1, "sigmoid")
    + "data = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(120).batch(30)\n"
    + "model.compile('adam', 'bce')\nmodel.fit(data, epochs=2, verbose=0)\n",
    "split": HEAD
    + sequential(1, "sigmoid")
    + "model.compile('adam', 'bce')\n"
    + "model.fit(X, y, epochs=1, validation_split=0.25, verbose=0)\n",
    "on-batch": HEAD
    + sequential(1, "sigmoid")
    + "model.compile('adam', 'bce')\nfor i in range(4):\n    model.train_on_batch(X, y)\n",
    "never-trained": HEAD + sequential(1, "sigmoid") + "model.compile('adam', 'bce')\n",
    "never-called": "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n",
    "twice": HEAD
    + sequential(1, "sigmoid")
    + compiled("'bce'")
    + "first = model\n"
    + sequential(1, "sigmoid", "tanh")
    + compiled("'bce'")
    + FIT.format(labels="y", epochs=1),
    "predict": HEAD
    + sequential(1, "sigmoid")
    + "mean, std = X.mean(0), X.std(0)\nX = (X - mean) / std\n"
    + compiled("'bce'")
    + "def predict(inputs):\n"
    + "    return (model.predict((inputs - mean) / std, verbose=0) > 0.5).astype(int)\n",
    "transformer": HEAD
    + sequential(1, "sigmoid")
    + "from sklearn.preprocessing import MinMaxScaler\nfrom sklearn.pipeline import make_pipeline\n"
    + "prepare = make_pipeline(MinMaxScaler()).fit(X)\nX = prepare.transform(X)\n"
    + compiled("'bce'"),
    "convention": HEAD
    + "def build_model():\n"
    + "    "
    + sequential(1, "sigmoid")
    + "    return model\n"
    + "def train(model, inputs, labels):\n"
    + "    model.compile('adam', 'bce')\n"
    + "    model.fit(inputs, labels, epochs=1, verbose=0)\n",
    "tampering": HEAD
    + sequential(1, "sigmoid")
    + "keras.Model.fit = lambda self, *a, **k: None\n"
    + compiled("'bce'"),
    "saved": HEAD
    + sequential(1, "sigmoid")
    + compiled("'bce'")
    + "import warnings, tempfile, os\nwarnings.simplefilter('error', UserWarning)\n"
    + "path = os.path.join(tempfile.mkdtemp(), 'm.keras')\n"
    + "model.save(path)\nagain = keras.models.load_model(path)\nassert again.compiled\n",
}
STOCHASTIC = (
    HEAD.replace("X, y =", "keras.utils.set_random_seed(7)\nX, y =")
    + SUBCLASS
    + compiled("'bce'", epochs=3)
    + """
import hashlib
_digest = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
"""
)
PROGRAMS |= {"same": STOCHASTIC, "same-alone": STOCHASTIC}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("keras", PROGRAMS, tmp_path_factory.mktemp("keras"))


def test_a_sequential_model_is_described_in_full(seen: dict[str, Seen]) -> None:
    candidate = seen["sequential"].only
    model, loss, training = candidate.model, candidate.loss, candidate.training

    assert candidate.names == ("model",)
    assert candidate.is_trained
    assert model.class_name == "Sequential"
    assert model.input_shape.value == (None, 2)
    assert model.output_shape.value == (None, 1)
    kinds = [(step.kind, step.activation) for step in model.operations.known_value]
    assert kinds == [
        ("dense", None),
        ("activation", "relu"),
        ("dense", None),
        ("activation", "sigmoid"),
    ]
    assert model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),)
    assert model.output_activation.value == "sigmoid"
    assert model.emits.value is ScoreKind.PROBABILITIES
    assert model.is_affine.value is False
    assert model.parameters.value == 33
    assert loss.name.value == "binary_crossentropy"
    assert loss.family.value is LossFamily.BINARY_CROSS_ENTROPY
    assert loss.expects.value is ScoreKind.PROBABILITIES
    assert loss.receives.value is ScoreKind.PROBABILITIES
    assert loss.outside_activation.value == "linear"
    assert loss.target_encoding.value is TargetEncoding.BINARY
    assert loss.target_shape.value == (None,)
    assert loss.target_dtype.value == "int64"
    assert not loss.repaired_by_framework
    assert candidate.optimizer.name.value == "Adam"
    assert candidate.optimizer.learning_rate.value == 0.001
    assert training.steps.value == 6
    assert training.epochs.value == 2
    assert training.parameters_changed.value is True
    assert training.rows.value == 120
    assert training.trained_on.value == "public data"
    assert training.curve_of == "loss per epoch"
    assert [point.step for point in training.curve] == [1, 2]


def test_a_functional_model_with_normalisation_is_a_chain(seen: dict[str, Seen]) -> None:
    candidate = seen["functional"].only

    assert candidate.model.class_name == "Functional"
    assert candidate.model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),)
    assert candidate.model.output_activation.value == "linear"
    assert candidate.loss.name.value == "SparseCategoricalCrossentropy"
    assert candidate.loss.target_encoding.value is TargetEncoding.CLASS_INDEX
    assert candidate.optimizer.name.value == "SGD"
    assert candidate.optimizer.learning_rate.value == 0.05
    assert set(candidate.names) == {"net", "model"}


@pytest.mark.parametrize(
    ("program", "name", "output", "expects", "receives"),
    [
        ("functional", "SparseCategoricalCrossentropy", "linear", "LOGITS", "LOGITS"),
        ("function", "categorical_crossentropy", "softmax", "PROBABILITIES", "PROBABILITIES"),
        ("object", "BinaryCrossentropy", "linear", "LOGITS", "LOGITS"),
        ("logits-unsaid", "bce", "linear", "PROBABILITIES", "LOGITS"),
        ("repaired", "SparseCategoricalCrossentropy", "softmax", "LOGITS", "PROBABILITIES"),
        ("repaired-sigmoid", "BinaryCrossentropy", "sigmoid", "LOGITS", "PROBABILITIES"),
        ("subclass", "mse", "sigmoid", "PROBABILITIES", "PROBABILITIES"),
        ("on-batch", "bce", "sigmoid", "PROBABILITIES", "PROBABILITIES"),
        ("lazy-build", "binary_crossentropy", "sigmoid", "PROBABILITIES", "PROBABILITIES"),
    ],
)
def test_output_and_loss_are_paired_as_they_were_compiled(
    seen: dict[str, Seen], program: str, name: str, output: str, expects: str, receives: str
) -> None:
    candidate = seen[program].only

    assert candidate.loss.name.value == name
    assert candidate.model.output_activation.value == output
    assert candidate.loss.expects.value is ScoreKind[expects]
    assert candidate.loss.receives.value is ScoreKind[receives]
    assert candidate.is_trained


@pytest.mark.parametrize(
    ("program", "activation"), [("function", "gelu"), ("object", "silu"), ("lazy-build", "selu")]
)
def test_activations_that_tensorflow_spells_out_are_recognised(
    seen: dict[str, Seen], program: str, activation: str
) -> None:
    hidden = seen[program].only.model.hidden_layers.value

    assert hidden == (HiddenLayer(units=8, activation=activation),)


@pytest.mark.parametrize(
    ("program", "repaired"),
    [("repaired", True), ("repaired-sigmoid", True), ("functional", False), ("object", False)],
)
def test_a_silent_repair_by_tensorflow_is_told(
    seen: dict[str, Seen], program: str, repaired: bool
) -> None:
    assert seen[program].only.loss.repaired_by_framework is repaired


def test_one_hot_targets_are_named(seen: dict[str, Seen]) -> None:
    assert seen["function"].only.loss.target_encoding.value is TargetEncoding.ONE_HOT


@pytest.mark.parametrize("name", ["evaluated-unbuilt", "evaluated-subclass"])
def test_a_model_that_is_built_by_fit_and_evaluated_later_was_trained(
    seen: dict[str, Seen], name: str
) -> None:
    candidate = seen[name].only

    assert candidate.is_trained
    assert candidate.training.parameters_changed.value is not False
    assert candidate.training.epochs.value == 3


def test_a_loss_of_the_students_own_is_written_by_hand(seen: dict[str, Seen]) -> None:
    candidate = seen["own-function"].only

    assert candidate.loss.name.value == "written by hand"
    assert candidate.is_trained


def test_functions_called_in_a_subclass_are_seen(seen: dict[str, Seen]) -> None:
    model = seen["subclass"].only.model

    assert model.class_name == "Net"
    assert model.hidden_layers.value == (
        HiddenLayer(units=6, activation="relu"),
        HiddenLayer(units=4, activation="tanh"),
    )
    assert model.output_activation.value == "sigmoid"


@pytest.mark.parametrize("program", ["tape", "tape-traced"])
def test_a_loop_with_a_gradient_tape_is_training_with_a_loss(
    seen: dict[str, Seen], program: str
) -> None:
    candidate = seen[program].only

    assert candidate.is_trained
    assert candidate.training.parameters_changed.value is True
    assert candidate.training.steps.value == 5
    assert candidate.training.epochs.value == 5
    assert candidate.optimizer.name.value == "SGD"
    assert candidate.loss.name.value == "BinaryCrossentropy"
    assert candidate.loss.receives.value is ScoreKind.LOGITS


def test_parameters_assigned_by_hand_are_training_without_an_optimizer(
    seen: dict[str, Seen],
) -> None:
    candidate = seen["assigned-by-hand"].only

    assert candidate.is_trained
    assert candidate.optimizer.name.is_absent
    assert candidate.training.gradients.value == 3
    assert candidate.training.trained_on.value == "public data"
    assert candidate.loss.name.value == "sigmoid_cross_entropy_with_logits"


def test_the_list_of_layers_names_what_the_graph_spells_out(seen: dict[str, Seen]) -> None:
    assert seen["spelled-out"].only.model.hidden_layers.value == (
        HiddenLayer(units=8, activation="prelu"),
        HiddenLayer(units=4, activation="hard_sigmoid"),
    )


def test_rows_of_an_eager_loop_are_seen(seen: dict[str, Seen]) -> None:
    assert seen["tape"].only.training.trained_on.value == "public data"
    assert seen["tape"].only.hidden_route["circles"].value is Route.MODEL


def test_two_layers_with_nothing_between_are_linear(seen: dict[str, Seen]) -> None:
    linear = (HiddenLayer(units=8, activation="linear"),)

    assert seen["no-activation"].only.model.hidden_layers.value == linear
    assert seen["affine"].only.model.hidden_layers.value == linear
    assert seen["affine"].only.model.is_affine.value is True


def test_hidden_layers_are_seen_through_a_residual_part(seen: dict[str, Seen]) -> None:
    model = seen["residual"].only.model

    assert model.hidden_layers.value == (HiddenLayer(units=8, activation="relu"),) * 2
    assert model.output_activation.value == "sigmoid"


def test_a_data_set_is_read_after_the_last_cell(seen: dict[str, Seen]) -> None:
    candidate = seen["dataset"].only

    assert candidate.training.trained_on.value == "public data"
    assert candidate.training.rows.value == 120
    assert candidate.loss.target_encoding.value is TargetEncoding.BINARY
    assert candidate.training.steps.value == 8


def test_rows_held_out_by_fit_are_not_training_rows(seen: dict[str, Seen]) -> None:
    assert seen["split"].only.training.rows.value == 90


def test_train_on_batch_counts_steps_and_passes(seen: dict[str, Seen]) -> None:
    training = seen["on-batch"].only.training

    assert training.steps.value == 4
    assert training.epochs.value == 4


def test_a_compiled_model_that_was_never_fitted_is_not_trained(seen: dict[str, Seen]) -> None:
    candidate = seen["never-trained"].only

    assert not candidate.is_trained
    assert candidate.loss.name.is_absent
    assert candidate.model.output_activation.value == "sigmoid"


def test_a_model_that_was_never_built_is_described_as_unknown(seen: dict[str, Seen]) -> None:
    candidate = seen["never-called"].only

    assert not candidate.is_trained
    assert candidate.model.input_shape.is_unknown
    assert candidate.model.hidden_layers.is_unknown


def test_models_are_ranked_by_when_they_were_last_trained(seen: dict[str, Seen]) -> None:
    first, second = seen["twice"].examination.candidates

    assert (first.names, first.last_trained) == (("first",), 1)
    assert (second.names, second.last_trained) == (("model",), 2)
    assert second.training.epochs.value == 3
    assert [point.step for point in second.training.curve] == [1, 2, 3]


def test_predict_gives_labels_and_the_outputs_seen_meanwhile(seen: dict[str, Seen]) -> None:
    result = seen["predict"]
    labels = result.array("hidden-circles-m1-labels.npy")
    scores = result.array("hidden-circles-m1-scores.npy")

    assert result.only.hidden_route["circles"].value is Route.PREDICT
    assert labels.shape == (len(HIDDEN),)
    assert np.array_equal(labels, (scores[:, 0] > 0.5).astype(np.int64))


def test_a_fitted_pipeline_is_found_and_used(seen: dict[str, Seen]) -> None:
    result = seen["transformer"]

    assert result.only.training.trained_on.value == "public data through Pipeline"
    assert result.only.hidden_route["circles"].value is Route.TRANSFORMER
    assert {one.split for one in result.only.predictions} == {Split.VALIDATION, Split.PLOT}
    assert result.array("plot-circles-m1-scores.npy").shape == (25, 1)


def test_functions_offered_by_convention_are_called(seen: dict[str, Seen]) -> None:
    assert seen["convention"].only.is_trained
    assert len(seen["convention"].examination.notices) == 1


def test_a_replaced_fit_is_noticed(seen: dict[str, Seen]) -> None:
    (notice,) = seen["tampering"].examination.notices

    assert "fit" in notice.text
    assert seen["tampering"].only.loss.name.is_unknown


def test_saving_and_loading_warns_of_nothing(seen: dict[str, Seen]) -> None:
    trained = [one for one in seen["saved"].examination.candidates if one.is_trained]

    assert [one.names for one in trained] == [("model",), ("again",)]


def test_recording_changes_no_weight(seen: dict[str, Seen]) -> None:
    recorded = (seen["same"].folder / "digest").read_text()
    alone = (seen["same-alone"].folder / "digest").read_text()

    assert recorded == alone
