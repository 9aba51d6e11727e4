import numpy as np
from keras import regularizers, utils
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD
from sklearn.datasets import make_circles

utils.set_random_seed(7)
X, y = make_circles(n_samples=300, noise=0.05, factor=0.4, random_state=7)
X = X.astype("float32")
y = y.astype("float32")
X_train, X_test = X[:240], X[240:]
y_train, y_test = y[:240], y[240:]

# no Input layer: the shapes come with the first batch
model = Sequential()
model.add(Dense(20, activation="tanh", kernel_regularizer=regularizers.l2(1e-4)))
model.add(Dense(20, activation="tanh", kernel_regularizer=regularizers.l2(1e-4)))
model.add(Dense(1, activation="sigmoid"))

model.compile(optimizer=SGD(learning_rate=0.1, momentum=0.9), loss="binary_crossentropy",
              metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=25, batch_size=24, verbose=0)
print(history.history["loss"][0], history.history["loss"][-1])
y_pred = (model.predict(X_test, verbose=0) > 0.5).astype(int).ravel()
print("accuracy", np.mean(y_pred == y_test))
