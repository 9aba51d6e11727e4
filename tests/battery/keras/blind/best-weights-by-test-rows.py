import keras
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(11)
X, y = make_circles(n_samples=260, noise=0.08, factor=0.4, random_state=11)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=60, random_state=11)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(16, activation="tanh"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.06), loss="binary_crossentropy", metrics=["accuracy"])
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=15, restore_best_weights=True)
model.fit(X_train, y_train, validation_data=(X_test, y_test), epochs=15, batch_size=20,
          callbacks=[stop], verbose=0)
loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
print("final test accuracy:", accuracy)
