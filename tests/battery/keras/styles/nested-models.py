import keras
from keras import layers
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(14)
points, kinds = make_blobs(n_samples=200, centers=[[0, 0], [2, 0], [0, 2], [2, 2]], cluster_std=0.3, random_state=14)
points = points - 1.0

encoder = keras.Sequential([
    keras.Input((2,)),
    layers.Dense(16, activation="gelu"),
    layers.Dense(8, activation="gelu"),
], name="encoder")

inp = keras.Input((2,))
out = layers.Dense(4, activation="softmax", name="classifier")(encoder(inp))
whole = keras.Model(inp, out)
whole.compile(optimizer=keras.optimizers.Nadam(0.01), loss=keras.losses.sparse_categorical_crossentropy)
history = whole.fit(points, kinds, epochs=20, batch_size=20, verbose=0)
print(history.history["loss"][::4])
