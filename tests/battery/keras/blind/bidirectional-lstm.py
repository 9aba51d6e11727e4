import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)

# three kinds of paths in the plane: drifting east, drifting north, staying
kinds = rng.integers(0, 3, 180)
drift = np.array([[0.3, 0.0], [0.0, 0.3], [0.0, 0.0]])[kinds]
steps = drift[:, None, :] + 0.1 * rng.normal(size=(180, 6, 2))
paths = np.cumsum(steps, axis=1).astype("float32")

train_x, train_y = paths[:140], kinds[:140]
test_x, test_y = paths[140:], kinds[140:]

model = keras.Sequential([
    layers.Input((6, 2)),
    layers.Bidirectional(layers.LSTM(6, unroll=True)),
    layers.Dense(3, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy")
model.optimizer.learning_rate = 0.03
model.fit(train_x, train_y, epochs=5, batch_size=20, verbose=0)
p = model(test_x, training=False).numpy()
print("accuracy", np.mean(p.argmax(axis=1) == test_y))
