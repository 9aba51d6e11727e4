import numpy as np
import tensorflow as tf
from tensorflow import keras
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(6)

X, y = make_blobs(n_samples=260, n_features=3, centers=4, cluster_std=0.9, random_state=6)
mean, std = X[:200].mean(axis=0), X[:200].std(axis=0)
X = ((X - mean) / std).astype("float32")
y = y.astype("int32")

train = tf.data.Dataset.from_tensor_slices((X[:200], y[:200])).shuffle(200, seed=6).batch(20).prefetch(1)
test = tf.data.Dataset.from_tensor_slices((X[200:], y[200:])).batch(30)

schedule = keras.optimizers.schedules.PiecewiseConstantDecay([100, 200], [0.1, 0.03, 0.01])
model = keras.models.Sequential([
    keras.layers.Input(shape=(3,)),
    keras.layers.Dense(18, activation="gelu"),
    keras.layers.Dense(4),
    keras.layers.Softmax(),
])
model.compile(loss="sparse_categorical_crossentropy",
              optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9),
              metrics=["accuracy"])
model.fit(train, epochs=30, verbose=0)
print(model.evaluate(test, verbose=0))
