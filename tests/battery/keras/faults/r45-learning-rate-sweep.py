import keras
from keras.callbacks import LearningRateScheduler
from sklearn.datasets import make_circles

keras.utils.set_random_seed(45)
X, y = make_circles(n_samples=200, noise=0.05, factor=0.5, random_state=45)

model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
schedule = LearningRateScheduler(lambda epoch: 0.001 * 10 ** (epoch // 8))
model.fit(X[:160], y[:160], epochs=40, verbose=0, callbacks=[schedule])
print(model.evaluate(X[160:], y[160:], verbose=0))
