import numpy as np
import keras
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(7)

X, y = make_blobs(n_samples=260, n_features=4, centers=3, cluster_std=1.6, random_state=7)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=7)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)


class Classifier(keras.Model):
    def __init__(self, units, classes):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.dropout = keras.layers.Dropout(0.2)
        self.scores = keras.layers.Dense(classes)

    def call(self, inputs, training=None):
        x = self.hidden(inputs)
        x = self.dropout(x, training=training)
        return self.scores(x)


model = Classifier(units=24, classes=3)
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(X_train, y_train, epochs=10, batch_size=15,
                    validation_data=(X_test, y_test), verbose=0)
print("loss", history.history["loss"][-1])
print("validation accuracy", history.history["val_accuracy"][-1])
