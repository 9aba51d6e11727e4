import numpy as np
import tensorflow as tf
import keras
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

keras.utils.set_random_seed(13)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=48, stratify=y, random_state=13)
prep = MinMaxScaler().fit(X_train)
X_train = prep.transform(X_train)
X_test = prep.transform(X_test)
y_train = np.eye(3)[y_train]
y_test = np.eye(3)[y_test]

def make_model():
    i = keras.Input((13,))
    h = keras.layers.Dense(32, activation="gelu")(i)
    o = keras.layers.Dense(3, activation="softmax")(h)
    return keras.Model(i, o)

model = make_model()
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.BinaryCrossentropy(),
    metrics=["categorical_accuracy"],
)
train_set = tf.data.Dataset.from_tensor_slices((X_train, y_train)).shuffle(130).batch(26)
model.fit(train_set, epochs=30, verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
