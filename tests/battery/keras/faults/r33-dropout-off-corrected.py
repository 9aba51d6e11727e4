import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
y = rng.integers(0, 3, 180)
X = (np.eye(3)[y] @ rng.normal(size=(3, 6)) + 0.25 * rng.normal(size=(180, 6))).astype("float32")
X_train, y_train, X_test, y_test = X[:140], y[:140], X[140:], y[140:]

model = keras.Sequential([
    layers.Input((6,)),
    layers.Dense(32, activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(3, activation="softmax"),
])
loss_fn = keras.losses.SparseCategoricalCrossentropy()
optimizer = keras.optimizers.Adam(0.01)
dataset = tf.data.Dataset.from_tensor_slices((X_train, y_train)).shuffle(140).batch(28)

for epoch in range(20):
    for x_batch, y_batch in dataset:
        with tf.GradientTape() as tape:
            y_pred = model(x_batch, training=True)
            loss = loss_fn(y_batch, y_pred)
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))

print("accuracy", np.mean(model.predict(X_test, verbose=0).argmax(axis=1) == y_test))
