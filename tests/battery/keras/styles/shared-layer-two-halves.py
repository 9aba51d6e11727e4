import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(16)
rng = np.random.default_rng(16)
# do two little vectors point the same way?
left = rng.normal(size=(320, 3))
left /= np.linalg.norm(left, axis=1, keepdims=True)
same = rng.integers(0, 2, size=320)
right = np.where(same[:, None] == 1, left, -left) + rng.normal(0, 0.2, size=(320, 3))
pairs = np.concatenate([left, right], axis=1).astype("float32")
train, test = slice(0, 260), slice(260, 320)

pair = keras.Input(shape=(6,))
look = layers.Dense(12, activation="relu")      # one layer looks at both halves
a = look(pair[:, :3])
b = look(pair[:, 3:])
both = layers.concatenate([a, b])
h = layers.Dense(16, activation="relu")(both)
verdict = layers.Dense(1, activation="sigmoid")(h)
siamese = keras.Model(pair, verdict)
siamese.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
siamese.fit(pairs[train], same[train], epochs=20, batch_size=20, verbose=0)
print(siamese.evaluate(pairs[test], same[test], verbose=0))
