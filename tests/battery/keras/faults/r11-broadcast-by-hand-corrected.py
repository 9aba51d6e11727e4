import tensorflow as tf
from sklearn.datasets import make_moons

tf.keras.utils.set_random_seed(14)
X, y = make_moons(n_samples=150, noise=0.1, random_state=14)
X = tf.constant(X, dtype=tf.float32)
y = tf.constant(y[:, None], dtype=tf.float32)

model = tf.keras.Sequential([
    tf.keras.Input((2,)),
    tf.keras.layers.Dense(24, activation="relu"),
    tf.keras.layers.Dense(12, activation="relu"),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
optimizer = tf.keras.optimizers.Adam(0.03)


def cross_entropy(labels, p):
    p = tf.clip_by_value(p, 1e-6, 1 - 1e-6)
    return -tf.reduce_mean(labels * tf.math.log(p) + (1 - labels) * tf.math.log(1 - p))


for epoch in range(60):
    with tf.GradientTape() as tape:
        loss = cross_entropy(y, model(X, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
print("loss", loss.numpy())
