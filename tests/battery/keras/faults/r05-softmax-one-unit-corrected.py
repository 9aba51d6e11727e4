import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(2)
rng = np.random.RandomState(2)
X = rng.uniform(-1, 1, size=(160, 2))
y = (X[:, 0] + X[:, 1] > 0).astype(int)

model = keras.models.Sequential([
    keras.layers.Input(shape=[2]),
    keras.layers.Dense(10, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.05), metrics=["accuracy"])
model.fit(X[:120], y[:120], epochs=25, verbose=0)
print(model.evaluate(X[120:], y[120:], verbose=0))
