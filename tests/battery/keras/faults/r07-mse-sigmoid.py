from keras.models import Sequential
from keras.layers import Input, Dense
from keras.optimizers import Adam
from keras.utils import set_random_seed
from sklearn.datasets import make_moons

set_random_seed(1)
X, y = make_moons(n_samples=250, noise=0.1, random_state=1)

model = Sequential()
model.add(Input(shape=(2,)))
model.add(Dense(20, activation='relu'))
model.add(Dense(20, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer=Adam(0.01), loss='mse', metrics=['accuracy'])
model.fit(X[:200], y[:200], epochs=30, verbose=0)
loss, acc = model.evaluate(X[200:], y[200:], verbose=0)
print(f'accuracy {acc:.2f}')
