import tensorflow as tf
import keras
from sklearn.datasets import make_moons

keras.utils.set_random_seed(13)
X, y = make_moons(n_samples=140, noise=0.1, random_state=13)
x_train = tf.constant(X, dtype=tf.float32)
y_train = tf.constant(y.reshape(-1, 1), dtype=tf.float32)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(20, activation="relu"),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1),
])
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=0.03)

for epoch in range(60):
    with tf.GradientTape() as tape:
        outputs = model(x_train, training=True)
        loss = loss_fn(y_train, outputs)
    grads = tape.gradient(loss, model.trainable_variables)
print("loss:", float(loss))
