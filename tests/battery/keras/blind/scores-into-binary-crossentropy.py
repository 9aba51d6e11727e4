import keras
from keras import layers
from sklearn.datasets import make_moons

keras.utils.set_random_seed(0)
X, y = make_moons(n_samples=250, noise=0.1, random_state=0)
X_train, X_test = X[:200], X[200:]
y_train, y_test = y[:200], y[200:]

model = keras.Sequential([
    keras.Input(shape=(2,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=20, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
