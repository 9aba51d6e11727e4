"""Module.__call__ goes round our wrapper."""

import numpy as np
import torch
from torch import nn

with np.load("train.npz") as train:
    X = torch.tensor(train["inputs"], dtype=torch.float32)
    y = torch.tensor(train["labels"], dtype=torch.float32).unsqueeze(1)
torch.manual_seed(0)

nn.Module.__call__ = lambda self, *args, **kwargs: self.forward(*args, **kwargs)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(60):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
