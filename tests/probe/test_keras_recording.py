"""What is recorded of training in Keras: loops of one's own, fit, evaluation, copies of weights."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs

from grader.evidence import Candidate, LossFamily, Mode, ScoreKind, TargetEncoding

pytestmark = pytest.mark.keras

HEAD = """
import hashlib
import keras
import numpy as np
import tensorflow as tf
from keras import layers
keras.utils.set_random_seed(3)
X, y, V, W = _X, _y, _V, _W
column = y[:, None].astype("float32")
def network(out, activation=None):
    return keras.Sequential([keras.Input((2,)), layers.Dense(8, activation="relu"),
                             layers.Dropout(0.1), layers.Dense(out, activation=activation)])
def digest_of(model):
    return hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
"""
LOOP = """
opt = keras.optimizers.Adam(0.01)
def step(a, b):
    with tf.GradientTape() as tape:
        loss = {loss}
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
    return loss
{wrap}
data = tf.data.Dataset.from_tensor_slices((X.astype("float32"), {labels})).shuffle(120).batch(32)
for epoch in range(3):
    for a, b in data:
        step(a, b)
    model(V, training=False)
_digest = digest_of(model)
"""
TRACED = "step = tf.function(step)"


def loop(out: str, loss: str, labels: str = "column", *, traced: bool = False) -> str:
    wrap = TRACED if traced else ""
    return f"{HEAD}model = network({out})\n" + LOOP.format(loss=loss, labels=labels, wrap=wrap)


def fitted(out: str, compiled: str, fit: str, *, before: str = "") -> str:
    return (
        f"{HEAD}{before}\nmodel = network({out})\nmodel.compile({compiled})\n"
        f"model.fit({fit}, verbose=0)\n_digest = digest_of(model)\n"
    )


OBJECT = "keras.losses.BinaryCrossentropy(from_logits=True)(b, model(a, training=True))"
FUNCTION = "tf.reduce_mean(keras.losses.binary_crossentropy(b, model(a, training=True)))"
SIGMOID = (
    "tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=b, logits=tf.sigmoid(model(a))))"
)
SPARSE = (
    "tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits("
    "labels=b, logits=model(a, training=True)))"
)
LOG = (
    "(lambda p: -tf.reduce_mean(b * tf.math.log(p + 1e-7) + (1 - b) * tf.math.log(1 - p + 1e-7)))"
    "(tf.sigmoid(model(a, training=True)))"
)
SQUARE = "tf.reduce_mean((model(a, training=True) - b) ** 2)"
ODD = "tf.reduce_mean(tf.abs(model(a, training=True) - b) ** 1.5)"
BCE = "'adam', 'binary_crossentropy'"
BOTH = {
    "object": ("1", OBJECT, "column"),
    "function": ("1, 'sigmoid'", FUNCTION, "column"),
    "sigmoid-in-loop": ("1", SIGMOID, "column"),
    "sparse": ("2", SPARSE, "y"),
    "log-by-hand": ("1", LOG, "column"),
    "square-by-hand": ("1, 'sigmoid'", SQUARE, "column"),
    "odd-by-hand": ("1, 'sigmoid'", ODD, "column"),
}
PROGRAMS = {
    **{name: loop(*parts) for name, parts in BOTH.items()},
    **{f"{name}-traced": loop(*parts, traced=True) for name, parts in BOTH.items()},
    "object-alone": loop(*BOTH["object"]),
    "log-by-hand-alone": loop(*BOTH["log-by-hand"]),
    "object-traced-alone": loop(*BOTH["object"], traced=True),
    "no-gradient": HEAD
    + "model = network(1)\nf = keras.losses.BinaryCrossentropy(from_logits=True)\n"
    + "for _ in range(3):\n    with tf.GradientTape() as tape:\n        f(column, model(X))\n",
    "sampled": HEAD
    + "model = network(1)\nopt = keras.optimizers.SGD(0.1)\n"
    + "f = keras.losses.BinaryCrossentropy(from_logits=True)\n"
    + "for _ in range(9):\n    i = np.random.choice(120, 16)\n"
    + "    with tf.GradientTape() as tape:\n        loss = f(column[i], model(X[i]))\n"
    + "    g = tape.gradient(loss, model.trainable_variables)\n"
    + "    opt.apply(g, model.trainable_variables)\n",
    "fit": fitted("1, 'sigmoid'", BCE, "X, y, epochs=3, batch_size=40, validation_data=(V, W)"),
    "fit-alone": fitted(
        "1, 'sigmoid'", BCE, "X, y, epochs=3, batch_size=40, validation_data=(V, W)"
    ),
    "scheduled": fitted(
        "1, 'sigmoid'",
        "keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)), 'bce'",
        "X, y, epochs=3, batch_size=40",
    ),
    "scheduler": fitted(
        "1, 'sigmoid'",
        "keras.optimizers.SGD(0.1), 'bce'",
        "X, y, epochs=3, batch_size=40, callbacks=["
        "keras.callbacks.LearningRateScheduler(lambda e: 10.0 ** (e - 3))]",
    ),
    "selecting": fitted(
        "1, 'sigmoid'",
        BCE,
        "X, y, epochs=2, validation_data=(V, W), "
        "callbacks=[keras.callbacks.EarlyStopping(restore_best_weights=True)]",
    )
    + "model.evaluate(V, W, verbose=0)\n",
    "weighted": fitted("1, 'sigmoid'", BCE, "X, y, class_weight={0: 1.0, 1: 3.0}"),
    "own-function": fitted(
        "1, 'sigmoid'",
        "'adam', my_loss",
        "X, column",
        before="def my_loss(a, b):\n    return keras.ops.mean((a - b) ** 2)\n",
    ),
    "own-class": fitted(
        "1",
        "'adam', Mine()",
        "X, column",
        before="class Mine(keras.losses.Loss):\n    def call(self, a, b):\n"
        "        return keras.losses.binary_crossentropy(a, b, from_logits=True)\n",
    ),
    "own-step": HEAD
    + """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b = layers.Dense(8, activation="relu"), layers.Dense(2)
    def call(self, x, training=False):
        return self.b(self.a(x))
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            f = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            loss = f(y, self(x, training=True))
        grads = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        return {"loss": loss}
