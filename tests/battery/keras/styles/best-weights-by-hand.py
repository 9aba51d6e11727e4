import keras
from sklearn.datasets import make_moons

keras.utils.set_random_seed(72)
X, y = make_moons(n_samples=360, noise=0.1, random_state=72)
X_train, y_train = X[:240], y[:240]
X_val, y_val = X[240:300], y[240:300]
X_test, y_test = X[300:], y[300:]

model = keras.Sequential([
    keras.layers.Input((2,)),
    keras.layers.Dense(24, activation="relu"),
    keras.layers.Dense(24, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])

best_accuracy, best_weights = 0, None
for round_ in range(4):
    model.fit(X_train, y_train, epochs=5, batch_size=24, verbose=0)
    _, accuracy = model.evaluate(X_val, y_val, verbose=0)
    if accuracy > best_accuracy:
        best_accuracy = accuracy
        best_weights = model.get_weights()
    print("round", round_, "validation accuracy", accuracy)

model.set_weights(best_weights)
print("test accuracy", model.evaluate(X_test, y_test, verbose=0)[1])
