import numpy as np
import tensorflow as tf
from sklearn.datasets import make_blobs

tf.random.set_seed(0)
points, classes = make_blobs(n_samples=150, centers=4, n_features=3, random_state=5)
points = (points - points.mean(axis=0)) / points.std(axis=0)

X = tf.constant(points, dtype=tf.float32)
Y = tf.one_hot(classes, depth=4)


class Classifier(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(20, activation="tanh")
        self.out = tf.keras.layers.Dense(4)

    def call(self, x):
        x = self.hidden(x)
        return tf.nn.softmax(self.out(x))


model = Classifier()
loss_fn = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam(0.05)

for epoch in range(60):
    with tf.GradientTape() as tape:
        y_pred = model(X, training=True)
        loss = loss_fn(Y, y_pred)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    if epoch % 20 == 0:
        print(epoch, float(loss))
print("loss", float(loss))
