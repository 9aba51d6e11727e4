import tensorflow as tf
from sklearn.datasets import load_digits

tf.keras.utils.set_random_seed(2)
X, y = load_digits(n_class=4, return_X_y=True)
X_train, y_train = X[:300], y[:300]
X_test, y_test = X[300:380], y[300:380]

model = tf.keras.Sequential()
model.add(tf.keras.layers.Input(shape=(64,)))
model.add(tf.keras.layers.Lambda(lambda x: x / 16.0))     # pixels go from 0 to 16
model.add(tf.keras.layers.Dense(20, activation="relu"))
model.add(tf.keras.layers.Dense(4, activation="softmax"))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=10, epochs=15, verbose=0)
print("test accuracy", model.evaluate(X_test, y_test, verbose=0)[1])
