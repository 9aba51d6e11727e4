import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

# every sample can have any of three tags, all of them or none
X = rng.uniform(-1, 1, size=(260, 3)).astype("float32")
tags = (X > 0).astype("float32")
X_train, tags_train = X[:200], tags[:200]
X_valid, tags_valid = X[200:], tags[200:]

inputs = layers.Input(shape=(3,))
x = layers.Dense(32, activation="relu")(inputs)
outputs = layers.Dense(3, activation="softmax")(x)
tagger = keras.Model(inputs, outputs, name="tagger")
tagger.compile(optimizer=keras.optimizers.Adam(0.02), loss="categorical_crossentropy")
tagger.fit(X_train, tags_train, epochs=25, batch_size=20, verbose=0)

found = tagger.predict(X_valid, verbose=0) > 0.5
print("share of right tags:", (found == (tags_valid > 0.5)).mean())
