import keras
from keras import layers
from sklearn.datasets import make_moons

keras.utils.set_random_seed(35)
X, y = make_moons(n_samples=360, noise=0.12, random_state=35)
X_train, y_train = X[:300], y[:300]
X_test, y_test = X[300:], y[300:]

model = keras.Sequential([
    layers.Input((2,)),
    layers.Dense(16, use_bias=False),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dense(16, use_bias=False),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
# 60 of the 300 rows are kept for validation
history = model.fit(X_train, y_train, validation_split=0.2, epochs=20, batch_size=24, verbose=0)
print("val_loss", history.history["val_loss"][::4])
print(model.evaluate(X_test, y_test, verbose=0))
