from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Input, Dense
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.utils import set_random_seed
from sklearn.datasets import make_blobs

set_random_seed(0)
X, y = make_blobs(n_samples=180, centers=3, n_features=4, cluster_std=1.5, random_state=21)
X = X / 10.0

model = Sequential()
model.add(Input((4,)))
model.add(Dense(12, activation='relu'))
model.add(Dense(3, activation='softmax'))
model.compile(loss='sparse_categorical_crossentropy', optimizer=Adam(0.01), metrics=['accuracy'])
model.fit(X, y, validation_split=0.2, epochs=25, batch_size=16, verbose=0)
