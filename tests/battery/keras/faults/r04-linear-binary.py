import keras
import numpy as np
from sklearn.datasets import make_moons

keras.utils.set_random_seed(5)
X, y = make_moons(200, noise=0.12, random_state=5)
split = 150

inputs = keras.layers.Input(shape=(2,))
hidden = keras.layers.Dense(20, activation="elu")(inputs)
hidden = keras.layers.Dense(10, activation="elu")(hidden)
output = keras.layers.Dense(1)(hidden)
clf = keras.models.Model(inputs, output)

clf.compile(optimizer=keras.optimizers.Adam(learning_rate=0.02), loss="binary_crossentropy")
clf.fit(X[:split], y[:split], epochs=50, batch_size=50, verbose=0)
pred = clf.predict(X[split:], verbose=0)
print(np.mean((pred[:, 0] > 0.5) == y[split:]))
