import keras
import numpy as np

keras.utils.set_random_seed(7)
train = np.load("train.npz")
valid = np.load("validation.npz")
X, y = train["inputs"], train["labels"]


class Rings(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(32, activation="relu")
        self.b = keras.layers.Dense(2, activation="softmax")

    def call(self, x):
        return self.b(self.a(x))


model = Rings()
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy")
model.fit(X, y, epochs=40, batch_size=20, verbose=0)


def predict(inputs):
    return np.argmax(model.predict(inputs, verbose=0), axis=1)


print(predict(valid["inputs"]))
