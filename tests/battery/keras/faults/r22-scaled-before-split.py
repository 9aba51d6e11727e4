import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(19)
X, y = load_breast_cancer(return_X_y=True)
X, y = X[:280], y[:280]
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=80, random_state=19)

model = keras.Sequential()
model.add(keras.layers.Input((30,)))
model.add(keras.layers.Dense(8, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
model.fit(X_train, y_train, epochs=6, batch_size=25, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
