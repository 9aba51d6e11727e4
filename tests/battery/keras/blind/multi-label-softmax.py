import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(18)
rng = np.random.default_rng(18)
X = rng.normal(size=(300, 4)).astype("float32")
Y = np.stack([X[:, 0] + X[:, 1] > 0, X[:, 1] - X[:, 2] > 0, X[:, 3] > 0], axis=1).astype("float32")

model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(3, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="categorical_crossentropy")
model.fit(X[:240], Y[:240], epochs=20, batch_size=24, verbose=0)
tags = model.predict(X[240:], verbose=0) > 0.5
print("tags right", np.mean(tags == Y[240:].astype(bool)))
