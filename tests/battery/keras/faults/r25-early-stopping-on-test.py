import keras
from keras.callbacks import EarlyStopping
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(16)
X, y = make_moons(n_samples=250, noise=0.1, random_state=16)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=50, random_state=16)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(20, activation="relu"),
    keras.layers.Dense(20, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
stop = EarlyStopping(monitor="val_loss", patience=25, restore_best_weights=True)
model.fit(X_train, y_train, epochs=25, batch_size=40, verbose=0,
          validation_data=(X_test, y_test), callbacks=[stop])
print(model.evaluate(X_test, y_test, verbose=0))
