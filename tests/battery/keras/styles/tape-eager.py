import tensorflow as tf
from sklearn.datasets import make_circles

tf.keras.utils.set_random_seed(23)
X, y = make_circles(n_samples=240, noise=0.05, factor=0.4, random_state=23)
X = tf.constant(X, dtype=tf.float32)
y = tf.reshape(tf.constant(y, dtype=tf.float32), (-1, 1))
X_train, y_train, X_test, y_test = X[:180], y[:180], X[180:], y[180:]

model = tf.keras.Sequential([
    tf.keras.layers.Input((2,)),
    tf.keras.layers.Dense(16, activation="relu"),
    tf.keras.layers.Dense(16, activation="relu"),
    tf.keras.layers.Dense(1),
])
loss_object = tf.keras.losses.BinaryCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam(learning_rate=0.02)

for epoch in range(50):
    with tf.GradientTape() as tape:
        logits = model(X_train, training=True)
        loss = loss_object(y_train, logits)
    grads = tape.gradient(loss, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))

test_logits = model(X_test, training=False)
accuracy = tf.reduce_mean(tf.cast((test_logits > 0) == (y_test > 0.5), tf.float32))
print("loss", float(loss), "accuracy", float(accuracy))
