import numpy as np
import pandas as pd
import keras
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(35)
rng = np.random.default_rng(35)
n = 220
table = pd.DataFrame({
    "age": rng.uniform(20, 70, n),
    "pressure": rng.normal(120, 15, n),
    "smoker": rng.integers(0, 2, n),
    "active": rng.integers(0, 2, n),
})
ill = ((table["age"] > 45) | (table["pressure"] > 140)).to_numpy().astype("int64")
train, test = table[:170], table[170:]

prepare = ColumnTransformer([("numbers", StandardScaler(), ["age", "pressure"])], remainder="passthrough")
X_train = prepare.fit_transform(train)
X_test = prepare.transform(test)

model = keras.Sequential([
    keras.layers.Input((X_train.shape[1],)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, ill[:170], epochs=30, batch_size=34, verbose=0)
print(model.evaluate(X_test, ill[170:], verbose=0))
