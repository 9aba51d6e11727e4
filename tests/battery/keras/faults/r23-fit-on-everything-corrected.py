import keras
from keras import layers
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(2)
X, y = make_moons(n_samples=240, noise=0.1, random_state=2)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=2)

inputs = keras.Input((2,))
h = layers.Dense(24, activation="relu")(inputs)
h = layers.Dense(24, activation="relu")(h)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=30, verbose=0)
print("test:", model.evaluate(X_test, y_test, verbose=0))
