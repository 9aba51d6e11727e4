import keras
from keras import ops
from keras.layers import Dense, Input
from sklearn.datasets import make_moons

keras.utils.set_random_seed(3)
X, y = make_moons(240, noise=0.1, random_state=3)

# no layers for activation and concatenation, only operations on symbolic tensors
inputs = Input((2,))
hidden = ops.relu(Dense(16)(inputs))
hidden = ops.relu(Dense(16)(hidden))
joined = ops.concatenate([inputs, hidden], axis=-1)
outputs = ops.sigmoid(Dense(1)(joined))
net = keras.Model(inputs=inputs, outputs=outputs)

net.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="binary_crossentropy")
hist = net.fit(X, y, epochs=30, batch_size=24, verbose=0)
print("loss", hist.history["loss"][-1])
