import keras
import numpy as np
from keras.layers import Dense

keras.utils.set_random_seed(31)
gen = np.random.default_rng(31)
y = gen.integers(1, 4, size=150)
X = gen.normal(scale=0.25, size=(150, 3)) + np.eye(3)[y - 1]

model = keras.Sequential([keras.Input((3,)), Dense(16, activation="relu"), Dense(3)])
model.compile(
    optimizer=keras.optimizers.Adam(0.02),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(X, y, epochs=25, verbose=0)
print(history.history["accuracy"][-1])
