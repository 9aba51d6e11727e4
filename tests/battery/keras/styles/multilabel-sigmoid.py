import keras
import numpy as np

keras.utils.set_random_seed(11)
rng = np.random.default_rng(11)
X = rng.normal(size=(400, 5)).astype("float32")
# every row may carry any of three tags
tags = np.column_stack([
    X[:, 0] > 0,
    X[:, 1] + X[:, 2] > 0,
    X[:, 3] - X[:, 4] > 0.2,
]).astype("float32")

tagger = keras.Sequential([
    keras.layers.Input((5,)),
    keras.layers.Dense(20, activation="relu"),
    keras.layers.Dense(3, activation="sigmoid"),
])
tagger.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["binary_accuracy"])
tagger.fit(X[:320], tags[:320], epochs=25, batch_size=32, verbose=0)
print(tagger.evaluate(X[320:], tags[320:], verbose=0))
