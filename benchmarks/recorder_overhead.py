"""What the recorder costs while a student's model trains; writes ``recorder_overhead.md``.

``python benchmarks/recorder_overhead.py [--rounds 7] [--only GLOB] [--print]``. In each round two
fresh processes train the same small model from its first step to its last, one with the recorder
and one without. They take turns of a few epochs each, so that whatever else the machine does slows
down both alike. The final weights and the state of the random generators must be equal to the last
bit.
"""

from __future__ import annotations

import argparse
import fnmatch
import gc
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

REPOSITORY: Final = Path(__file__).resolve().parents[1]
PAGE: Final = REPOSITORY / "benchmarks" / "recorder_overhead.md"
SEED: Final = 5
ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONPATH": str(REPOSITORY),
}
SEGMENTS: Final = 16
LIMIT_RATIO: Final = 1.10
LIMIT_US: Final = 60
MILLISECOND_S: Final = 1e-3
Turn = Callable[[], None]
"""Called after each epoch of a training."""
Train = Callable[[int, Turn], tuple[Any, int]]
"""Builds a model, trains it for some epochs; returns it and the number of optimizer steps."""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of training.

    Attributes:
        title: For the page.
        make: Imports what it needs and returns the training.
        epochs: Passes over the data that are timed; two more are made first with another model.
    """

    title: str
    make: Callable[[], Train]
    epochs: int


# What is trained -------------------------------------------------------------------------------


def table_rows() -> tuple[Any, Any]:
    """1024 rows of 8 features, float32, and labels 0 and 1, float32 ``(N, 1)``."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((1024, 8)).astype(np.float32)
    return inputs, (inputs[:, :1] * inputs[:, 1:2] > 0).astype(np.float32)


def images() -> tuple[Any, Any]:
    """512 images of 16x16, float32 ``(N, 16, 16, 1)``, and labels 0 to 3, int64 ``(N,)``."""
    rng = np.random.default_rng(0)
    return rng.random((512, 16, 16, 1)).astype(np.float32), np.arange(512) % 4


def torch_full_batch() -> Train:
    """An MLP, all rows in every step."""
    import torch
    from torch import nn

    inputs, labels = (torch.from_numpy(part) for part in table_rows())

    def train(epochs: int, turn: Turn) -> tuple[Any, int]:
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        loss_fn = nn.BCEWithLogitsLoss()
        for _ in range(epochs):
            loss = loss_fn(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            turn()
        return model, epochs

    return train


def torch_mini_batch() -> Train:
    """An MLP, batches of 32 from a DataLoader, the loss of all rows after each epoch."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    inputs, labels = (torch.from_numpy(part) for part in table_rows())

    def train(epochs: int, turn: Turn) -> tuple[Any, int]:
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        loss_fn = nn.BCEWithLogitsLoss()
        loader = DataLoader(TensorDataset(inputs, labels), batch_size=32, shuffle=True)
        for _ in range(epochs):
            model.train()
            for batch, targets in loader:
                loss = loss_fn(model(batch), targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                loss_fn(model(inputs), labels).item()
            turn()
        return model, epochs * len(loader)

    return train


def torch_images() -> Train:
    """A CNN, batches of 32."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    pictures, labels = images()
    data = TensorDataset(torch.from_numpy(pictures).permute(0, 3, 1, 2), torch.from_numpy(labels))

    def train(epochs: int, turn: Turn) -> tuple[Any, int]:
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(256, 4),
        )  # fmt: skip
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        loss_fn = nn.CrossEntropyLoss()
        loader = DataLoader(data, batch_size=32, shuffle=True)
        for _ in range(epochs):
            for batch, targets in loader:
                loss = loss_fn(model(batch), targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            turn()
        return model, epochs * len(loader)

    return train


def after_epochs(turn: Turn) -> Any:  # noqa: ANN401  # a Keras callback
    """A callback of ``fit`` that ends a turn."""
    import keras

    return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: turn())


def keras_mlp() -> Any:  # noqa: ANN401  # a Keras model
    """An MLP that emits probabilities."""
    import keras

    dense = keras.layers.Dense
    return keras.Sequential(
        [keras.layers.Input((8,)), dense(16, activation="relu"), dense(1, activation="sigmoid")]
    )


