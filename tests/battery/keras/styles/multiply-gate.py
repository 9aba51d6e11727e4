import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
X = rng.uniform(-1, 1, size=(260, 2)).astype("float32")
y = (X[:, 0] * X[:, 1] > 0).astype("float32").reshape(-1, 1)   # XOR of the signs
X_val, y_val = X[200:], y[200:]
X_train, y_train = X[:200], y[:200]

x = layers.Input(shape=(2,))
value = layers.Dense(16, activation="tanh")(x)
gate = layers.Dense(16, activation="sigmoid")(x)
gated = layers.Multiply()([value, gate])
p = layers.Dense(1, activation="sigmoid")(gated)
model = keras.Model(x, p, name="gated")

model.compile(keras.optimizers.RMSprop(0.02), loss=keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
log = model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=25, batch_size=25, verbose=0)
print(log.history["val_accuracy"][-1])
