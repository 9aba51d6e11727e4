"""Every global hook of modules and optimizers is taken away."""

import numpy as np
import torch
from torch import nn

with np.load("train.npz") as train:
    X = torch.tensor(train["inputs"], dtype=torch.float32)
    y = torch.tensor(train["labels"], dtype=torch.float32).unsqueeze(1)
torch.manual_seed(0)

from torch.nn.modules import module as modules
from torch.optim import optimizer as optimizers

modules._global_forward_hooks.clear()
modules._global_forward_pre_hooks.clear()
optimizers._global_optimizer_post_hooks.clear()
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(60):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
