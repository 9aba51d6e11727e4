import numpy as np
import keras
from sklearn.datasets import make_moons

keras.utils.set_random_seed(23)
X, y = make_moons(n_samples=260, noise=0.1, random_state=23)
X = X.astype("float32")
y = y.astype("float32").reshape(-1, 1)

inputs = keras.Input(shape=(2,))
x = keras.layers.Dense(16, activation="relu")(inputs)
x = keras.layers.Dense(8, activation="relu")(x)
outputs = keras.layers.Dense(1, activation="sigmoid")(x)
classifier = keras.Model(inputs, outputs)

classifier.compile(optimizer=keras.optimizers.Adam(learning_rate=0.02), loss="mean_squared_error", metrics=["accuracy"])
classifier.fit(X[:200], y[:200], batch_size=20, epochs=25, verbose=0)
print("test:", classifier.evaluate(X[200:], y[200:], verbose=0))
