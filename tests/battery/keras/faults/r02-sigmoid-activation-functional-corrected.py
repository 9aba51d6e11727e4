import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)

# two clouds of points
a = rng.normal(loc=-1.0, scale=0.5, size=(60, 4))
b = rng.normal(loc=+1.0, scale=0.5, size=(60, 4))
features = np.concatenate([a, b]).astype("float32")
targets = np.concatenate([np.zeros(60), np.ones(60)]).astype("float32").reshape(-1, 1)

inp = keras.Input(shape=(4,))
h = layers.Dense(8)(inp)
h = layers.Activation("relu")(h)
z = layers.Dense(1)(h)
model = keras.Model(inputs=inp, outputs=z)

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.1, momentum=0.9),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
model.fit(features, targets, epochs=20, verbose=0)
