import keras
import numpy as np
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(17)
X, y = make_blobs(n_samples=[120, 40, 40], centers=[[0, 0], [1.5, 0], [0, 1.5]], cluster_std=0.3, random_state=17)
X_train, y_train, X_test, y_test = X[:150], y[:150], X[150:], y[150:]
# the small classes count three times
weight = np.where(y_train == 0, 1.0, 3.0)

inputs = keras.Input((2,))
h = keras.layers.Dense(18)(inputs)
h = keras.layers.PReLU()(h)
outputs = keras.layers.Dense(3, activation="softmax")(h)
clf = keras.Model(inputs, outputs)
clf.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
clf.fit(X_train, y_train, sample_weight=weight, epochs=25, batch_size=15, verbose=0)
print(clf.evaluate(X_test, y_test, verbose=0))
