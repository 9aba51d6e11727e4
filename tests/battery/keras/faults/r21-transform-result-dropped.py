import numpy as np
import tensorflow as tf
from sklearn.preprocessing import MinMaxScaler

tf.keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
kind = rng.integers(0, 2, size=200)
length = np.where(kind == 1, 620.0, 480.0) + rng.normal(scale=40.0, size=200)
width = np.where(kind == 1, 2.0, 3.0) + rng.normal(scale=0.3, size=200)
data = np.stack([length, width], axis=1).astype("float32")
target = kind.reshape(-1, 1).astype("float32")

scaler = MinMaxScaler()
scaler.fit(data[:150])
scaler.transform(data)

inputs = tf.keras.Input((2,))
x = tf.keras.layers.Dense(12, activation="relu")(inputs)
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(x))
optimizer = tf.keras.optimizers.Adam(0.05)
loss_fn = tf.keras.losses.BinaryCrossentropy(from_logits=True)
batches = tf.data.Dataset.from_tensor_slices((data[:150], target[:150])).shuffle(150).batch(25)
for epoch in range(12):
    for xb, yb in batches:
        with tf.GradientTape() as tape:
            loss = loss_fn(yb, model(xb, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))

print(np.mean((model.predict(data[150:], verbose=0) > 0) == target[150:]))
