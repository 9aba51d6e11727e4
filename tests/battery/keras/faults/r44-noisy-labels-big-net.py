import numpy as np
import keras
from keras.layers import Dense, Input

keras.utils.set_random_seed(44)
rng = np.random.default_rng(44)
X = rng.normal(size=(140, 20)).astype("float32")
y = (X[:, 0] > 0).astype("int64")
flipped = rng.random(140) < 0.3
y[flipped] = 1 - y[flipped]

model = keras.Sequential([
    Input((20,)),
    Dense(64, activation="relu"),
    Dense(64, activation="relu"),
    Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X[:40], y[:40], epochs=25, batch_size=20, verbose=0, validation_data=(X[40:], y[40:]))
print(history.history["val_loss"][::10])
