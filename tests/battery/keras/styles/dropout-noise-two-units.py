import keras
from keras import layers
from sklearn.datasets import make_moons

keras.utils.set_random_seed(30)
X, y = make_moons(n_samples=400, noise=0.1, random_state=30)
X_train, y_train = X[:300], y[:300]
X_test, y_test = X[300:], y[300:]

model = keras.Sequential([
    layers.Input((2,)),
    layers.GaussianNoise(0.05),
    layers.Dense(32, activation="relu"),
    layers.Dropout(0.1),
    layers.Dense(32, activation="relu"),
    layers.Dense(2, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.AdamW(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=25, verbose=0)
probabilities = model.predict(X_test, verbose=0)
print("accuracy", (probabilities.argmax(axis=-1) == y_test).mean())
