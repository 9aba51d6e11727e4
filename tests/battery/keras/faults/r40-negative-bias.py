import keras
import numpy as np
from keras import initializers, layers

keras.utils.set_random_seed(41)
rng = np.random.default_rng(41)
X = rng.uniform(-1, 1, size=(200, 2)).astype("float32")
y = (X[:, 0] ** 2 + X[:, 1] ** 2 < 0.6).astype("int64")

inputs = layers.Input((2,))
h = layers.Dense(64, activation="relu", kernel_initializer=initializers.RandomNormal(stddev=1.0, seed=1),
                 bias_initializer=initializers.Constant(-2.5))(inputs)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.03), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=40, batch_size=40, verbose=0)
