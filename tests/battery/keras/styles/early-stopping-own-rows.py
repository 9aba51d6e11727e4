import keras
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(37)
X, y = make_circles(n_samples=400, noise=0.04, factor=0.4, random_state=37)
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=80, random_state=37)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, test_size=80, random_state=37)

model = keras.Sequential([
    keras.Input(shape=(2,)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(8, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True)
history = model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=20, batch_size=24,
                    callbacks=[stop], verbose=0)
print("epochs", len(history.history["loss"]), "val", history.history["val_loss"][-1])
print("test", model.evaluate(X_test, y_test, verbose=0))
