import numpy as np
import torch
from torch import nn

torch.manual_seed(39)
rng = np.random.default_rng(39)
X = rng.normal(size=(200, 2))
y = (np.sqrt((X ** 2).sum(axis=1)) > 1.2).astype(float)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(2, 16)
        self.linear2 = nn.Linear(16, 1)

    def forward(self, x):
        x = torch.tanh(self.linear1(x))
        return torch.sigmoid(self.linear2(x))


def cross_entropy_loss(p, t):
    eps = 1e-7
    return -(t * torch.log(p + eps) + (1 - t) * torch.log(1 - p + eps)).mean()


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
for epoch in range(200):
    p = model(X)
    loss = cross_entropy_loss(p, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("loss", loss.item())
