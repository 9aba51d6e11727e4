import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(12)
rng = np.random.default_rng(12)
centres = np.array([[1, 0, 0.5, -1], [-1, 1, 0, 0.5], [0, -1, -1, 1]])
y = rng.integers(0, 3, size=220)
x = centres[y][:, None, :] + rng.normal(scale=0.8, size=(220, 6, 4))
x = x.astype("float32")
y = y.astype("int32")

inp = keras.Input((6, 4))
h = layers.Dense(16)(inp)
a = layers.MultiHeadAttention(num_heads=2, key_dim=8)(h, h)
h = layers.Add()([h, a])
h = layers.LayerNormalization()(h)
h = layers.GlobalAveragePooling1D()(h)
out = layers.Dense(3, activation="softmax")(h)

net = keras.Model(inp, out, name="tiny_transformer")
net.compile(optimizer=keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy")
net.fit(x[:160], y[:160], epochs=4, batch_size=20, verbose=0)
guess = net(x[160:], training=False).numpy().argmax(axis=-1)
print("accuracy", (guess == y[160:]).mean())
