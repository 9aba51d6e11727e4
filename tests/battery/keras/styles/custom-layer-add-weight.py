import keras
from keras import ops
from sklearn.datasets import make_circles

keras.utils.set_random_seed(21)


class MyDense(keras.layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, x):
        return self.activation(ops.matmul(x, self.w) + self.b)


X, y = make_circles(n_samples=250, noise=0.05, factor=0.45, random_state=21)
X_train, X_test, y_train, y_test = X[:200], X[200:], y[:200], y[200:]

model = keras.Sequential([keras.Input((2,)), MyDense(24, "relu"), MyDense(1, "sigmoid")])
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.02), metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=20, verbose=0)
print("held out:", model.evaluate(X_test, y_test, verbose=0))
