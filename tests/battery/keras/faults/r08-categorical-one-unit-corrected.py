import keras
import numpy as np
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(99)
X, y = make_circles(n_samples=200, noise=0.05, factor=0.5, random_state=99)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=99)

model = keras.Sequential()
model.add(keras.Input((2,)))
model.add(keras.layers.Dense(32, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(optimizer=keras.optimizers.Adam(0.03), loss="binary_crossentropy")
model.fit(X_tr, y_tr, epochs=30, verbose=0)

y_pred = (model.predict(X_te, verbose=0).ravel() > 0.5).astype(int)
print("test accuracy:", np.mean(y_pred == y_te))
