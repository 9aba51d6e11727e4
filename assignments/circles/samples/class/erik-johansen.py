# Circles – Erik Johansen
# (written with Notepad on Windows)
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(1234)

with np.load("train.npz") as train, np.load("validation.npz") as val:
    x, y = train["inputs"], train["labels"]
    xv, yv = val["inputs"], val["labels"]


# smaller steps towards the end
decay = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=100, decay_rate=0.6)


class RingClassifier:
    """Wraps the Keras model so that I can reuse it."""

    def __init__(self, units):
        self.net = keras.Sequential(
            [
                layers.Input((2,)),
                layers.Dense(units, activation="elu"),
                layers.Dense(units, activation="elu"),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        self.net.compile(
            optimizer=keras.optimizers.RMSprop(learning_rate=decay),
            loss=keras.losses.BinaryCrossentropy(),
            metrics=["accuracy"],
        )

    def fit(self, points, rings):
        return self.net.fit(points, rings, epochs=80, batch_size=100, verbose=0)


classifier = RingClassifier(units=32)
classifier.fit(x, y)
model = classifier.net

loss, accuracy = model.evaluate(xv, yv, verbose=0)
print(f"Validation – loss: {loss:.3f}, accuracy: {accuracy:.3f}")
