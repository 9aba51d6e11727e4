import numpy as np
import tensorflow as tf
import keras
from sklearn.datasets import make_circles

keras.utils.set_random_seed(2)
X, y = make_circles(n_samples=260, noise=0.08, factor=0.4, random_state=2)
X = X.astype("float32")
y = y.astype("float32").reshape(-1, 1)
X_train, y_train, X_test, y_test = X[:200], y[:200], X[200:], y[200:]

train_ds = tf.data.Dataset.from_tensor_slices((X_train, y_train)).shuffle(200).batch(25)

model = keras.Sequential([
    keras.layers.Input(shape=(2,)),
    keras.layers.Dense(16),
    keras.layers.BatchNormalization(momentum=0.9),
    keras.layers.Activation("relu"),
    keras.layers.Dense(1),
])
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=0.02)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = loss_fn(y, logits)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


for epoch in range(35):
    losses = [float(train_step(xb, yb)) for xb, yb in train_ds]
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: {np.mean(losses):.3f}")

test_logits = model(X_test, training=False).numpy()
print("accuracy", np.mean((test_logits > 0) == (y_test > 0.5)))
