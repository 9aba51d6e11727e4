# Circles with the Keras functional API.
# The last layer is linear, so the loss is told from_logits=True.
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(5)

data = np.load("train.npz")
x_train, y_train = data["inputs"], data["labels"].astype("float32")
data = np.load("validation.npz")
x_val, y_val = data["inputs"], data["labels"].astype("float32")

points = tf.keras.Input(shape=(2,), name="points")
h = tf.keras.layers.Dense(24, activation="tanh")(points)
h = tf.keras.layers.Dense(24, activation="tanh")(h)
logit = tf.keras.layers.Dense(1, name="logit")(h)
model = tf.keras.Model(points, logit, name="circles")

model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.03),
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0)],
)
model.fit(x_train, y_train, epochs=80, batch_size=160, verbose=0)

results = model.evaluate(x_val, y_val, verbose=0, return_dict=True)
print({name: round(float(value), 4) for name, value in results.items()})
