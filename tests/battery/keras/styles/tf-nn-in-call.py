import tensorflow as tf
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

tf.keras.utils.set_random_seed(33)
X, y = make_moons(n_samples=300, noise=0.1, random_state=33)
X_train, X_test, y_train, y_test = train_test_split(X.astype("float32"), y.astype("float32"),
                                                    test_size=0.2, random_state=33)


class MoonModel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d1 = tf.keras.layers.Dense(24)
        self.d2 = tf.keras.layers.Dense(12)
        self.d3 = tf.keras.layers.Dense(1)

    def call(self, x):
        x = tf.nn.relu(self.d1(x))
        x = tf.nn.relu(self.d2(x))
        return tf.nn.sigmoid(self.d3(x))


model = MoonModel()
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=tf.keras.losses.binary_crossentropy,
              metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=30, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
