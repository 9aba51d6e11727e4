import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(42)
rng = np.random.default_rng(42)
y = np.repeat([0.0, 1.0], 60)[:, None]
X = rng.normal(scale=0.3, size=(120, 3)) + np.where(y == 1, 1.0, -1.0)
X, y = tf.constant(X, tf.float32), tf.constant(y, tf.float32)

inputs = keras.Input((3,))
x = keras.layers.Dense(32, activation="relu")(inputs)
x = keras.layers.Dense(32, activation="relu")(x)
model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
optimizer = keras.optimizers.Adam(0.02)


def my_loss(y_true, p):
    p = tf.clip_by_value(p, 1e-6, 1.0 - 1e-6)
    return -tf.reduce_mean(y_true * tf.math.log(p) + (1.0 - y_true) * tf.math.log(1.0 - p))


for epoch in range(60):
    with tf.GradientTape() as tape:
        loss = my_loss(y, model(X, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    if epoch % 10 == 0:
        print(epoch, loss.numpy())
print("last loss", loss.numpy())
