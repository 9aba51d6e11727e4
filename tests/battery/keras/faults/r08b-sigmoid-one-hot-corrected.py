from tensorflow import keras
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.utils import to_categorical
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(17)
X, y = make_blobs(n_samples=160, centers=4, cluster_std=0.9, random_state=17)
X = X / 10
y = to_categorical(y)

model = keras.Sequential([Input((2,)), Dense(20, activation="relu"), Dense(4, activation="softmax")])
model.compile("rmsprop", loss="categorical_crossentropy")
model.optimizer.learning_rate = 0.01
model.fit(X[:120], y[:120], epochs=40, batch_size=30, verbose=0, validation_data=(X[120:], y[120:]))
