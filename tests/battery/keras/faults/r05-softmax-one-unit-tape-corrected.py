import keras
import tensorflow as tf
from keras import layers
from sklearn.datasets import make_classification

keras.utils.set_random_seed(8)
X, y = make_classification(n_samples=128, n_features=5, n_informative=5, n_redundant=0,
                           class_sep=2.0, flip_y=0, n_clusters_per_class=1, random_state=8)
X = tf.cast(X, tf.float32)
y = tf.cast(y[:, None], tf.float32)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.fc1 = layers.Dense(16, activation="relu")
        self.fc2 = layers.Dense(1)
        self.act = layers.Activation("sigmoid")

    def call(self, x):
        return self.act(self.fc2(self.fc1(x)))


net = Net()
loss_fn = keras.losses.BinaryCrossentropy()
optimizer = keras.optimizers.Adam(0.02)
for epoch in range(20):
    for i in range(0, 128, 32):
        with tf.GradientTape() as tape:
            out = net(X[i:i + 32], training=True)
            loss = loss_fn(y[i:i + 32], out)
        g = tape.gradient(loss, net.trainable_variables)
        optimizer.apply(g, net.trainable_variables)
    # print(epoch, loss.numpy())
