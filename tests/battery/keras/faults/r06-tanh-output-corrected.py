import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)
radius = np.concatenate([rng.uniform(0.0, 0.6, 80), rng.uniform(0.9, 1.5, 80)])
angle = rng.uniform(0, 2 * np.pi, 160)
X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype("float32")
y = np.repeat([0.0, 1.0], 80).astype("float32")


class RingModel(tf.keras.Model):
    def __init__(self, hidden=32, **kwargs):
        super().__init__(**kwargs)
        self.hidden = tf.keras.layers.Dense(hidden, activation="relu")
        self.head = tf.keras.layers.Dense(1)

    def call(self, inputs):
        return self.head(self.hidden(inputs))


model = RingModel()
model.compile(
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    optimizer=tf.keras.optimizers.Adam(0.02),
)
model.fit(X, y, batch_size=40, epochs=30, verbose=0)
