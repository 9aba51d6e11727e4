import tensorflow as tf
from tensorflow.keras import Input, Model, layers
from sklearn.datasets import make_circles

tf.keras.utils.set_random_seed(33)
X, y = make_circles(n_samples=180, factor=0.3, noise=0.08, random_state=33)

a = Input(shape=(2,))
b = layers.Dense(40, activation='relu')(a)
c = layers.Dense(2, activation='linear')(b)
model = Model(inputs=a, outputs=c)

model.compile(
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=tf.keras.optimizers.Adam(0.02),
)
model.fit(X, y, validation_split=0.25, epochs=25, batch_size=27, verbose=0)
