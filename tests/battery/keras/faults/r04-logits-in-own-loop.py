import numpy as np
import tensorflow as tf
from tensorflow import keras
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(123)
X, y = load_wine(return_X_y=True)
order = np.random.permutation(len(X))
X, y = X[order], y[order]
scaler = StandardScaler().fit(X[:138])
X_train, y_train = scaler.transform(X[:138]).astype("float32"), y[:138]
X_test, y_test = scaler.transform(X[138:]).astype("float32"), y[138:]


class WineNet(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.d1 = keras.layers.Dense(units, activation="relu")
        self.d2 = keras.layers.Dense(3)

    def call(self, inputs):
        return self.d2(self.d1(inputs))


model = WineNet(16)
optimizer = keras.optimizers.SGD(learning_rate=0.1)
criterion = keras.losses.SparseCategoricalCrossentropy()
dataset = tf.data.Dataset.from_tensor_slices((X_train, y_train)).shuffle(138).batch(23)

for epoch in range(15):
    for xb, yb in dataset:
        with tf.GradientTape() as tape:
            loss = criterion(yb, model(xb, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))

y_hat = model.predict(X_test, verbose=0).argmax(axis=1)
print("accuracy", np.mean(y_hat == y_test))
