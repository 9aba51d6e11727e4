import keras
import numpy as np

keras.utils.set_random_seed(50)
rng = np.random.default_rng(50)
X = rng.uniform(-1, 1, size=(100, 2)).astype("float32")
y = (X[:, 0] > X[:, 1]).astype("float32").reshape(-1, 1)


class Diagonal(keras.Model):
    def __init__(self):
        super().__init__()
        self.layer_1 = keras.layers.Dense(16, activation="relu")
        self.layer_2 = keras.layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        hidden = self.layer_1(X)
        return self.layer_2(hidden)


model = Diagonal()
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
model.fit(X, y, epochs=50, batch_size=100, shuffle=False, verbose=0)
