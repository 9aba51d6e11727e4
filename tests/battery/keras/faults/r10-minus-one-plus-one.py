import numpy as np
import tensorflow as tf

tf.random.set_seed(5)
rng = np.random.default_rng(5)
X = rng.normal(size=(200, 2)).astype(np.float32)
y = np.where(X[:, 0] * X[:, 1] > 0, 1, -1)
X = X[np.abs(X[:, 0] * X[:, 1]) > 0.1][:120]
y = np.sign(X[:, 0] * X[:, 1]).astype("float32").reshape(-1, 1)

i = tf.keras.Input((2,))
h = tf.keras.layers.Dense(32, activation="relu")(i)
h = tf.keras.layers.Dense(16, activation="relu")(h)
o = tf.keras.layers.Dense(1)(h)
model = tf.keras.Model(i, o)
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.01),
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
)
model.fit(X, y, epochs=40, batch_size=20, verbose=0)
