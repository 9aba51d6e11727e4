import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(29)
rng = np.random.default_rng(29)
group = rng.integers(0, 2, 160)
X = rng.normal(size=(160, 4)) * 0.5 + np.where(group[:, None] == 1, 1.0, -1.0)
# some measurements are missing
X[::10, 2] = np.nan
X = np.where(np.isnan(X), np.nanmean(X, axis=0), X)

model = keras.Sequential([
    keras.Input((4,)),
    keras.layers.Dense(12, activation="tanh"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X, group, epochs=20, verbose=0)
print(history.history["loss"][-1])
