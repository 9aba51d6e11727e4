import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(58)
rng = np.random.default_rng(58)
length = 8
up = rng.integers(0, 2, 220)
ramp = np.linspace(-1, 1, length)
series = np.where(up[:, None] == 1, ramp, -ramp) + rng.normal(0, 0.4, (220, length))
series = series.reshape(-1, length, 1)

model = keras.Sequential([
    layers.Input((length, 1)),
    layers.Bidirectional(layers.LSTM(6)),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(series[:160], up[:160], epochs=6, batch_size=20, verbose=0)
print(model.evaluate(series[160:], up[160:], verbose=0))
