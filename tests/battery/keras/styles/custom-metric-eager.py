import keras
from keras import layers, ops
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(79)


class Correct(keras.metrics.Metric):
    """Counts the rows that were classified right."""

    def __init__(self, name="correct", **kwargs):
        super().__init__(name=name, **kwargs)
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        right = ops.equal(ops.cast(ops.ravel(y_true), "int32"), ops.cast(ops.argmax(y_pred, axis=1), "int32"))
        self.count.assign(self.count + ops.sum(ops.cast(right, "float32")))

    def result(self):
        return self.count


class Progress(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch % 5 == 0:
            print("epoch", epoch, {k: round(float(v), 3) for k, v in logs.items()})


X, y = make_blobs(n_samples=200, centers=[[0, 1], [1, -1], [-1, -1]], cluster_std=0.3, random_state=79)
model = keras.Sequential([layers.Input((2,)), layers.Dense(12, activation="relu"), layers.Dense(3, activation="softmax")])
model.compile(optimizer=keras.optimizers.Adam(0.03), loss="sparse_categorical_crossentropy", metrics=[Correct()],
              run_eagerly=True)
model.fit(X[:150], y[:150], epochs=10, batch_size=30, callbacks=[Progress()], verbose=0)
print(model.evaluate(X[150:], y[150:], verbose=0))
