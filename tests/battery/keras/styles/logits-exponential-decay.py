import keras
from keras.layers import Dense, Input
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

keras.utils.set_random_seed(20)
data = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    data.data, data.target, test_size=38, random_state=20, stratify=data.target)
scaler = MinMaxScaler().fit(X_train)

model = keras.Sequential([Input((13,)), Dense(16, activation="relu"), Dense(3)])
schedule = keras.optimizers.schedules.ExponentialDecay(0.02, decay_steps=100, decay_rate=0.96)
model.compile(
    optimizer=keras.optimizers.Adam(schedule),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(scaler.transform(X_train), y_train, epochs=30, batch_size=20, verbose=0)
logits = model.predict(scaler.transform(X_test), verbose=0)
print("accuracy", (logits.argmax(axis=1) == y_test).mean())
