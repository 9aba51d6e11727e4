import keras
import numpy as np
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(68)
X, y = make_blobs(n_samples=200, centers=[[-1, -1], [1, 1]], cluster_std=0.5, random_state=68)
X_train, y_train, X_test, y_test = X[:150], y[:150], X[150:], y[150:]

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(10, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=15, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))

model.save("blobs.keras")
restored = keras.models.load_model("blobs.keras")
print("same predictions:", np.allclose(model.predict(X_test, verbose=0), restored.predict(X_test, verbose=0)))
