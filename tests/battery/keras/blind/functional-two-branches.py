import numpy as np
import keras
from keras import layers
from sklearn.datasets import make_circles

keras.utils.set_random_seed(1)
X, y = make_circles(n_samples=260, noise=0.08, factor=0.4, random_state=1)
X = X.astype("float32")
X_train, y_train = X[:200], y[:200]
X_test, y_test = X[200:], y[200:]

inputs = keras.Input(shape=(2,))
left = layers.Dense(16, activation="relu")(inputs)
right = layers.Dense(8, activation="tanh")(inputs)
both = layers.Concatenate()([left, right])
outputs = layers.Dense(1, activation="sigmoid")(both)
model = keras.Model(inputs, outputs)

model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.04),
              loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=25, verbose=0)
loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
print("test loss", loss, "accuracy", accuracy)
