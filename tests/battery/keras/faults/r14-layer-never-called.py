import tensorflow as tf
from sklearn.datasets import make_blobs

tf.keras.utils.set_random_seed(2)
X, y = make_blobs(n_samples=190, centers=3, n_features=5, random_state=2)
X = (X / 10).astype("float32")


class MLP(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc1 = tf.keras.layers.Dense(32, activation="relu")
        self.fc2 = tf.keras.layers.Dense(16, activation="relu")
        self.fc3 = tf.keras.layers.Dense(3, activation="softmax")

    def call(self, x):
        x = self.fc1(x)
        return self.fc3(x)


model = MLP()
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
model.fit(X[:150], y[:150], epochs=20, batch_size=15, verbose=0)
model.evaluate(X[150:], y[150:], verbose=0)
