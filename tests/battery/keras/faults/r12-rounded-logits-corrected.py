import keras
import numpy as np

keras.utils.set_random_seed(20)
train = np.load("train.npz")
valid = np.load("validation.npz")
X, y = train["inputs"], train["labels"]

inputs = keras.Input(shape=(2,))
x = keras.layers.Dense(24, activation="tanh")(inputs)
x = keras.layers.Dense(24, activation="tanh")(x)
model = keras.Model(inputs, keras.layers.Dense(1)(x))
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
model.fit(X, y.reshape(-1, 1), epochs=50, batch_size=24, verbose=0)


def predict(points):
    out = model.predict(points, verbose=0)
    return (out > 0).astype(int).ravel()


print(predict(valid["inputs"])[:10])
