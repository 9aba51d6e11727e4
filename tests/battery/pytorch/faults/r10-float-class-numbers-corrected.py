import numpy as np
import torch
from torch import nn, optim

rng = np.random.RandomState(33)
torch.manual_seed(33)

# four corners, one class each
labels = rng.randint(0, 4, size=200)
corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
points = corners[labels] + rng.normal(scale=0.25, size=(200, 2))

x = torch.Tensor(points)
t = torch.LongTensor(labels)

mlp = nn.Sequential(nn.Linear(2, 12), nn.Sigmoid(), nn.Linear(12, 4))
ce = nn.CrossEntropyLoss()
adam = optim.Adam(mlp.parameters(), lr=0.05)

for i in range(120):
    adam.zero_grad()
    z = mlp(x)
    l = ce(z, t)
    l.backward()
    adam.step()
    if i % 30 == 0:
        print(i, l.item())
