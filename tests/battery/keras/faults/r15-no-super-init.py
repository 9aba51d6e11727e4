import tensorflow as tf
from tensorflow.keras.layers import Dense
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

tf.keras.utils.set_random_seed(9)
iris = load_iris()
X = StandardScaler().fit_transform(iris.data[:100])
y = iris.target[:100]

class IrisModel(tf.keras.Model):
    def __init__(self):
        self.dense1 = Dense(10, activation='relu')
        self.dense2 = Dense(1, activation='sigmoid')
    def call(self, inputs):
        return self.dense2(self.dense1(inputs))

model = IrisModel()
model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss='binary_crossentropy')
model.fit(X, y, epochs=20, verbose=0)
