import tensorflow as tf
from tensorflow.keras import layers
from sklearn.datasets import make_moons

tf.keras.utils.set_random_seed(51)
X, y = make_moons(n_samples=200, noise=0.1, random_state=51)
big = tf.keras.initializers.RandomNormal(stddev=0.5, seed=5)

model = tf.keras.Sequential([
    layers.Input((2,)),
    layers.Dense(16, activation="tanh", kernel_initializer=big),
    layers.Dense(16, activation="tanh", kernel_initializer=big),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=40, batch_size=40, verbose=0)
