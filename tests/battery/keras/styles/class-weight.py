import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(13)
rng = np.random.default_rng(13)
usual = rng.normal([0.0, 0.0], 0.5, size=(270, 2))
fraud = rng.normal([1.8, 1.8], 0.5, size=(50, 2))
X = np.vstack([usual, fraud])
y = np.array([0] * 270 + [1] * 50)
order = rng.permutation(320)
X, y = X[order], y[order]
X_train, y_train, X_test, y_test = X[:240], y[:240], X[240:], y[240:]

model = tf.keras.Sequential([
    tf.keras.layers.Input((2,)),
    tf.keras.layers.Dense(16, activation="relu"),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss="binary_crossentropy",
              metrics=[tf.keras.metrics.Recall(), "accuracy"])
model.fit(X_train, y_train, epochs=15, batch_size=24, class_weight={0: 1.0, 1: 5.0}, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
