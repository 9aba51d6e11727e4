import keras
import numpy as np
from sklearn.datasets import make_circles

keras.utils.set_random_seed(24)
X, y = make_circles(n_samples=300, noise=0.06, factor=0.4, random_state=24)
y = y.reshape(-1, 1).astype(np.float32)
X_train, y_train, X_test, y_test = X[:240], y[:240], X[240:], y[240:]

inputs = keras.layers.Input(shape=(2,))
x = keras.layers.Dense(16, activation="softplus")(inputs)
x = keras.layers.Dense(16, activation="softplus")(x)
outputs = keras.layers.Dense(1, activation="linear")(x)
model = keras.models.Model(inputs, outputs)

loss_fn = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.05)
model.compile(loss=loss_fn, optimizer=keras.optimizers.Adam(0.02))
model.fit(X_train, y_train, epochs=25, batch_size=30, verbose=0)

prob = keras.ops.sigmoid(model.predict(X_test, verbose=0))
print("accuracy", np.mean((np.array(prob) > 0.5) == y_test))
