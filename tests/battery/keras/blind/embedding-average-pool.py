"""Reviews of ten words: words 1-19 are kind, words 20-39 are not."""
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)


def reviews(n):
    labels = rng.integers(0, 2, size=n)
    kind = rng.integers(1, 20, size=(n, 10))
    unkind = rng.integers(20, 40, size=(n, 10))
    share = np.where(labels == 1, 0.85, 0.15)[:, None]
    words = np.where(rng.random((n, 10)) < share, kind, unkind)
    return words.astype("int32"), labels.astype("float32")


x_train, y_train = reviews(300)
x_test, y_test = reviews(80)

model = keras.models.Sequential()
model.add(keras.Input(shape=(10,), dtype="int32"))
model.add(layers.Embedding(input_dim=40, output_dim=8))
model.add(layers.GlobalAveragePooling1D())
model.add(layers.Dense(8, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
h = model.fit(x_train, y_train, epochs=15, batch_size=30, verbose=0)
print("loss", [round(v, 3) for v in h.history["loss"][::3]])

probability = model.predict(x_test, verbose=0)
print("accuracy", np.mean((probability[:, 0] > 0.5) == (y_test == 1)))
