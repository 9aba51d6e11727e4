# Samuel Adeyemi, circles homework (Keras)

import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(0)

train = np.load("train.npz")
val = np.load("validation.npz")

model = keras.Sequential(
    [
        layers.Input(shape=(2,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)

model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

# see how good it is
print(model.evaluate(val["inputs"], val["labels"], verbose=0))
print(model.predict(val["inputs"][:5], verbose=0))
