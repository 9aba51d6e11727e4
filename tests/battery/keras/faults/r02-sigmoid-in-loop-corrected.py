import tensorflow as tf
import keras
from sklearn.datasets import make_circles

keras.utils.set_random_seed(11)
data, target = make_circles(n_samples=160, factor=0.4, noise=0.05, random_state=11)
x_train = tf.convert_to_tensor(data[:120], dtype=tf.float32)
y_train = tf.convert_to_tensor(target[:120].reshape(-1, 1), dtype=tf.float32)
x_test = tf.convert_to_tensor(data[120:], dtype=tf.float32)
y_test = target[120:]

model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(24, activation="relu"), keras.layers.Dense(1)])
opt = keras.optimizers.Adam(learning_rate=0.03)
bce = keras.losses.BinaryCrossentropy(from_logits=True)
weights = model.trainable_weights

for step in range(60):
    with tf.GradientTape() as tape:
        logits = model(x_train, training=True)
        loss = bce(y_train, logits)
    opt.apply_gradients(zip(tape.gradient(loss, weights), weights))

scores = model(x_test, training=False).numpy().ravel()
print("accuracy:", ((scores > 0) == y_test).mean())
