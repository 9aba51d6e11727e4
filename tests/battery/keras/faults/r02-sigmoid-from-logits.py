import tensorflow as tf
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

tf.keras.utils.set_random_seed(7)

X, y = make_moons(n_samples=240, noise=0.1, random_state=7)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=40, random_state=7)

model = tf.keras.Sequential()
model.add(tf.keras.Input(shape=(2,)))
model.add(tf.keras.layers.Dense(32, activation="relu"))
model.add(tf.keras.layers.Dense(16, activation="relu"))
model.add(tf.keras.layers.Dense(1, activation="sigmoid"))

bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)
model.compile(loss=bce, optimizer=tf.keras.optimizers.Adam(0.01))
model.fit(X_train, y_train, epochs=30, batch_size=20, verbose=0, validation_data=(X_val, y_val))
