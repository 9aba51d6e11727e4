import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(20)
rng = np.random.default_rng(20)

# 64 points of each class, one class after the other
centres = [(-2, -1), (2, -1), (0, 2)]
X = np.concatenate([rng.normal(c, 0.5, size=(64, 2)) for c in centres])
y = np.repeat([0, 1, 2], 64)

loader = DataLoader(TensorDataset(torch.tensor(X).float(), torch.tensor(y)), batch_size=32)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for epoch in range(25):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", loss.item())
