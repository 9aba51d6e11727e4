import numpy as np
import keras
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)
n = 240
age = rng.uniform(18, 80, n)
income = rng.normal(40000, 12000, n)
rate = rng.uniform(0, 1, n)
X = np.column_stack([age, income, rate])
y = ((age - 49) / 18 + (income - 40000) / 12000 > 0).astype(int)

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=10)

model = keras.Sequential([
    keras.layers.Input((3,)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=40, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
