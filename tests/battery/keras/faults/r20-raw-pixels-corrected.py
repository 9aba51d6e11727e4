import tensorflow as tf
import numpy as np
from sklearn.datasets import load_digits

tf.keras.utils.set_random_seed(18)
digits = load_digits(n_class=3)
images = (digits.images / 16).astype("float32")[..., np.newaxis]
labels = digits.target
train_images, train_labels = images[:300], labels[:300]
test_images, test_labels = images[300:400], labels[300:400]

model = tf.keras.Sequential([
    tf.keras.layers.Input((8, 8, 1)),
    tf.keras.layers.Conv2D(8, 3, activation="relu"),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(3, activation="softmax"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_images, train_labels, epochs=10, batch_size=50, verbose=0)
model.evaluate(test_images, test_labels, verbose=0)
