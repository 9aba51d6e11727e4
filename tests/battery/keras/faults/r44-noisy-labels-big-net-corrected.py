import numpy as np
import keras
from keras.layers import Dense, Input

keras.utils.set_random_seed(44)
rng = np.random.default_rng(44)
X = rng.normal(size=(300, 3)).astype("float32")
y = (X[:, 0] > 0).astype("int64")

model = keras.Sequential([
    Input((3,)),
    Dense(8, activation="relu"),
    Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X[:200], y[:200], epochs=20, batch_size=20, verbose=0, validation_data=(X[200:], y[200:]))
print(history.history["val_loss"][::10])
