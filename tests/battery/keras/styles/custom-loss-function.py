import keras
from keras import layers, ops
from sklearn.datasets import make_circles

keras.utils.set_random_seed(83)


def my_binary_crossentropy(y_true, y_pred):
    p = ops.clip(y_pred, 1e-7, 1 - 1e-7)
    return -ops.mean(y_true * ops.log(p) + (1 - y_true) * ops.log(1 - p), axis=-1)


X, y = make_circles(n_samples=240, noise=0.05, factor=0.4, random_state=83)
y = y.astype("float32").reshape(-1, 1)
X_train, y_train, X_test, y_test = X[:180], y[:180], X[180:], y[180:]

model = keras.Sequential([
    keras.Input((2,)),
    layers.Dense(20, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adamax(0.05), loss=my_binary_crossentropy, metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=20, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
