import keras
from keras import layers
from keras.utils import to_categorical
from sklearn.datasets import make_blobs

keras.utils.set_random_seed(3)
X, y = make_blobs(n_samples=120, centers=3, random_state=30)
X /= 10
y = to_categorical(y, num_classes=3)

model = keras.Sequential([
    layers.Input((2,)),
    layers.Dense(14, activation="relu"),
    layers.Dense(3, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="categorical_crossentropy")
model.fit(X, y, epochs=30, batch_size=20, verbose=0)
