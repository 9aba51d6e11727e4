import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(26)
rng = np.random.default_rng(26)
centers = np.array([[1.0, 1.0], [-1.0, 1.0], [0.0, -1.0]])
X = np.concatenate([c + 0.25 * rng.normal(size=(64, 2)) for c in centers])
y = np.repeat([0, 1, 2], 64)

model = keras.Sequential([
    layers.Input((2,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(3, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
model.fit(X, y, epochs=30, batch_size=32, shuffle=False, verbose=0)
