import tensorflow as tf
from sklearn.datasets import load_digits

tf.keras.utils.set_random_seed(26)
digits = load_digits(n_class=3)
images = tf.constant(digits.data / 16, dtype=tf.float32)
labels = tf.constant(digits.target, dtype=tf.int64)
train_ds = tf.data.Dataset.from_tensor_slices((images[:300], labels[:300])).shuffle(300).batch(50)

model = tf.keras.Sequential([
    tf.keras.layers.Dense(16, activation="relu"),
    tf.keras.layers.Dense(3, activation="softmax"),
])
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam(0.01)
mean_loss = tf.keras.metrics.Mean()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    mean_loss(loss)


for epoch in range(15):
    mean_loss.reset_state()
    for x, y in train_ds:
        train_step(x, y)
print("train loss", mean_loss.result().numpy())

prediction = tf.argmax(model(images[300:400]), axis=1)
print("test accuracy", tf.reduce_mean(tf.cast(prediction == labels[300:400], tf.float32)).numpy())
