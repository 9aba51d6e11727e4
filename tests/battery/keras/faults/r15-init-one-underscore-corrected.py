import keras
from sklearn.datasets import make_moons

keras.utils.set_random_seed(0)
X, y = make_moons(n_samples=160, noise=0.1, random_state=0)


class MoonNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(24, activation="relu")
        self.hidden2 = keras.layers.Dense(12, activation="relu")
        self.out = keras.layers.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.out(self.hidden2(self.hidden(x)))


model = MoonNet()
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy")
model.fit(X[:120], y[:120], epochs=30, batch_size=24, verbose=0)
print(model.evaluate(X[120:], y[120:], verbose=0))
