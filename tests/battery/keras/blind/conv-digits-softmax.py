import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(3)

digits = load_digits(n_class=4)
x = (digits.images[:320] / 16.0).astype("float32")[..., np.newaxis]
y = digits.target[:320]
x_train, x_test = x[:250], x[250:]
y_train, y_test = y[:250], y[250:]

model = keras.Sequential([
    keras.Input(shape=(8, 8, 1)),
    layers.Conv2D(8, kernel_size=(3, 3), padding="same", activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Conv2D(16, kernel_size=(3, 3), activation="relu"),
    layers.Flatten(),
    layers.Dropout(0.25),
    layers.Dense(4, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy",
              optimizer=keras.optimizers.Adam(learning_rate=0.005), metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=25, epochs=12, verbose=0)
score = model.evaluate(x_test, y_test, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
