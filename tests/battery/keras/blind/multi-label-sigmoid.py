import numpy as np
import keras
from keras import layers

SEED = 15
keras.utils.set_random_seed(SEED)
rng = np.random.default_rng(SEED)

W = rng.normal(size=(5, 3))
W = W / np.linalg.norm(W, axis=0)
X = rng.normal(size=(1200, 5))
X = X[(np.abs(X @ W) > 0.3).all(axis=1)][:320].astype(np.float32)
Y = (X @ W > 0).astype(np.float32)

X_train, X_test = X[:260], X[260:]
Y_train, Y_test = Y[:260], Y[260:]


def build_model(n_inputs, n_tags):
    model = keras.Sequential(name="tagger")
    model.add(layers.Input(shape=(n_inputs,)))
    model.add(layers.Dense(20, activation="elu", kernel_initializer="he_normal"))
    model.add(layers.Dense(n_tags, activation="sigmoid"))
    model.compile(optimizer=keras.optimizers.Nadam(learning_rate=0.02),
                  loss=keras.losses.binary_crossentropy,
                  metrics=["binary_accuracy"])
    return model


model = build_model(5, 3)
model.fit(X_train, Y_train, epochs=20, batch_size=26, verbose=0, shuffle=True)
loss, acc = model.evaluate(X_test, Y_test, verbose=0)
print(f"loss {loss:.3f}, binary accuracy {acc:.3f}")
