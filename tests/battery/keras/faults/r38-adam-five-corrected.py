import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(38)
X, y = load_digits(return_X_y=True)
X = X / 16

model = keras.Sequential([
    layers.Input((64,)),
    layers.Dense(32, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="sparse_categorical_crossentropy")
model.fit(X[:300], y[:300], epochs=25, batch_size=30, verbose=0)
