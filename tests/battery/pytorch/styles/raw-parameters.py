import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_blobs

torch.manual_seed(1)
X, y = make_blobs(n_samples=150, centers=[[-1, -1, 0, 0], [1, 1, 0, 1], [1, -1, 1, -1]],
                  cluster_std=0.4, random_state=1)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)


class TwoMatrices(nn.Module):
    """A network without any nn.Linear."""

    def __init__(self):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(4, 16) * 0.5)
        self.b1 = nn.Parameter(torch.zeros(16))
        self.W2 = nn.Parameter(torch.randn(16, 3) * 0.25)
        self.b2 = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        h = torch.tanh(x @ self.W1 + self.b1)
        return h @ self.W2 + self.b2


model = TwoMatrices()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(100):
    loss = F.cross_entropy(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 25 == 0:
        print(epoch, loss.item())
