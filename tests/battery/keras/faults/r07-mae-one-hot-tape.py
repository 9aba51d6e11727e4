import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(6)
rng = np.random.default_rng(6)
centers = np.array([[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]])
labels = rng.integers(0, 3, size=150)
X = centers[labels] + 0.2 * rng.normal(size=(150, 2))
X = tf.constant(X, tf.float32)
y = tf.one_hot(labels, 3)

inputs = keras.Input(shape=(2,), name="point")
x = keras.layers.Dense(12, activation="relu", name="hidden")(inputs)
outputs = keras.layers.Dense(3, activation="softmax", name="probabilities")(x)
model = keras.Model(inputs, outputs)

loss_object = keras.losses.MeanAbsoluteError()
adam = keras.optimizers.Adam(learning_rate=0.02)
train_data = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(150, seed=6).batch(30)
for epoch in range(25):
    for x_batch, y_batch in train_data:
        with tf.GradientTape() as tape:
            loss = loss_object(y_batch, model(x_batch, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        adam.apply_gradients(zip(grads, model.trainable_variables))
print("last loss:", loss.numpy())
