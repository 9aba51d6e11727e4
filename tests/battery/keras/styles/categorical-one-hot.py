import tensorflow as tf
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split
from tensorflow.keras.utils import to_categorical

tf.random.set_seed(9)
X, y = make_blobs(n_samples=250, centers=5, n_features=4, center_box=(-3, 3), cluster_std=0.5, random_state=9)
Y = to_categorical(y, num_classes=5)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.2, random_state=9)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.InputLayer(shape=(4,)))
model.add(tf.keras.layers.Dense(16))
model.add(tf.keras.layers.LeakyReLU(negative_slope=0.1))
model.add(tf.keras.layers.Dense(5))
model.add(tf.keras.layers.Softmax())
model.compile(loss="categorical_crossentropy", optimizer=tf.keras.optimizers.Adam(0.01), metrics=["accuracy"])
model.fit(X_train, Y_train, epochs=20, batch_size=20, verbose=0)
score = model.evaluate(X_test, Y_test, verbose=0)
print("Test loss:", score[0], "Test accuracy:", score[1])