model = Net()
model.compile("adam")
model.fit(X, y, epochs=2, batch_size=40, verbose=0)
""",
    "untold": HEAD
    + """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop, self.b = layers.Dropout(0.5), layers.Dense(1, activation="sigmoid")
    def call(self, x):
        return self.b(self.drop(x))
model = Net()
model.compile("adam", "bce")
model.fit(X, y, verbose=0)
""",
    "interrupted": HEAD
    + """
class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 1 and len(self.model.history.history.get("loss", [])) == 2:
            raise KeyboardInterrupt
model = network(1, "sigmoid")
model.compile("adam", "bce")
try:
    model.fit(X, y, epochs=9, batch_size=40, verbose=0, callbacks=[Stop()])
except KeyboardInterrupt:
    pass
""",
    "raised": HEAD
    + "model = network(3, 'softmax')\n"
    + "model.compile('adam', 'categorical_crossentropy')\n"
    + "try:\n    model.fit(X, y, verbose=0)\nexcept Exception:\n    pass\n",
    "not-finite": fitted(
        "1, 'sigmoid'",
        BCE,
        "X, z, epochs=2, callbacks=[keras.callbacks.TerminateOnNaN()]",
        before="z = column.copy()\nz[3] = np.nan",
    ),
    "sorted": fitted(
        "1, 'sigmoid'", BCE, "X[o], y[o], shuffle=False, batch_size=30", before="o = np.argsort(y)"
    ),
    "shuffled": fitted(
        "1, 'sigmoid'", BCE, "X[o], y[o], batch_size=30", before="o = np.argsort(y)"
    ),
    "generator": HEAD
    + """
