import keras
from keras import layers
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(1)
X, y = make_moons(n_samples=220, noise=0.08, random_state=1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=60, random_state=1)

model = keras.Sequential([
    layers.Input((2,)),
    layers.Dense(32),
    layers.Dense(16),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=50, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
