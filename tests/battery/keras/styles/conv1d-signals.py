import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(53)
rng = np.random.default_rng(53)
t = np.linspace(0, 1, 30)
shape = rng.integers(0, 3, 270)
phase = rng.uniform(0, 1, (270, 1))
slow = np.sin(2 * np.pi * (2 * t + phase))
fast = np.sin(2 * np.pi * (7 * t + phase))
square = np.sign(slow)
signals = np.choose(shape[:, None], [slow, fast, square]) + rng.normal(0, 0.05, (270, 30))
signals = signals[..., None].astype("float32")

model = keras.Sequential()
model.add(layers.Input((30, 1)))
model.add(layers.Conv1D(8, 5, activation="relu"))
model.add(layers.MaxPooling1D(2))
model.add(layers.Conv1D(8, 3, activation="relu"))
model.add(layers.Flatten())
model.add(layers.Dense(3))
model.compile(optimizer=keras.optimizers.Adam(0.01),
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(signals[:210], shape[:210], epochs=20, batch_size=30, verbose=0)
print(model.evaluate(signals[210:], shape[210:], verbose=0))
