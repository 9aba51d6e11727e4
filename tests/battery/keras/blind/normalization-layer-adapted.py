import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(16)
rng = np.random.default_rng(16)

# age, income and number of children; does the customer buy?
n = 280
age = rng.uniform(20, 70, n)
income = rng.uniform(800, 6000, n)
children = rng.integers(0, 4, n)
score = (age - 45) / 15 + (income - 3400) / 1500 - 0.3 * (children - 1.5)
keep = np.abs(score) > 0.25
X = np.column_stack([age, income, children])[keep].astype("float32")[:200]
y = (score[keep] > 0).astype("int64")[:200]
X_train, X_test = X[:150], X[150:]
y_train, y_test = y[:150], y[150:]

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(X_train)

model = keras.Sequential([
    keras.Input(shape=(3,)),
    normalizer,
    layers.Dense(12, activation="selu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02),
              loss=keras.losses.BinaryCrossentropy(),
              metrics=[keras.metrics.BinaryAccuracy()])
model.fit(X_train, y_train, epochs=20, batch_size=15, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0, return_dict=True))
