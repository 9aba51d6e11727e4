import keras
from keras import layers, ops
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(12)
X, y = make_blobs(n_samples=240, centers=[[0, 1, 1], [1, -1, 0], [-1, 0, -1]], cluster_std=0.4, random_state=12)
X_train, y_train, X_test, y_test = X[:180], y[:180], X[180:], y[180:]


class BlobNet(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.dense1 = layers.Dense(14)
        self.dense2 = layers.Dense(10)
        self.dense3 = layers.Dense(classes)

    def call(self, inputs):
        x = ops.silu(self.dense1(inputs))
        x = ops.silu(self.dense2(x))
        return ops.softmax(self.dense3(x), axis=-1)


blob_net = BlobNet(3)
blob_net.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
blob_net.fit(X_train, y_train, epochs=15, batch_size=20, verbose=0)
print(blob_net.evaluate(X_test, y_test, verbose=0))
