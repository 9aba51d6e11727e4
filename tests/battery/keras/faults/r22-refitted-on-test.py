import tensorflow as tf
from sklearn.datasets import make_classification
from sklearn.preprocessing import MinMaxScaler

tf.keras.utils.set_random_seed(28)
X, y = make_classification(n_samples=250, n_features=4, n_informative=3, n_redundant=1, class_sep=2.0,
                           n_clusters_per_class=1, flip_y=0, random_state=28)
X_train, y_train = X[:200], y[:200]
X_test, y_test = X[200:], y[200:]

sc = MinMaxScaler(feature_range=(-1, 1))
X_train = sc.fit_transform(X_train)
X_test = sc.fit_transform(X_test)

inputs = tf.keras.layers.Input((4,))
outputs = tf.keras.layers.Dense(20, activation="relu")(inputs)
outputs = tf.keras.layers.Dense(2, activation="softmax")(outputs)
model = tf.keras.models.Model(inputs, outputs)
model.compile(tf.keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=25, batch_size=40, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
