import tensorflow as tf
import keras
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(40)
X, y = make_blobs(n_samples=120, centers=[[-1, 1], [1, 1], [-1, -1], [1, -1]], cluster_std=0.2, random_state=40)
y = y % 3 == 0
X = tf.constant(X, tf.float32)
y = tf.constant(y.reshape(-1, 1), tf.float32)

inputs = keras.Input((2,))
h = keras.layers.Dense(12, activation="relu", kernel_initializer="ones")(inputs)
h = keras.layers.Dense(12, activation="relu", kernel_initializer="ones")(h)
outputs = keras.layers.Dense(1, kernel_initializer="ones")(h)
model = keras.Model(inputs, outputs)
optimizer = keras.optimizers.Adam(0.02)
bce = keras.losses.BinaryCrossentropy(from_logits=True)

for step in range(60):
    with tf.GradientTape() as tape:
        loss = bce(y, model(X, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
print(float(loss))
