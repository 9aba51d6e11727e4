import tensorflow as tf
from sklearn.datasets import make_blobs

tf.random.set_seed(42)

X, y = make_blobs(n_samples=320, centers=[[-1, -1], [1, 1]], cluster_std=0.5, random_state=42)
X_train, y_train = X[:256], y[:256]
X_test, y_test = X[256:], y[256:]

model = tf.keras.Sequential([
    tf.keras.layers.Input(shape=(2,)),
    tf.keras.layers.Dense(32, activation="relu"),
    tf.keras.layers.Dense(16, activation="relu"),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=15, batch_size=8, verbose=0)

loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
print(f"Test loss {loss:.3f}, test accuracy {accuracy:.3f}")
