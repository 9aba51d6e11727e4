import keras
from keras import layers
from sklearn.datasets import make_circles

keras.utils.set_random_seed(0)
X, y = make_circles(n_samples=160, noise=0.05, factor=0.4, random_state=0)

model = keras.Sequential([
    layers.Input((2,)),
    layers.Dense(24, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.03), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X[:120], y[:120], epochs=30, batch_size=20, verbose=0)
print(model.evaluate(X[120:], y[120:], verbose=0))
