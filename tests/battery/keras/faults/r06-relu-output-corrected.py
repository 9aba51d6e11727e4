import keras
from keras.layers import Dense, Input
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(4)
X, y = make_blobs(n_samples=210, centers=3, n_features=3, random_state=4)
X_train, y_train = X[:150], y[:150]
X_test, y_test = X[150:], y[150:]
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

model = keras.Sequential([
    Input((3,)),
    Dense(24, activation="relu"),
    Dense(3),
])
model.compile(optimizer=keras.optimizers.Adam(0.01),
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(X_train, y_train, epochs=25, batch_size=25, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
