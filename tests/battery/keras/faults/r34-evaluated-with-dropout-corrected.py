import keras
import numpy as np
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(34)
X, y = make_blobs(n_samples=220, centers=3, n_features=4, cluster_std=1.5, random_state=34)
X = (X / 10).astype("float32")
X_train, y_train, X_test, y_test = X[:160], y[:160], X[160:], y[160:]

inputs = keras.Input((4,))
x = keras.layers.Dense(48, activation="relu")(inputs)
x = keras.layers.Dropout(0.4)(x)
outputs = keras.layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy")
model.fit(X_train, y_train, epochs=20, verbose=0)

probabilities = model(X_test, training=False).numpy()
print("accuracy:", np.mean(probabilities.argmax(axis=1) == y_test))
