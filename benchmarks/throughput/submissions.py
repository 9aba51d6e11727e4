"""The class that every tool grades: small notebooks, the same bytes every time.

Each submission solves the bundled assignment ``circles`` in the way of its reference solutions:
imports, data, model, loss and optimizer, training, evaluation, a plot of the loss. They differ in
seed, width, learning rate and wording, so that no two are equal. Every fourth has no activation
between its layers, cannot separate the rings and must lose points: a tool that does not really
grade is found out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

FRAMEWORKS: Final = ("pytorch", "keras")
TRAININGS: Final = ("short", "long")
CLASS_SIZES: Final = {"short": 24, "long": 40}
EPOCHS: Final = {
    ("pytorch", "short"): 60,
    ("pytorch", "long"): 250,
    ("keras", "short"): 6,
    ("keras", "long"): 40,
}
"""So many that training takes 1 to 2 s, or 5 s and more, of one core: see ``--calibrate``."""
UNSOUND_EVERY: Final = 4
TRAINING_CELL: Final = 4
"""Index of the cell that trains, for calibration."""
ENTRY: Final = "circles.ipynb"


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's notebook.

    Attributes:
        framework: ``pytorch`` or ``keras``.
        training: ``short`` or ``long``.
        number: From 1.
    """

    framework: str
    training: str
    number: int

    @property
    def key(self) -> str:
        """Name of the student's folder."""
        return f"student{self.number:02d}"

    @property
    def is_sound(self) -> bool:
        """Whether its model can separate the rings."""
        return self.number % UNSOUND_EVERY != 0

    @property
    def cells(self) -> tuple[str, ...]:
        """Source of each code cell."""
        make = pytorch_cells if self.framework == "pytorch" else keras_cells
        return make(self)

    @property
    def epochs(self) -> int:
        """Passes over the training rows."""
        return EPOCHS[self.framework, self.training]

    @property
    def units(self) -> int:
        """Width of the hidden layers."""
        return 16 + 4 * (self.number % 3)

    @property
    def learning_rate(self) -> float:
        """Of Adam."""
        return (0.015, 0.02, 0.025, 0.03)[self.number % 4]


def make_class(framework: str, training: str, size: int) -> tuple[Submission, ...]:
    """The first ``size`` submissions of a class."""
    return tuple(Submission(framework, training, number) for number in range(1, size + 1))


def class_digest(submissions: Sequence[Submission]) -> str:
    """SHA-256 of all notebooks, so that times of different classes are never mixed."""
    total = hashlib.sha256()
    for one in submissions:
        total.update(notebook_bytes(one.cells))
    return total.hexdigest()


def notebook_bytes(cells: Sequence[str]) -> bytes:
    """A notebook of code cells as a Jupyter front end would save it, without outputs."""
    return dump([code_cell(number, source) for number, source in enumerate(cells, start=1)])


def code_cell(
    number: int, source: str, metadata: dict[str, Any] | None = None, cell_id: str = ""
) -> dict[str, Any]:
    """One code cell that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id or f"cell-{number}",
        "metadata": metadata or {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def dump(cells: Sequence[dict[str, Any]]) -> bytes:
    """A whole notebook, format 4.5."""
    notebook = {
        "cells": list(cells),
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1).encode() + b"\n"


def pytorch_cells(one: Submission) -> tuple[str, ...]:
    """A training loop with shuffled mini-batches."""
    activation = "nn.ReLU()" if one.is_sound else "nn.Identity()"
    return (
        f"""\
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import classification_report, f1_score
from torch import nn

torch.manual_seed({one.number})
""",
        """\
train = np.load("train.npz")
X_train = torch.from_numpy(train["inputs"])
y_train = torch.from_numpy(train["labels"]).float().unsqueeze(dim=1)
validation = np.load("validation.npz")
X_val = torch.from_numpy(validation["inputs"])
y_val = torch.from_numpy(validation["labels"]).float().unsqueeze(dim=1)
print(X_train.shape, X_val.shape)
""",
        f"""\
class CircleModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, {one.units}),
            {activation},
            nn.Linear({one.units}, {one.units}),
            {activation},
            nn.Linear({one.units}, 1),
        )

    def forward(self, x):
        return self.layers(x)


model = CircleModel()
print(model)
""",
        f"""\
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr={one.learning_rate})
""",
        f"""\
losses = []
for epoch in range({one.epochs}):
    model.train()
    order = torch.randperm(len(X_train))
    for start in range(0, len(X_train), 32):
        rows = order[start : start + 32]
        loss = loss_fn(model(X_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    losses.append(loss.item())
    if (epoch + 1) % 20 == 0:
        print(f"epoch {{epoch + 1}}: loss {{losses[-1]:.4f}}")
""",
        f"""\
model.eval()
with torch.inference_mode():
    y_pred = (model(X_val) > 0).int().numpy().ravel()
y_true = y_val.int().numpy().ravel()
print(classification_report(y_true, y_pred, zero_division=0))
print(f"F1 of student {one.number}: {{f1_score(y_true, y_pred):.3f}}")
""",
        """\
plt.plot(losses)
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()
""",
    )


def keras_cells(one: Submission) -> tuple[str, ...]:
    """Compile and fit with shuffled mini-batches."""
    activation = "relu" if one.is_sound else "linear"
    return (
        f"""\
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from sklearn.metrics import classification_report, f1_score

keras.utils.set_random_seed({one.number})
""",
        """\
train = np.load("train.npz")
X_train, y_train = train["inputs"], train["labels"]
validation = np.load("validation.npz")
X_val, y_val = validation["inputs"], validation["labels"]
print(X_train.shape, X_val.shape)
""",
        f"""\
model = keras.Sequential(
    [
        keras.Input(shape=(2,)),
        layers.Dense({one.units}, activation="{activation}"),
        layers.Dense({one.units}, activation="{activation}"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.summary()
""",
        f"""\
model.compile(
    loss="binary_crossentropy",
    optimizer=keras.optimizers.Adam({one.learning_rate}),
    metrics=["accuracy"],
)
""",
        f"""\
history = model.fit(
    X_train, y_train, epochs={one.epochs}, batch_size=32, validation_data=(X_val, y_val), verbose=0
)
print(f"loss {{history.history['loss'][-1]:.4f}}")
""",
        f"""\
y_pred = (model.predict(X_val, verbose=0) > 0.5).astype(int).ravel()
print(classification_report(y_val, y_pred, zero_division=0))
print(f"F1 of student {one.number}: {{f1_score(y_val, y_pred):.3f}}")
""",
        """\
plt.plot(history.history["loss"], label="train")
plt.plot(history.history["val_loss"], label="validation")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
""",
    )
