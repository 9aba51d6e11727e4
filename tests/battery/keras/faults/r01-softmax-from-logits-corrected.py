import keras
from keras import layers
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(42)

X, y = make_blobs(n_samples=200, centers=3, n_features=2, cluster_std=1.0, random_state=3)
X = X / 10
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=42)

model = keras.Sequential(
    [
        layers.Input(shape=(2,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(3),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(X_train, y_train, epochs=40, verbose=0)

test_loss, test_acc = model.evaluate(X_test, y_test, verbose=0)
print("test accuracy:", round(test_acc, 3))
