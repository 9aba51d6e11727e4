"""Two circles. Gustavo Reyes.

Offers build_model() and train(model, inputs, labels); nothing happens on import.
"""

import torch
from torch import nn


def build_model():
    """2 -> 16 -> 16 -> 1, one logit."""
    torch.manual_seed(11)
    return nn.Sequential(
        nn.Linear(2, 16),
        nn.GELU(),
        nn.Linear(16, 16),
        nn.GELU(),
        nn.Linear(16, 1),
        nn.Flatten(start_dim=0),
    )


def train(model, inputs, labels, epochs=400, lr=0.02):
    """Train on arrays of points and labels, return the model."""
    x = torch.as_tensor(inputs, dtype=torch.float32)
    y = torch.as_tensor(labels, dtype=torch.float32)
    loss_fn = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    model.train()
    for _ in range(epochs):
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
