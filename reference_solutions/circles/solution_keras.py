# %% [markdown]
# # Two circles: reference solution in Keras
#
# The steps of every classification exercise: get the data ready, build a model, compile it with a
# loss and an optimizer, fit, evaluate on rows the model has not trained on.

# %%
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from sklearn.metrics import classification_report, f1_score

SEED = 42
keras.utils.set_random_seed(SEED)
print(f"Keras {keras.__version__} on {keras.backend.backend()}")

# %% [markdown]
# ## 1. Data

# %%
train = np.load("train.npz")
X_train, y_train = train["inputs"], train["labels"]
validation = np.load("validation.npz")
X_val, y_val = validation["inputs"], validation["labels"]

print(f"train {X_train.shape}, validation {X_val.shape}")
print(f"share of inner points: {y_train.mean():.2f}")

# %% [markdown]
# ## 2. Model
#
# No straight line separates two rings, so the hidden layers need a non-linear activation. The
# output is one sigmoid unit: the probability that a point lies on the inner ring.

# %%
model = keras.Sequential(
    [
        keras.Input(shape=(2,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ],
    name="circle_model",
)
model.summary()

# %% [markdown]
# ## 3. Loss and optimizer
#
# The model emits probabilities, and `BinaryCrossentropy` with `from_logits=False` (its default)
# wants probabilities. Big steps at the start, tiny ones at the end: a learning rate that falls to
# zero keeps the last batches from shaking the boundary.

# %%
EPOCHS = 60
BATCH_SIZE = 64
steps = EPOCHS * math.ceil(len(X_train) / BATCH_SIZE)

model.compile(
    loss=keras.losses.BinaryCrossentropy(),
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.02, steps)),
    metrics=["accuracy"],
)

# %% [markdown]
# ## 4. Training
#
# Keras runs the loop: per epoch once over the training data in shuffled batches (weights change),
# then once over the validation data (weights stay as they are).


# %%
class EveryTenthEpoch(keras.callbacks.Callback):
    """Prints the metrics of every tenth epoch."""

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % 10 == 0:
            values = ", ".join(f"{name} {value:.3f}" for name, value in logs.items())
            print(f"epoch {epoch + 1:3d} | {values}")


history = model.fit(
    X_train,
    y_train,
    epochs=EPOCHS,
    batch_size=BATCH_SIZE,
    validation_data=(X_val, y_val),
    verbose=0,
    callbacks=[EveryTenthEpoch()],
)

# %% [markdown]
# ## 5. Evaluation
#
# Accuracy alone hides what happens in each class, so look at F1 as well.

# %%
y_pred = (model.predict(X_val, verbose=0) > 0.5).astype(int).ravel()
print(classification_report(y_val, y_pred, target_names=["outer", "inner"]))
print(f"macro F1 on validation data: {f1_score(y_val, y_pred, average='macro'):.3f}")

# %% [markdown]
# Where does the model draw the line? The boundary should be a closed curve between the rings.

# %%
axis = np.linspace(-1.3, 1.3, 120, dtype=np.float32)
grid_x, grid_y = np.meshgrid(axis, axis)
grid = np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)
decided = (model.predict(grid, batch_size=4096, verbose=0) > 0.5).reshape(grid_x.shape)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(history.history["loss"], label="train")
left.plot(history.history["val_loss"], label="validation")
left.set(xlabel="epoch", ylabel="loss", title="Loss")
left.legend()
right.contourf(grid_x, grid_y, decided, cmap="RdYlBu", alpha=0.5)
right.scatter(X_val[:, 0], X_val[:, 1], c=y_val, cmap="RdYlBu", s=12)
right.set(xlabel="x1", ylabel="x2", title="Decision boundary", aspect="equal")
plt.show()
