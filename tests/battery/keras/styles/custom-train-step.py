import keras
import tensorflow as tf
from sklearn.datasets import make_moons

keras.utils.set_random_seed(29)


class CustomModel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


X, y = make_moons(n_samples=280, noise=0.1, random_state=29)
y = y.astype("float32")[:, None]
X_train, y_train, X_val, y_val = X[:220], y[:220], X[220:], y[220:]

inputs = keras.Input(shape=(2,))
x = keras.layers.Dense(24, activation="mish")(inputs)
x = keras.layers.Dense(12, activation="mish")(x)
outputs = keras.layers.Dense(1, activation="sigmoid")(x)
model = CustomModel(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=20, verbose=0)
print(model.evaluate(X_val, y_val, verbose=0))
