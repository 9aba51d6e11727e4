import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(77)
rng = np.random.default_rng(77)
labels = np.tile([0, 1], 64)
points = rng.normal(scale=0.4, size=(128, 3)) + np.where(labels[:, None] == 1, 0.8, -0.8)
points = tf.constant(points, tf.float32)
labels = tf.constant(labels[:, None], tf.float32)


class SmallNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(12, activation="relu")
        self.dropout = keras.layers.Dropout(0.2)
        self.output_layer = keras.layers.Dense(1)

    def call(self, inputs, training=False):
        h = self.hidden(inputs)
        return self.output_layer(h)


model = SmallNet()
optimizer = keras.optimizers.Adam(0.05)
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

for epoch in range(10):
    for start in range(0, 128, 16):
        xb, yb = points[start:start + 16], labels[start:start + 16]
        with tf.GradientTape() as tape:
            loss = loss_fn(yb, model(xb, training=True))
        grads = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(grads, model.trainable_weights))
