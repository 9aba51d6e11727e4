from tensorflow import keras
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(6)
X, y = make_circles(n_samples=200, noise=0.06, factor=0.4, random_state=6)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=6)

same = keras.initializers.Constant(0.5)
model = keras.Sequential([
    keras.Input(shape=(2,)),
    keras.layers.Dense(16, activation="tanh", kernel_initializer=same),
    keras.layers.Dense(8, activation="tanh", kernel_initializer=same),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=40, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