def keras_fit(batch: int) -> Callable[[], Train]:
    """An MLP and ``fit``, with validation rows."""

    def make() -> Train:
        inputs, labels = table_rows()

        def train(epochs: int, turn: Turn) -> tuple[Any, int]:
            model = keras_mlp()
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
            model.fit(
                inputs[:768], labels[:768], batch_size=batch, epochs=epochs, verbose=0,
                validation_data=(inputs[768:], labels[768:]), callbacks=[after_epochs(turn)],
            )  # fmt: skip
            return model, epochs * (768 // batch)

        return train

    return make


def keras_images() -> Train:
    """A CNN and ``fit``, batches of 32."""
    import keras

    pictures, labels = images()
    layers = keras.layers

    def train(epochs: int, turn: Turn) -> tuple[Any, int]:
        model = keras.Sequential(
            [
                layers.Input((16, 16, 1)),
                layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
                layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
                layers.Flatten(), layers.Dense(4, activation="softmax"),
            ]
        )  # fmt: skip
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(
            pictures, labels, batch_size=32, epochs=epochs, verbose=0,
            callbacks=[after_epochs(turn)],
        )  # fmt: skip
        return model, epochs * 16

    return train


def keras_tape(*, compiled: bool) -> Callable[[], Train]:
    """An MLP and a loop with ``GradientTape``, batches of 32."""

    def make() -> Train:
        import keras
        import tensorflow as tf

        inputs, labels = (tf.constant(part) for part in table_rows())

        def train(epochs: int, turn: Turn) -> tuple[Any, int]:
            model = keras_mlp()
            optimizer = keras.optimizers.Adam(0.01)
            loss_fn = keras.losses.BinaryCrossentropy()

            def step(batch: Any, targets: Any) -> Any:  # noqa: ANN401  # tensors
                with tf.GradientTape() as tape:
                    loss = loss_fn(targets, model(batch, training=True))
                gradients = tape.gradient(loss, model.trainable_variables)
                optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
                return loss

            run = tf.function(step) if compiled else step
            for _ in range(epochs):
                for i in range(0, 1024, 32):
                    run(inputs[i : i + 32], labels[i : i + 32])
                turn()
            return model, epochs * 32

        return train

    return make


CASES: Final = {
    "pytorch-mlp-full-batch": Case("PyTorch MLP, full batch", torch_full_batch, 6400),
    "pytorch-mlp-mini-batch": Case("PyTorch MLP, DataLoader, batches of 32", torch_mini_batch, 96),
    "pytorch-cnn": Case("PyTorch CNN, batches of 32", torch_images, 64),
    "keras-fit-full-batch": Case("Keras MLP, fit, full batch", keras_fit(768), 128),
    "keras-fit-mini-batch": Case("Keras MLP, fit, batches of 32", keras_fit(32), 64),
    "keras-cnn": Case("Keras CNN, fit, batches of 32", keras_images, 64),
    "keras-tape": Case("Keras MLP, GradientTape", keras_tape(compiled=False), 16),
    "keras-tape-function": Case(
        "Keras MLP, GradientTape in tf.function", keras_tape(compiled=True), 96
    ),
}


# One measurement -------------------------------------------------------------------------------


class Clock:
    """Measures a training in segments, between which the process waits for its next turn.

    Args:
        epochs: Of the whole training.

    Attributes:
        wall_s: Wall time of each segment, seconds.
        cpu_s: CPU time of each segment, seconds.
    """

    def __init__(self, epochs: int) -> None:
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []
        self._every = max(1, epochs // SEGMENTS)
        self._epochs = 0

    def start(self) -> None:
        """Wait for a turn, then start."""
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        self._started_at, self._cpu_before = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """End a segment."""
        self.wall_s.append(time.perf_counter() - self._started_at)
        self.cpu_s.append(time.process_time() - self._cpu_before)

    def turn(self) -> None:
        """An epoch is over."""
        self._epochs += 1
        if self._epochs % self._every == 0:
            self.stop()
            self.start()


def measure_one(name: str, *, is_recorded: bool) -> None:
    """Train once in this process and print seconds, steps and a digest of everything it changed."""
    with tempfile.TemporaryDirectory() as folder:
        session = None
        if is_recorded:
            from grader.probe.session import Session

            session = Session(briefs=(), public={}, out=Path(folder), seed=0)
            session.install()
        train = CASES[name].make()
        seed_all(name)
        train(2, lambda: None)  # loads what a framework loads at its first step
        seed_all(name)
        gc.collect()  # neither process starts with the other's backlog
        clock = Clock(CASES[name].epochs)
        clock.start()
        model, steps = train(CASES[name].epochs, clock.turn)
        clock.stop()
        result = {"wall_s": clock.wall_s, "cpu_s": clock.cpu_s, "steps": steps}
        result["digest"] = digest(name, model)
        if session is not None:
            seen = session.examine({"model": model})
            training = seen.candidates[-1].training if seen.candidates else None
            result["recorded"] = training is not None and training.steps.value == steps
            result["problem"] = seen.problem
    sys.stdout.write(f"result {json.dumps(result)}\n")
    sys.stdout.flush()


def seed_all(name: str) -> None:
    """Seed what may draw random numbers."""
    np.random.seed(SEED)
    if name.startswith("pytorch"):
        import torch

        torch.manual_seed(SEED)
    else:
        import keras

        keras.utils.set_random_seed(SEED)


def digest(name: str, model: Any) -> str:  # noqa: ANN401  # of either framework
    """SHA-256 of all weights and of the next random numbers."""
    if name.startswith("pytorch"):
        import torch

        arrays = [tensor.detach().numpy() for tensor in model.state_dict().values()]
        arrays.append(torch.rand(4).numpy())
    else:
        import tensorflow as tf

        arrays = [*model.get_weights(), tf.random.uniform((4,)).numpy()]
    arrays.append(np.random.random(4))
    return hashlib.sha256(
        b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)
    ).hexdigest()


# All of them -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """What came out for one case.

    Attributes:
        case: What was trained.
        steps: Optimizer steps of one training.
        plain: Wall time of each round without the recorder, seconds.
        recorded: Likewise with it.
        cpu_ratio: Ratio of the medians of CPU time, which other processes hardly disturb.
        is_equal: Whether all rounds ended in the same bits.
        is_complete: Whether the recorder counted every step.
    """

    case: Case
    steps: int
    plain: list[float]
    recorded: list[float]
    cpu_ratio: float
    is_equal: bool
    is_complete: bool

    @property
    def ratio(self) -> float:
        """Median time with the recorder by median time without."""
        return statistics.median(self.recorded) / statistics.median(self.plain)

    @property
    def step_s(self) -> float:
        """Seconds that a step takes without the recorder."""
        return statistics.median(self.plain) / self.steps

    @property
    def added_us(self) -> float:
        """Microseconds that the recorder adds to a step."""
        added = statistics.median(self.recorded) - statistics.median(self.plain)
        return 1e6 * added / self.steps

    @property
    def is_within_limit(self) -> bool:
        """Whether it costs no more than it may: by ratio, or by microseconds for short steps."""
        if self.step_s >= MILLISECOND_S:
            return self.ratio <= LIMIT_RATIO
        return self.added_us <= LIMIT_US


def measure_case(name: str, rounds: int) -> Result:
    """Measure one case; the process that goes first alternates."""
    times: dict[bool, list[float]] = {False: [], True: []}
    cpu: dict[bool, list[float]] = {False: [], True: []}
    digests, steps, is_complete = set(), 0, True
    for number in range(rounds):
        for is_recorded, one in run_pair(name, order=(number % 2 == 0, number % 2 == 1)).items():
            times[is_recorded].append(sum(one["wall_s"]))
            cpu[is_recorded].append(sum(one["cpu_s"]))
            digests.add(one["digest"])
            steps = one["steps"]
            is_complete &= one.get("recorded", True)
    cpu_ratio = statistics.median(cpu[True]) / statistics.median(cpu[False])
    return Result(
        CASES[name], steps, times[False], times[True], cpu_ratio, len(digests) == 1, is_complete
    )


def run_pair(name: str, *, order: tuple[bool, bool]) -> dict[bool, dict[str, Any]]:
    """Two trainings in fresh processes that take turns.

    Args:
        name: Of the case.
        order: Whether the recorder is on, in the process that goes first and in the other.

    Raises:
        RuntimeError: One of them failed.
    """
    with ExitStack() as stack:
        waiting = {one: stack.enter_context(started(name, is_recorded=one)) for one in order}
        results: dict[bool, dict[str, Any]] = {}
        for process in waiting.values():
            answer(process)
        while waiting:
            for is_recorded, process in list(waiting.items()):
                print("go", file=process.stdin, flush=True)
                line = answer(process)
                if line.startswith("result "):
                    results[is_recorded] = json.loads(line.removeprefix("result "))
                    del waiting[is_recorded]
        return results


def started(name: str, *, is_recorded: bool) -> subprocess.Popen[str]:
    """Start one training; it waits for its turn."""
    errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115  # read when the process failed
    process = subprocess.Popen(
        [sys.executable, __file__, "--one", name, *(["--recorded"] if is_recorded else [])],
        env=os.environ | ONE_THREAD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    process.errors = errors  # type: ignore[attr-defined]  # kept for the message
    return process


def answer(process: Any) -> str:  # noqa: ANN401  # a process with its errors
    """The next line that a training says to us; what the frameworks print is passed over."""
    for line in process.stdout:
        if line == "ready\n" or line.startswith("result "):
            return str(line)
    process.errors.seek(0)
    raise RuntimeError(process.errors.read()[-3000:])


def page(results: list[Result], rounds: int) -> str:
    """The page, in Markdown."""
    lines = [
        "# What the recorder costs",
        "",
        "Written by `make bench-recorder`; do not edit. Time of a whole training, from the first "
        f"step to the last. In each of {rounds} rounds two fresh processes, one with the recorder "
        "and one without, train the same model on one thread. They take turns, "
        f"{SEGMENTS} or so, so that whatever else the machine does slows down both alike. Ratios "
        "are of medians over the rounds, with the smallest and largest of the rounds' own; "
        "milliseconds are medians. Wanted: a ratio of at most "
        f"{LIMIT_RATIO:.2f} where a step takes a millisecond or more, at most {LIMIT_US} µs a step "
        "where it takes less.",
        "",
        "| training | ratio | rounds' ratios | ratio of CPU times | a step takes | added per step "
        "| steps | without | with | within the limit | weights equal to the bit |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in results:
        ratios = [a / b for a, b in zip(one.recorded, one.plain, strict=True)]
        lines.append(
            f"| {one.case.title} | **{one.ratio:.3f}** | {min(ratios):.2f} to {max(ratios):.2f} | "
            f"{one.cpu_ratio:.3f} | {1e3 * one.step_s:.2f} ms | "
            f"{one.added_us:+.1f} µs | {one.steps} | {1e3 * statistics.median(one.plain):.0f} ms | "
            f"{1e3 * statistics.median(one.recorded):.0f} ms | "
            f"{'yes' if one.is_within_limit else 'NO'} | {'yes' if one.is_equal else 'NO'} |"
        )
    return "\n".join([*lines, "", machine()]) + "\n"


def machine() -> str:
    """Where this was measured."""
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    versions = []
    for name in ("torch", "tensorflow", "keras"):
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{name} {metadata.version(name)}")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, load {load} at the "
        f"end; Python {platform.python_version()}, {', '.join(versions)}."
    )


def main() -> int:
    """Measure and write the page; the status tells whether the weights were equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="at least five")
    parser.add_argument("--only", default="*", help="shell pattern for names of cases")
    parser.add_argument("--print", action="store_true", help="write no file")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--recorded", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        measure_one(arguments.one, is_recorded=arguments.recorded)
        return 0
    results = []
    for name in CASES:
        if fnmatch.fnmatch(name, arguments.only):
            results.append(measure_case(name, arguments.rounds))
            one = results[-1]
            remark = "" if one.is_complete else ", but the steps were not all recorded"
            equal = "equal" if one.is_equal else "DIFFERENT"
            sys.stdout.write(f"{name}: {one.ratio:.3f}, {equal} weights{remark}\n")
            sys.stdout.flush()
    text = page(results, arguments.rounds)
    if arguments.print:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    return int(not all(one.is_equal and one.is_complete for one in results))


if __name__ == "__main__":
    sys.exit(main())
