import numpy as np
import keras

keras.utils.set_random_seed(15)
rng = np.random.default_rng(15)
y = rng.integers(0, 2, 240)
sign = rng.choice([-1.0, 1.0], 240)
# class 0 lies in two opposite corners, class 1 in the other two
X = np.stack([sign, np.where(y == 0, sign, -sign)], axis=1) + 0.2 * rng.normal(size=(240, 2))
X_train, y_train, X_test, y_test = X[:180], y[:180], X[180:], y[180:]


class Xor(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = keras.layers.Dense(24)
        self.norm = keras.layers.BatchNormalization()
        self.drop = keras.layers.Dropout(0.1)
        self.last = keras.layers.Dense(1)

    def call(self, x, training=None):
        x = self.norm(self.first(x), training=training)
        x = self.drop(x, training=training)
        return self.last(x)


net = Xor()
net.compile(optimizer=keras.optimizers.Adam(0.01), loss=keras.losses.BinaryCrossentropy(from_logits=True))
net.fit(X_train, y_train, epochs=40, batch_size=36, verbose=0)
print("accuracy", np.mean((net.predict(X_test, verbose=0)[:, 0] > 0) == y_test))
