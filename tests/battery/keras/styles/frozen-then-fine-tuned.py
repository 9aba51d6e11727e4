import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(64)
X, y = load_digits(return_X_y=True)
X = X / 16.0
low, high = y < 5, (y >= 5) & (y < 8)
X_old, y_old = X[low][:240], y[low][:240]
X_new, y_new = X[high][:250], y[high][:250] - 5

# step 1: a base, trained on the digits 0 to 4
base = keras.Sequential([keras.Input((64,)), layers.Dense(24, activation="relu")])
first = keras.Sequential([base, layers.Dense(5, activation="softmax")])
first.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
first.fit(X_old, y_old, epochs=8, batch_size=24, verbose=0)

# step 2: a new head on the frozen base
base.trainable = False
model = keras.Sequential([keras.Input((64,)), base, layers.Dense(3, activation="softmax")])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_new[:200], y_new[:200], epochs=8, batch_size=20, verbose=0)

# step 3: everything, gently
base.trainable = True
model.compile(optimizer=keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_new[:200], y_new[:200], epochs=8, batch_size=20, verbose=0)
print(model.evaluate(X_new[200:], y_new[200:], verbose=0))
