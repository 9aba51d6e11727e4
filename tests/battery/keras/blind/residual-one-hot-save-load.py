import os
import tempfile

import numpy as np
import keras
from keras.layers import Activation, Add, Dense, Input
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(5)
X, y = load_wine(return_X_y=True)
Y = keras.utils.to_categorical(y, num_classes=3).astype("float32")
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, train_size=130, random_state=3, stratify=y)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

inputs = Input(shape=(13,))
first = Dense(16, activation="tanh")(inputs)
second = Dense(16)(first)
second = Activation("tanh")(second)
merged = Add()([first, second])
outputs = Dense(3, activation="softmax")(merged)
model = keras.Model(inputs=inputs, outputs=outputs)

model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005),
              loss=keras.losses.CategoricalCrossentropy(), metrics=["accuracy"])
model.fit(X_train, Y_train, batch_size=26, epochs=16, verbose=0)
print("accuracy", model.evaluate(X_test, Y_test, verbose=0)[1])

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "wine.keras")
    model.save(path)
    restored = keras.models.load_model(path)
before = model.predict(X_test, verbose=0)
after = restored.predict(X_test, verbose=0)
print("same predictions:", np.allclose(before, after))
