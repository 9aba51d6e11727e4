import tensorflow as tf
from sklearn.datasets import make_blobs

tf.keras.utils.set_random_seed(23)
X, y = make_blobs(n_samples=200, centers=4, n_features=2, cluster_std=0.7, random_state=23)
X = (X - X[:160].mean(0)) / X[:160].std(0)

model = tf.keras.models.Sequential([
    tf.keras.layers.Input((2,)),
    tf.keras.layers.Dense(25, activation='relu'),
    tf.keras.layers.Dense(4, activation='softmax')
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.02),
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])
model.fit(X[:160], y[:160], epochs=30, verbose=0)
model.evaluate(X[160:], y[160:], verbose=2)
