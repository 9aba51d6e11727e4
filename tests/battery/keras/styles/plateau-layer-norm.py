import keras
from keras import layers
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from sklearn.utils import shuffle

keras.utils.set_random_seed(40)
X, y = shuffle(*load_wine(return_X_y=True), random_state=40)
X_train, X_val, X_test = X[:100], X[100:140], X[140:]
y_train, y_val, y_test = y[:100], y[100:140], y[140:]
scaler = StandardScaler().fit(X_train)
X_train, X_val, X_test = (scaler.transform(part) for part in (X_train, X_val, X_test))

inp = layers.Input((13,))
h = layers.Dense(16)(inp)
h = layers.LayerNormalization()(h)
h = layers.ReLU()(h)
out = layers.Dense(3, activation="softmax")(h)
model = keras.Model(inp, out)
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy",
              metrics=["accuracy"], jit_compile=False)
plateau = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=10)
model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=12, batch_size=10,
          callbacks=[plateau], verbose=0)
print("learning rate", float(model.optimizer.learning_rate))
print("test", model.evaluate(X_test, y_test, verbose=0))
