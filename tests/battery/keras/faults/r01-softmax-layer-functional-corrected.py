import keras
import numpy as np
from keras import Input, Model
from keras.layers import Dense, Softmax
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)

digits = load_digits(n_class=5)
rows = np.random.default_rng(1).choice(len(digits.data), size=300, replace=False)
images = digits.data[rows] / 16.0
labels = keras.utils.to_categorical(digits.target[rows], 5)

inputs = Input(shape=(64,))
x = Dense(32, activation="relu")(inputs)
x = Dense(5)(x)
outputs = Softmax()(x)
net = Model(inputs, outputs)

loss = keras.losses.CategoricalCrossentropy()
net.compile(optimizer=keras.optimizers.RMSprop(0.003), loss=loss, metrics=["accuracy"])
history = net.fit(images[:240], labels[:240], batch_size=24, epochs=12, verbose=0,
                  validation_data=(images[240:], labels[240:]))
print("final training loss", history.history["loss"][-1])
