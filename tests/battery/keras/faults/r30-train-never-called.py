import numpy as np
import tensorflow as tf

tf.random.set_seed(1)
np.random.seed(1)
labels = np.random.randint(0, 3, size=120)
X = (np.eye(3)[labels] + 0.2 * np.random.randn(120, 3)).astype("float32")
X_train, y_train, X_test, y_test = X[:90], labels[:90], X[90:], labels[90:]


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense1 = tf.keras.layers.Dense(16, activation="relu")
        self.dense2 = tf.keras.layers.Dense(3)

    def call(self, x):
        return self.dense2(self.dense1(x))


def train(model, X, y, epochs):
    optimizer = tf.keras.optimizers.Adam(0.03)
    loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for _ in range(epochs):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(X, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))


model = Net()
prediction = model.predict(X_test, verbose=0).argmax(axis=1)
print("accuracy", (prediction == y_test).mean())
