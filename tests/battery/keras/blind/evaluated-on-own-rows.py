import keras
from keras.layers import Dense, Input
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(22)
X, y = make_blobs(n_samples=200, n_features=4, centers=3, cluster_std=1.5, random_state=22)
X = StandardScaler().fit_transform(X)

model = keras.Sequential([
    Input(shape=(4,)),
    Dense(12, activation="tanh"),
    Dense(3, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=20, batch_size=20, verbose=0)
_, accuracy = model.evaluate(X, y, verbose=0)
print("Accuracy: %.1f%%" % (100 * accuracy))
