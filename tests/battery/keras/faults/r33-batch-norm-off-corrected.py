import tensorflow as tf
from sklearn.datasets import make_circles

tf.random.set_seed(9)
X, y = make_circles(n_samples=160, noise=0.06, factor=0.4, random_state=9)
X = tf.constant(X, tf.float32)
y = tf.constant(y, tf.int64)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d1 = tf.keras.layers.Dense(24)
        self.bn = tf.keras.layers.BatchNormalization(momentum=0.8)
        self.d2 = tf.keras.layers.Dense(2)

    def call(self, x, training=None):
        x = self.bn(self.d1(x), training=training)
        return self.d2(tf.nn.relu(x))


net = Net()
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
opt = tf.keras.optimizers.Adam(0.03)
for epoch in range(60):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, net(X, training=True))
    grads = tape.gradient(loss, net.trainable_variables)
    opt.apply_gradients(zip(grads, net.trainable_variables))
print("loss", float(loss))
