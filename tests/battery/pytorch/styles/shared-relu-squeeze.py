import numpy as np
import torch
from torch import nn

torch.manual_seed(5)
rng = np.random.default_rng(5)

# two noisy spirals' easier cousin: an XOR pattern
X = rng.uniform(-1, 1, size=(280, 2)).astype(np.float32)
y = ((X[:, 0] * X[:, 1]) > 0).astype(np.float32)
X_train, y_train = torch.tensor(X[:220]), torch.tensor(y[:220])
X_val, y_val = torch.tensor(X[220:]), torch.tensor(y[220:])


class XorNet(nn.Module):
    def __init__(self, n_hidden=24):
        super().__init__()
        self.layer1 = nn.Linear(2, n_hidden)
        self.layer2 = nn.Linear(n_hidden, n_hidden)
        self.layer3 = nn.Linear(n_hidden, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.layer1(x))
        x = self.relu(self.layer2(x))
        return self.layer3(x).squeeze(1)


xor = XorNet()
loss_function = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam(xor.parameters(), lr=0.02)

for epoch in range(100):
    xor.train()
    loss = loss_function(xor(X_train), y_train)
    optim.zero_grad()
    loss.backward()
    optim.step()

xor.eval()
with torch.no_grad():
    pred = (xor(X_val) > 0).float()
print((pred == y_val).float().mean())
