import numpy as np
import tensorflow as tf
import keras
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(3)
X, y = make_blobs(n_samples=200, n_features=2, centers=3, cluster_std=1.0, random_state=3)
X = ((X - X[:150].mean(axis=0)) / X[:150].std(axis=0)).astype("float32")
y = y.astype("int64")

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(24, activation="relu"),
    keras.layers.Dropout(0.4),
    keras.layers.Dense(3),
])
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=0.02)

rng = np.random.default_rng(3)
for epoch in range(8):
    order = rng.permutation(150)
    for start in range(0, 150, 30):
        rows = order[start:start + 30]
        with tf.GradientTape() as tape:
            scores = model(X[rows])
            loss = loss_fn(y[rows], scores)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply(gradients, model.trainable_weights)
    print(epoch + 1, float(loss))

predicted = np.argmax(model.predict(X[150:], verbose=0), axis=1)
print("accuracy", np.mean(predicted == y[150:]))