reads = []
def rows():
    reads.append(1)
    for a, b in zip(X, y):
        yield a, b
shapes = (tf.TensorSpec((2,), tf.float32), tf.TensorSpec((), tf.int64))
data = tf.data.Dataset.from_generator(rows, output_signature=shapes).batch(30)
model = network(1, "sigmoid")
model.compile("adam", "bce")
model.fit(data, epochs=2, verbose=0)
import atexit
""",
    "endless": HEAD
    + "data = tf.data.Dataset.from_tensor_slices((X, y)).repeat().batch(32)\n"
    + "model = network(1, 'sigmoid')\nmodel.compile('adam', 'bce')\n"
    + "model.fit(data, epochs=2, steps_per_epoch=4, verbose=0)\n",
    "put-back": HEAD
    + "model = network(1, 'sigmoid')\nmodel.compile('adam', 'bce')\n"
    + "model.fit(X, y, epochs=2, batch_size=40, verbose=0)\nbest = model.get_weights()\n"
    + "model.fit(X, y, epochs=1, batch_size=40, verbose=0)\n"
    + "again = keras.models.clone_model(model)\nagain.set_weights(best)\n"
    + "fresh = keras.models.clone_model(model)\nfresh(X)\n",
    "two-fits": HEAD
    + "model = network(1, 'sigmoid')\n"
    + "for rate in (0.1, 0.01):\n"
    + "    model.compile(keras.optimizers.SGD(rate), 'bce')\n"
    + "    model.fit(X, y, epochs=2, batch_size=40, verbose=0)\n",
    "asked": HEAD
    + "model = network(1, 'sigmoid')\nmodel.compile('adam', 'bce')\n"
    + "model.fit(X, y, verbose=0)\nmodel.evaluate(V, W, verbose=0)\nmodel.predict(V, verbose=0)\n",
    "asked-in-training-mode": HEAD
    + "model = network(1, 'sigmoid')\nmodel.compile('adam', 'bce')\n"
    + "model.fit(X, y, verbose=0)\nmodel(V, training=True)\nmodel(V[:2])\n",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return run_programs("keras", PROGRAMS, tmp_path_factory.mktemp("recording"))


def of_variable(seen: Seen, name: str) -> Candidate:
    return next(one for one in seen.examination.candidates if name in one.names)


@pytest.mark.parametrize("suffix", ["", "-traced"])
@pytest.mark.parametrize(
    ("program", "name", "family", "expects", "receives"),
    [
        ("object", "BinaryCrossentropy", "BINARY", "LOGITS", "LOGITS"),
        ("function", "binary_crossentropy", "BINARY", "PROBABILITIES", "PROBABILITIES"),
        (
            "sigmoid-in-loop",
            "sigmoid_cross_entropy_with_logits",
            "BINARY",
            "LOGITS",
            "PROBABILITIES",
        ),
        ("sparse", "sparse_softmax_cross_entropy_with_logits", "CATEGORICAL", "LOGITS", "LOGITS"),
        ("log-by-hand", "written by hand", "BINARY", "PROBABILITIES", "PROBABILITIES"),
        ("square-by-hand", "written by hand", "SQUARE", "PROBABILITIES", "PROBABILITIES"),
    ],
)
def test_the_loss_of_a_loop_is_the_one_that_was_called(  # a table
    seen: dict[str, Seen],
    program: str,
    name: str,
    family: str,
    expects: str,
    receives: str,
    suffix: str,
) -> None:
    loss = seen[program + suffix].only.loss
    families = {
        "BINARY": LossFamily.BINARY_CROSS_ENTROPY,
        "CATEGORICAL": LossFamily.CATEGORICAL_CROSS_ENTROPY,
        "SQUARE": LossFamily.MEAN_SQUARED_ERROR,
    }

    assert loss.name.value == name
    assert loss.family.value is families[family]
    assert loss.expects.value is ScoreKind[expects]
    assert loss.receives.value is ScoreKind[receives]


@pytest.mark.parametrize("program", [name + end for name in BOTH for end in ("", "-traced")])
def test_rows_steps_and_passes_of_a_loop_are_counted(seen: dict[str, Seen], program: str) -> None:
    training = seen[program].only.training

    assert training.steps.value == 12
    assert training.gradients.value == 12
    assert training.epochs.value == 3
    assert training.rows.value == 120
    in_training = "sigmoid-in-loop" not in program
    assert training.trained_in.value is (Mode.TRAINING if in_training else Mode.EVALUATION)
    assert training.evaluated_in.value is Mode.EVALUATION
    assert training.finite_losses.value is True
    assert len(training.curve) == 12


@pytest.mark.parametrize("program", ["object", "object-traced", "log-by-hand"])
def test_labels_of_a_loop_are_looked_at(seen: dict[str, Seen], program: str) -> None:
    loss = seen[program].only.loss

    assert loss.target_encoding.value is TargetEncoding.BINARY
    assert loss.target_shape.value == (None, 1)
    assert loss.target_dtype.value == "float32"
    assert loss.classes_seen.value == 2


def test_a_formula_that_is_none_of_the_known_ones_stays_unknown(seen: dict[str, Seen]) -> None:
    loss = seen["odd-by-hand"].only.loss

    assert loss.name.value == "written by hand"
    assert loss.family.is_unknown
    assert loss.expects.is_unknown


@pytest.mark.parametrize("program", ["object", "log-by-hand", "object-traced", "fit"])
def test_weights_come_out_bit_for_bit_as_without_us(seen: dict[str, Seen], program: str) -> None:
    with_us = (seen[program].folder / "digest").read_text()
    alone = (seen[f"{program}-alone"].folder / "digest").read_text()

    assert with_us == alone


def test_losses_without_a_gradient_are_no_training(seen: dict[str, Seen]) -> None:
    candidate = seen["no-gradient"].only

    assert not candidate.is_trained
    assert candidate.training.loss_calls.value == 3


def test_passes_over_rows_drawn_at_random_are_not_counted(seen: dict[str, Seen]) -> None:
    training = seen["sampled"].only.training

    assert training.steps.value == 9
    assert training.epochs.is_unknown


def test_a_validation_in_fit_is_an_evaluation_with_a_curve(seen: dict[str, Seen]) -> None:
    candidate = seen["fit"].only
    training = candidate.training

    assert candidate.loss.input_shape.value == (None, 1)
    assert training.evaluated_in.value is Mode.EVALUATION
    assert training.evaluated_on.known_value.rows == 40
    assert [point.step for point in training.evaluation_curve] == [1, 2, 3]
    assert training.callbacks.value == ()
    assert training.loss_calls.value == 9


def test_rates_of_a_schedule_are_read_at_its_steps(seen: dict[str, Seen]) -> None:
    optimizer = seen["scheduled"].only.optimizer

    assert optimizer.first_learning_rate.value == 0.1
    assert optimizer.highest_learning_rate.value == 0.1
    assert optimizer.learning_rate.value == pytest.approx(0.1 * 0.5 ** (8 / 3), rel=1e-5)


def test_rates_that_a_callback_sets_are_seen(seen: dict[str, Seen]) -> None:
    candidate = seen["scheduler"].only
    optimizer = candidate.optimizer

    assert optimizer.first_learning_rate.value == 0.001
    assert optimizer.lowest_learning_rate.value == 0.001
    assert optimizer.learning_rate.value == 0.1
    assert candidate.training.callbacks.value == ("LearningRateScheduler",)


def test_stopping_by_rows_that_are_then_evaluated_on_is_seen(seen: dict[str, Seen]) -> None:
    assert seen["selecting"].only.training.selected_on_evaluated.value is True
    assert seen["fit"].only.training.selected_on_evaluated.value is False


def test_weights_of_classes_are_seen(seen: dict[str, Seen]) -> None:
    assert seen["weighted"].only.loss.weights_classes.value is True
    assert seen["fit"].only.loss.weights_classes.value is False


def test_a_loss_of_the_students_own_is_read_from_what_it_computes(seen: dict[str, Seen]) -> None:
    function, own_class = seen["own-function"].only.loss, seen["own-class"].only.loss

    assert function.name.value == "written by hand"
    assert function.family.value is LossFamily.MEAN_SQUARED_ERROR
    assert own_class.name.value == "Mine"
    assert own_class.family.value is LossFamily.BINARY_CROSS_ENTROPY
    assert own_class.expects.value is ScoreKind.LOGITS


def test_the_loss_of_an_own_training_step_is_seen(seen: dict[str, Seen]) -> None:
    candidate = seen["own-step"].only

    assert candidate.loss.name.value == "SparseCategoricalCrossentropy"
    assert candidate.loss.receives.value is ScoreKind.LOGITS
    assert candidate.training.steps.value == 6
    assert candidate.training.epochs.value == 2


def test_a_class_that_does_not_pass_the_mode_on_trains_in_evaluation_mode(
    seen: dict[str, Seen],
) -> None:
    assert seen["untold"].only.training.trained_in.value is Mode.EVALUATION
    assert seen["fit"].only.training.trained_in.value is Mode.TRAINING


def test_what_was_done_before_an_interruption_counts(seen: dict[str, Seen]) -> None:
    training = seen["interrupted"].only.training

    assert training.steps.value == 8
    assert training.epochs.value == 2


def test_a_loss_that_raised_is_known_without_any_training(seen: dict[str, Seen]) -> None:
    candidate = seen["raised"].only

    assert not candidate.is_trained
    assert candidate.loss.name.value == "categorical_crossentropy"
    assert candidate.loss.target_shape.value == (None,)
    assert candidate.training.steps.is_absent


def test_a_loss_that_is_no_number_is_seen(seen: dict[str, Seen]) -> None:
    training = seen["not-finite"].only.training

    assert training.finite_losses.value is False
    assert training.epochs.value == 0


def test_batches_of_one_class_are_counted_only_where_rows_keep_their_order(
    seen: dict[str, Seen],
) -> None:
    assert seen["sorted"].only.training.single_class_batches.value == 1.0
    assert seen["shuffled"].only.training.single_class_batches.is_unknown


def test_a_generator_is_not_run_again(seen: dict[str, Seen]) -> None:
    candidate = seen["generator"].only

    assert candidate.is_trained
    assert candidate.training.rows.is_unknown


def test_an_endless_data_set_is_not_read_to_its_end(seen: dict[str, Seen]) -> None:
    training = seen["endless"].only.training

    assert training.steps.value == 8
    assert training.epochs.is_unknown
    assert training.rows.is_unknown
    assert training.trained_on.value == "public data"


def test_a_model_with_the_weights_of_a_trained_one_stands_where_that_one_stood(
    seen: dict[str, Seen],
) -> None:
    again = of_variable(seen["put-back"], "again")

    assert again.is_trained
    assert again.training.steps.value == 6
    assert again.training.epochs.value == 2
    assert of_variable(seen["put-back"], "model").training.steps.value == 9
    assert not of_variable(seen["put-back"], "fresh").is_trained


def test_several_fits_add_up(seen: dict[str, Seen]) -> None:
    candidate = seen["two-fits"].only

    assert candidate.training.steps.value == 12
    assert candidate.training.epochs.value == 4
    assert candidate.optimizer.highest_learning_rate.value == 0.1
    assert candidate.optimizer.learning_rate.value == 0.01
    assert [point.step for point in candidate.training.curve] == [1, 2, 3, 4]


def test_questions_are_evaluations_in_the_mode_of_the_call(seen: dict[str, Seen]) -> None:
    asked, training_mode = seen["asked"].only, seen["asked-in-training-mode"].only

    assert asked.training.evaluated_in.value is Mode.EVALUATION
    assert asked.training.evaluated_on.known_value.trained == 0
    assert training_mode.training.evaluated_in.value is Mode.TRAINING
