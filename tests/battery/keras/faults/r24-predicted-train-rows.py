import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
from sklearn.metrics import accuracy_score

tf.keras.utils.set_random_seed(21)
rng = np.random.default_rng(21)
X = rng.uniform(-1.5, 1.5, size=(200, 2)).astype("float32")
y = (np.hypot(X[:, 0], X[:, 1]) < 1.1).astype("float32")[:, None]
X_train, y_train = tf.constant(X[:150]), tf.constant(y[:150])
X_test, y_test = tf.constant(X[150:]), tf.constant(y[150:])


class Disc(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.h = layers.Dense(32, activation="relu")
        self.o = layers.Dense(1)

    def call(self, x):
        return self.o(self.h(x))


model = Disc()
opt = tf.keras.optimizers.Adam(0.05)
criterion = tf.keras.losses.BinaryCrossentropy(from_logits=True)
for epoch in range(60):
    with tf.GradientTape() as tape:
        loss = criterion(y_train, model(X_train, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))

predicted = model(X_train, training=False).numpy() > 0
print("accuracy:", accuracy_score(y_train.numpy() > 0.5, predicted))
