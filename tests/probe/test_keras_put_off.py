"""Calls of traced functions that are put off leave the same evidence as calls read at once."""

from __future__ import annotations

import pytest
from probe_harness import Seen, run_programs

pytestmark = pytest.mark.keras

AT_ONCE = """
from grader.probe import keras_traces
keras_traces.TraceHooks._waits = lambda self, known, args, result: False
"""
COUNTED = """
from grader.probe import keras_traces
_settle, _sizes = keras_traces.TraceHooks.settle, []
def settle(self):
    _sizes.append(len(self._waiting))
    _settle(self)
keras_traces.TraceHooks.settle = settle
"""
HEAD = """
import keras
import numpy as np
import tensorflow as tf
from keras import layers
keras.utils.set_random_seed(1)
X, y = tf.constant(_X), tf.constant(_y[:, None].astype("float32"))
V, W = tf.constant(_V), tf.constant(_W[:, None].astype("float32"))
def network():
    return keras.Sequential([keras.Input((2,)), layers.Dense(4, "relu"), layers.Dense(1)])
model = network()
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
def stepping(model, opt, returns_loss=True):
    @tf.function
    def step(a, b):
        with tf.GradientTape() as tape:
            loss = loss_fn(b, model(a, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        opt.apply_gradients(zip(grads, model.trainable_variables))
        return loss if returns_loss else 0.0
    return step
opt = keras.optimizers.SGD(0.1)
step = stepping(model, opt)
def passes(step, epochs, X=X, y=y, size=30, after=lambda: None):
    for _ in range(epochs):
        for i in range(0, 120, size):
            step(X[i:i + size], y[i:i + size])
        after()
"""
PROGRAMS = {
    "all-alike": "passes(step, 12)\n",
    "no-loss": "passes(stepping(model, opt, False), 12)\n",
    "other-rate": "passes(step, 6)\nopt.learning_rate = 0.01\npasses(step, 6)\n",
    "smaller-batch": "passes(step, 6, size=50)\n",
    "numpy-rows": "passes(step, 8, X=_X, y=_y[:, None].astype('float32'))\n",
    "asked-between": "passes(step, 8, after=lambda: loss_fn(W, model(V, training=False)))\n",
    "two-functions": "other = network()\nnext_step = stepping(other, keras.optimizers.Adam())\n"
    "passes(step, 6, after=lambda: passes(next_step, 1))\n",
    "same-tensor": "for _ in range(40): step(X, y)\n",
    "fit-afterwards": "passes(step, 6)\nmodel.compile('adam', loss_fn)\n"
    "model.fit(X, y, epochs=2, verbose=0)\n",
    "weights-taken-over": "passes(step, 6)\nbest = model.get_weights()\npasses(step, 3)\n"
    "twin = network()\ntwin.set_weights(best)\n",
    "infinite": "passes(step, 6)\nstep(X * np.inf, y)\npasses(step, 1)\n",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    programs = {name: HEAD + text for name, text in PROGRAMS.items()}
    programs |= {f"{name}-at-once": AT_ONCE + HEAD + text for name, text in PROGRAMS.items()}
    programs["counted"] = COUNTED + HEAD + PROGRAMS["all-alike"] + "_digest = repr(_sizes)\n"
    return run_programs("keras", programs, tmp_path_factory.mktemp("put-off"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_calls_that_were_put_off_leave_the_same_evidence(seen: dict[str, Seen], name: str) -> None:
    later, at_once = seen[name].examination, seen[f"{name}-at-once"].examination

    assert later.candidates
    assert later.model_dump() == at_once.model_dump()


def test_calls_are_really_put_off(seen: dict[str, Seen]) -> None:
    sizes = (seen["counted"].folder / "digest").read_text()

    assert "15" in sizes
