import keras
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(8)
X, y = make_circles(n_samples=310, noise=0.07, factor=0.4, random_state=8)
X_full, X_test, y_full, y_test = train_test_split(X, y, test_size=60, random_state=8)

model = keras.Sequential()
model.add(keras.Input((2,)))
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(8, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.03),
              loss="binary_crossentropy", metrics=["accuracy"])

EPOCHS = 12
keep_best = keras.callbacks.EarlyStopping(monitor="val_loss", patience=EPOCHS, restore_best_weights=True)
history = model.fit(X_full, y_full, validation_split=0.2, epochs=EPOCHS, batch_size=25,
                    callbacks=[keep_best], verbose=0)
print("best validation loss", min(history.history["val_loss"]))
print("test", model.evaluate(X_test, y_test, verbose=0))
