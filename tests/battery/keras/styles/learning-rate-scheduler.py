import keras
from sklearn.datasets import make_moons

keras.utils.set_random_seed(43)
X, y = make_moons(n_samples=300, noise=0.1, random_state=43)


def schedule(epoch, lr):
    return 0.02 * 0.95 ** epoch


model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(24, activation="tanh"),
    keras.layers.Dense(24, activation="tanh"),
    keras.layers.Dense(2, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
callback = keras.callbacks.LearningRateScheduler(schedule)
history = model.fit(X, y, epochs=30, batch_size=20, callbacks=[callback], verbose=0)
print(history.history["loss"][-1], history.history["accuracy"][-1])
