import numpy as np
from tensorflow import keras
from sklearn.datasets import make_classification

keras.utils.set_random_seed(44)
X, y = make_classification(n_samples=180, n_features=6, n_informative=4, n_redundant=0, n_classes=3,
                           n_clusters_per_class=1, class_sep=2.5, flip_y=0, random_state=44)
X = X.astype(np.float32)

entry = keras.layers.Input(shape=(6,))
body = keras.layers.Dense(24, activation="swish")(entry)
exit_ = keras.layers.Dense(3, activation="softmax")(body)
network = keras.Model(entry, exit_)

network.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer=keras.optimizers.Nadam(0.01))
network.fit(X[:150], y[:150], epochs=30, batch_size=30, verbose=0)
print(network.evaluate(X[150:], y[150:], verbose=0))
