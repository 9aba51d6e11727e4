import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)
digits = load_digits(n_class=5)
x = (digits.data / 16).astype("float32")
t = digits.target
x_train, t_train, x_test, t_test = x[:320], t[:320], x[320:400], t[320:400]

inputs = keras.Input(shape=(64,))
h = layers.Dense(24, activation="relu")(inputs)
block = layers.Dense(24, activation="relu")(h)
block = layers.Dense(24)(block)
h = layers.Add()([h, block])
h = layers.Activation("relu")(h)
outputs = layers.Dense(5, activation="softmax")(h)
model = keras.Model(inputs, outputs)

model.compile(optimizer=keras.optimizers.Adam(0.005),
              loss=keras.losses.SparseCategoricalCrossentropy(),
              metrics=["accuracy"])
model.fit(x_train, t_train, epochs=15, batch_size=32, verbose=0)
print(model.evaluate(x_test, t_test, verbose=0))
