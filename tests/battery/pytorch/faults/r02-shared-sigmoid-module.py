import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(55)
X, y = make_circles(n_samples=220, noise=0.04, factor=0.4, random_state=55)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(-1)


class Rings(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 18)
        self.outer = nn.Linear(18, 1)
        self.sig = nn.Sigmoid()

    def forward(self, x):
        x = self.sig(self.inner(x))
        x = self.outer(x)
        x = self.sig(x)
        return x


rings = Rings()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(rings.parameters(), lr=0.1)
for i in range(150):
    optimizer.zero_grad()
    loss = loss_fn(rings(X), y)
    loss.backward()
    optimizer.step()
    if (i + 1) % 50 == 0:
        print(i + 1, loss.item())
