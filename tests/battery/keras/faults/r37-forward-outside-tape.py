import tensorflow as tf
from sklearn.datasets import make_blobs

tf.keras.utils.set_random_seed(37)
points, group = make_blobs(n_samples=120, centers=2, n_features=3, random_state=37)
points = tf.constant(points / 10, tf.float32)
group = tf.constant(group[:, None], tf.float32)

model = tf.keras.Sequential([
    tf.keras.Input((3,)),
    tf.keras.layers.Dense(10, activation="relu"),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
optimizer = tf.keras.optimizers.Adam(0.03)
bce = tf.keras.losses.BinaryCrossentropy()

for epoch in range(60):
    predictions = model(points, training=True)
    with tf.GradientTape() as tape:
        loss = bce(group, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
