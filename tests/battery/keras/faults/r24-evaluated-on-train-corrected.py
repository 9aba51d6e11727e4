from tensorflow import keras
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(64)
X, y = make_blobs(n_samples=200, centers=3, n_features=2, cluster_std=0.7, random_state=64)
X = X / 10
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=64)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(3, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.02), metrics=["accuracy"])
model.fit(X_train, y_train, epochs=30, verbose=0)
loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
print("Accuracy of the model:", accuracy)
