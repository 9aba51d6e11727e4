import numpy as np
import keras

keras.utils.set_random_seed(41)
rng = np.random.default_rng(41)
X = np.concatenate([rng.normal(-1, 0.4, size=(150, 2)), rng.normal(1, 0.4, size=(150, 2))])
y = np.concatenate([np.zeros(150), np.ones(150)])
rng.shuffle(X)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(4, activation="tanh"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=30, verbose=0)
