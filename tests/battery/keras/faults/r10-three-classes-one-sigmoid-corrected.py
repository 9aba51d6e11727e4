import numpy as np
import keras
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(12)
X, y = make_blobs(n_samples=200, centers=3, cluster_std=0.8, random_state=9)
X = StandardScaler().fit_transform(X)

model = keras.models.Sequential()
model.add(keras.layers.Input((2,)))
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(3, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.01))
model.fit(X, y, epochs=30, verbose=0)
