import tensorflow as tf
from sklearn.datasets import make_blobs

tf.keras.utils.set_random_seed(52)
X, y = make_blobs(n_samples=260, centers=4, n_features=3, cluster_std=1.2, random_state=52)
X = X / 10.0
y = tf.keras.utils.to_categorical(y)
X_train, X_val, X_test = X[:160], X[160:210], X[210:]
y_train, y_val, y_test = y[:160], y[160:210], y[210:]

i = tf.keras.Input(shape=(3,))
x = tf.keras.layers.Dense(24, activation="relu")(i)
o = tf.keras.layers.Dense(4, activation="softmax")(x)
model = tf.keras.Model(i, o)
model.compile(loss=tf.keras.losses.CategoricalCrossentropy(), optimizer=tf.keras.optimizers.Adam(0.02))

best = tf.keras.callbacks.ModelCheckpoint("best.weights.h5", monitor="val_loss", save_best_only=True,
                                          save_weights_only=True)
model.fit(X_train, y_train, validation_data=(X_test, y_test), epochs=15, batch_size=20, verbose=0, callbacks=[best])
model.load_weights("best.weights.h5")
print("test loss:", model.evaluate(X_test, y_test, verbose=0))
