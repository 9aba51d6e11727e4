import tensorflow as tf
import numpy as np

tf.keras.utils.set_random_seed(51)
rng = np.random.default_rng(51)
labels = rng.integers(0, 2, 260)
images = rng.uniform(0, 0.3, size=(260, 10, 10, 1)).astype("float32")
for image, label in zip(images, labels):
    start = rng.integers(0, 3)
    if label:
        image[start::3] += 0.7          # horizontal stripes
    else:
        image[:, start::3] += 0.7       # vertical stripes

inputs = tf.keras.Input(shape=(10, 10, 1))
x = tf.keras.layers.Conv2D(8, 3, activation="relu")(inputs)
x = tf.keras.layers.SeparableConv2D(12, 3, activation="relu")(x)
x = tf.keras.layers.GlobalAveragePooling2D()(x)
outputs = tf.keras.layers.Dense(1, activation="sigmoid")(x)
model = tf.keras.Model(inputs, outputs)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(images[:200], labels[:200], epochs=10, batch_size=20, verbose=0)
print(model.evaluate(images[200:], labels[200:], verbose=0))
