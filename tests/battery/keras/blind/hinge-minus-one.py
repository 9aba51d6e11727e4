import numpy as np
import keras
from sklearn.datasets import make_circles

keras.utils.set_random_seed(9)
X, y = make_circles(n_samples=240, noise=0.07, factor=0.4, random_state=9)
y = np.where(y == 1, 1.0, -1.0).astype("float32").reshape(-1, 1)
X_train, X_test, y_train, y_test = X[:180], X[180:], y[:180], y[180:]

svm = keras.Sequential([
    keras.Input(shape=(2,)),
    keras.layers.Dense(20, activation="swish"),
    keras.layers.Dense(1),
])
svm.compile(optimizer=keras.optimizers.Adam(0.03), loss="hinge")
hist = svm.fit(X_train, y_train, epochs=18, batch_size=18, verbose=0)
print("hinge loss", hist.history["loss"][0], "->", hist.history["loss"][-1])

side = np.sign(svm.predict(X_test, verbose=0))
print("accuracy", np.mean(side == y_test))
