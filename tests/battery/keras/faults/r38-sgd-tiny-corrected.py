from tensorflow import keras
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(83)
X, y = make_moons(n_samples=200, noise=0.1, random_state=83)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=40, random_state=83)

model = keras.models.Sequential()
model.add(keras.layers.Input((2,)))
model.add(keras.layers.Dense(32, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.2, momentum=0.9), metrics=["accuracy"])
model.fit(X_train, y_train, epochs=40, batch_size=16, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
