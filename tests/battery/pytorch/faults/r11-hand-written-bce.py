import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(12)
X, y = make_circles(n_samples=120, noise=0.05, factor=0.5, random_state=12)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.Tanh(),
    nn.Linear(16, 1),
    nn.Sigmoid(),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)


def binary_cross_entropy(p, t):
    p = p.clamp(1e-6, 1 - 1e-6)
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


for epoch in range(150):
    p = model(X)
    loss = binary_cross_entropy(p, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("loss", loss.item())
