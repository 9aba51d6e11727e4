import numpy as np
import tensorflow as tf
from sklearn.datasets import make_moons

tf.keras.utils.set_random_seed(19)
np.random.seed(19)
X, y = make_moons(n_samples=260, noise=0.1, random_state=19)
X, y = X.astype("float32"), y.astype("float32")
X_train, y_train, X_test, y_test = X[:200], y[:200], X[200:], y[200:]

model = tf.keras.Sequential([
    tf.keras.layers.Input(shape=(2,)),
    tf.keras.layers.Dense(20, activation="selu", kernel_initializer="lecun_normal"),
    tf.keras.layers.Dense(20, activation="selu", kernel_initializer="lecun_normal"),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="binary_crossentropy")

for epoch in range(40):
    order = np.random.permutation(200)
    for start in range(0, 200, 40):
        rows = order[start:start + 40]
        loss = model.train_on_batch(X_train[rows], y_train[rows])
print("last batch", loss)
p = model.predict(X_test, verbose=0).ravel()
print("accuracy", np.mean((p > 0.5) == (y_test > 0.5)))
