import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(43)
X, y = load_digits(return_X_y=True)
X = X[:300] / 16.0
y = y[:300]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=60, random_state=43)

model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=3, batch_size=20, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
