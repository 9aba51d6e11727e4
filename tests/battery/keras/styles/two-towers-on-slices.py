import numpy as np
import tensorflow as tf
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

tf.keras.utils.set_random_seed(5)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=5, stratify=y)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

wine = tf.keras.Input(shape=(13,))
chemistry = tf.keras.layers.Dense(10, activation="elu")(wine[:, :7])
colour = tf.keras.layers.Dense(6, activation="elu")(wine[:, 7:])
together = tf.keras.layers.Concatenate()([chemistry, colour])
cultivar = tf.keras.layers.Dense(3, activation="softmax")(together)

towers = tf.keras.Model(wine, cultivar)
towers.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy",
               metrics=["accuracy"])
towers.fit(X_train, y_train, epochs=20, batch_size=19, verbose=0)
print("test", towers.evaluate(X_test, y_test, verbose=0))
