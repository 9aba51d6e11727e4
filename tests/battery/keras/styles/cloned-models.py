import keras
from sklearn.datasets import make_circles

keras.utils.set_random_seed(75)
X, y = make_circles(n_samples=280, noise=0.05, factor=0.4, random_state=75)
X_train, y_train, X_test, y_test = X[:220], y[:220], X[220:], y[220:]

template = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(20, activation="silu"),
    keras.layers.Dense(10, activation="silu"),
    keras.layers.Dense(1, activation="sigmoid"),
])

# the same network with two optimizers
model_a = keras.models.clone_model(template)
model_a.compile(optimizer=keras.optimizers.SGD(0.2, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
model_a.fit(X_train, y_train, epochs=15, batch_size=22, verbose=0)

model_b = keras.models.clone_model(template)
model_b.compile(optimizer=keras.optimizers.RMSprop(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model_b.fit(X_train, y_train, epochs=15, batch_size=20, verbose=0)

for name, model in {"sgd": model_a, "rmsprop": model_b}.items():
    print(name, model.evaluate(X_test, y_test, verbose=0))
