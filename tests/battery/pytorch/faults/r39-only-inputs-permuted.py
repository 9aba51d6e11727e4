import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_moons

torch.manual_seed(110)
rng = np.random.default_rng(110)
X, y = make_moons(n_samples=400, noise=0.1, random_state=110)

# shuffle the data
order = rng.permutation(len(X))
X = X[order]

X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)

model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)

for epoch in range(200):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 40 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f}")
