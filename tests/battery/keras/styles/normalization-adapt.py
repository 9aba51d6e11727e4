import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(48)
rng = np.random.default_rng(48)
n = 320
age = rng.uniform(20, 70, n)
income = rng.normal(3000, 800, n)
debt = rng.uniform(0, 20000, n)
X = np.column_stack([age, income, debt]).astype("float32")
risk = (debt - 10000) / 6000 - (income - 3000) / 800
y = (risk > 0).astype("float32")
X_train, y_train, X_test, y_test = X[:250], y[:250], X[250:], y[250:]

normalize = layers.Normalization()
normalize.adapt(X_train)

model = keras.Sequential([
    keras.Input((3,)),
    normalize,
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=25, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
