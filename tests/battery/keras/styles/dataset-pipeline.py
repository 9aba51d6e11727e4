import tensorflow as tf
from sklearn.datasets import make_blobs

tf.random.set_seed(31)
X, y = make_blobs(n_samples=300, centers=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], cluster_std=0.25, random_state=31)
X = X.astype("float32")
y = y.astype("int32")

train_ds = tf.data.Dataset.from_tensor_slices((X[:240], y[:240]))
train_ds = train_ds.shuffle(240).batch(24).prefetch(1)
test_ds = tf.data.Dataset.from_tensor_slices((X[240:], y[240:])).batch(30)

model = tf.keras.Sequential([
    tf.keras.Input((3,)),
    tf.keras.layers.Dense(12, activation=tf.nn.relu),
    tf.keras.layers.Dense(3, activation=tf.nn.softmax),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.02),
              loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False), metrics=["accuracy"])
model.fit(train_ds, epochs=20, verbose=0)
loss, acc = model.evaluate(test_ds, verbose=0)
print("test", loss, acc)
