import numpy as np
import keras
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(20)
X, y = make_moons(n_samples=240, noise=0.1, random_state=20)
y = y.reshape(-1, 1).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=60, random_state=20)

baseline = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
deep = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(16),
    keras.layers.LeakyReLU(negative_slope=0.2),
    keras.layers.Dense(16),
    keras.layers.LeakyReLU(negative_slope=0.2),
    keras.layers.Dense(1, activation="sigmoid"),
])

for model, rate, epochs in [(baseline, 0.1, 10), (deep, 0.03, 15)]:
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(rate))
    model.fit(X_train, y_train, epochs=epochs, batch_size=30, verbose=0)
    probability = model(X_test, training=False).numpy()
    print(model.name, np.mean((probability > 0.5) == (y_test > 0.5)))
